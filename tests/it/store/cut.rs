//! A wire to PostgreSQL that is cut when a commit was done and before its answer is heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a commit looks on the wire.
const COMMIT: &[u8] = b"COMMIT";

/// The wire; it carries connections until the test ends.
pub(super) struct Cut {
    /// The database's address by way of the wire.
    pub(super) url: String,
    armed: Arc<AtomicBool>,
}

impl Cut {
    /// Lays a wire to a database.
    pub(super) async fn start(url: &str) -> Self {
        let (head, database) = url.rsplit_once('/').expect("a database");
        let (head, port) = head.rsplit_once(':').expect("a port");
        let server = format!("127.0.0.1:{port}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&armed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&watched)));
            }
        });
        Self {
            url: format!("{head}:{port}/{database}"),
            armed,
        }
    }

    /// Cuts the connection that commits next.
    pub(super) fn at_the_next_commit(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }
}

/// Carries bytes both ways until one side ends, or the wire is cut.
async fn carry(mut client: TcpStream, mut server: TcpStream, armed: Arc<AtomicBool>) {
    let (mut asked, mut answered) = ([0; 64 * 1024], [0; 64 * 1024]);
    loop {
        tokio::select! {
            Ok(length @ 1..) = client.read(&mut asked) => {
                let asked = &asked[..length];
                server.write_all(asked).await.unwrap();
                let commits = asked.windows(COMMIT.len()).any(|bytes| bytes == COMMIT);
                if commits && armed.swap(false, Ordering::SeqCst) {
                    // An answer means that it is done.
                    let length = server.read(&mut answered).await.unwrap();
                    assert_ne!(length, 0, "the server hung up before it committed");
                    return;
                }
            }
            Ok(length @ 1..) = server.read(&mut answered) => {
                client.write_all(&answered[..length]).await.unwrap();
            }
            else => return,
        }
    }
}
