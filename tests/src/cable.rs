//! A wire to a server of this machine, which a test can cut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// Passes connections on to a server.
#[derive(Debug)]
pub struct Cable {
    address: SocketAddr,
    cut: broadcast::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Cable {
    /// A wire to that port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (cut, cuts) = broadcast::channel(1);
        let accepting = tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.expect("a connection");
                let mut cuts = cuts.resubscribe();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", port))
                        .await
                        .expect("the server is there");
                    tokio::select! {
                        _ = cuts.recv() => {}
                        // However it ends, so does the other end.
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                    }
                });
            }
        });
        Self {
            address,
            cut,
            accepting,
        }
    }

    /// Its near end.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Cuts all connections without a word; later ones are passed on again.
    pub fn cut(&self) {
        // An error means that there is none.
        drop(self.cut.send(()));
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}
