//! A wire to a server of this machine, which a test can cut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use url::Url;

/// Passes connections on to a server.
#[derive(Debug)]
pub struct Cable {
    address: SocketAddr,
    trouble: broadcast::Sender<Trouble>,
    accepting: JoinHandle<()>,
}

/// What befalls the connections that there are. Later ones are passed on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Both ends are closed.
    Cut,
    /// The far end is closed; the near one is left alone.
    Vanished,
}

impl Cable {
    /// A wire to that port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (trouble, troubles) = broadcast::channel(16);
        let accepting = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.expect("a connection");
                tokio::spawn(pass(near, port, troubles.resubscribe()));
            }
        });
        Self {
            address,
            trouble,
            accepting,
        }
    }

    /// A wire to the server of this address, and that address by way of the wire.
    ///
    /// # Panics
    ///
    /// When it is no address with a port.
    pub async fn along(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).expect("an address");
        let cable = Self::to(url.port().expect("a port")).await;
        url.set_port(Some(cable.port())).expect("a host");
        (cable, url.into())
    }

    /// Its near end.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Cuts all connections without a word.
    pub fn cut(&self) {
        self.all(Trouble::Cut);
    }

    /// As if the server's host were gone: what is sent to it by connections that there are is taken, and
    /// nothing comes back, not even an end.
    pub fn vanish(&self) {
        self.all(Trouble::Vanished);
    }

    fn all(&self, trouble: Trouble) {
        // An error means that there is none.
        drop(self.trouble.send(trouble));
    }
}

/// Carries bytes both ways until one side ends, or the wire is cut.
async fn pass(mut near: TcpStream, port: u16, mut troubles: broadcast::Receiver<Trouble>) {
    let mut far = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("the server is there");
    let trouble = tokio::select! {
        trouble = troubles.recv() => trouble,
        // However it ends, so does the other end.
        _ = copy_bidirectional(&mut near, &mut far) => return,
    };
    if trouble == Ok(Trouble::Vanished) {
        drop(far);
        // Until the other side gives up, or the test does.
        let given_up = async {
            drop(tokio::io::copy(&mut near, &mut tokio::io::sink()).await);
        };
        let cut = async { while troubles.recv().await == Ok(Trouble::Vanished) {} };
        tokio::select! {
            () = given_up => {}
            () = cut => {}
        }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}
