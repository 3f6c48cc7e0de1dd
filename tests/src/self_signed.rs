//! An https server whose certificate nobody vouches for.

use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::{eventually, port};

/// A running one; it ends with its value.
#[derive(Debug)]
pub struct SelfSigned {
    server: Child,
    port: u16,
    _folder: TempDir,
}

impl SelfSigned {
    /// Makes a certificate and starts a server with it.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            ])
            .args([
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
            ])
            .args(["-keyout", "key.pem", "-out", "certificate.pem"])
            .current_dir(&folder)
            .stderr(Stdio::null())
            .status();
        assert!(
            made.expect("openssl starts").success(),
            "a certificate is made"
        );
        let port = port::free();
        let server = Command::new("openssl")
            .args([
                "s_server",
                "-quiet",
                "-www",
                "-key",
                "key.pem",
                "-cert",
                "certificate.pem",
            ])
            .args(["-accept", &format!("127.0.0.1:{port}")])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = Self {
            server: server.expect("openssl starts"),
            port,
            _folder: folder,
        };
        eventually("the https server", || async {
            TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
        })
        .await;
        server
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}/hook", self.port)
    }
}

impl Drop for SelfSigned {
    fn drop(&mut self) {
        self.server.kill().expect("it can be ended");
        self.server.wait().expect("it ends");
    }
}
