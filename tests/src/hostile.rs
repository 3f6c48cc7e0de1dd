//! Endpoints that behave as no endpoint should, on sockets of their own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How an endpoint answers, or does not.
#[derive(Debug, Clone)]
pub enum Manner {
    /// A byte of the head each second, for ever.
    DripsHead,
    /// A good head at once, then a byte of the body each second, for ever.
    DripsBody,
    /// A good head, then a body without end, as fast as it is taken.
    Endless,
    /// These bytes, and then it hangs up.
    Says(Vec<u8>),
    /// Takes the request and says nothing.
    Silent,
    /// Does not even read.
    Deaf,
}

/// Such an endpoint; it ends with its value.
#[derive(Debug)]
pub struct Hostile {
    port: u16,
    calls: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Hostile {
    /// Starts one.
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (calls, written) = (Arc::default(), Arc::default());
        let task = tokio::spawn(serve(
            listener,
            manner,
            Arc::clone(&calls),
            Arc::clone(&written),
        ));
        Self {
            port,
            calls,
            written,
            task,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The same as https, which it does not speak.
    pub fn tls_url(&self) -> String {
        format!("https://127.0.0.1:{}/hook", self.port)
    }

    /// How many connections it has taken.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many bytes were taken from it.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    manner: Manner,
    calls: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
) {
    while let Ok((socket, _)) = listener.accept().await {
        calls.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(answer(socket, manner.clone(), Arc::clone(&written)));
    }
}

/// What an endpoint says, counted.
struct Voice {
    socket: TcpStream,
    written: Arc<AtomicUsize>,
}

impl Voice {
    async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await?;
        self.written.fetch_add(bytes.len(), Ordering::SeqCst);
        Ok(())
    }

    /// A byte each second, without end: that is the behaviour, and not a wait for anything.
    async fn drip(&mut self, begin: &[u8]) -> io::Result<()> {
        for byte in begin.iter().chain(std::iter::repeat(&b'x')) {
            self.say(&[*byte]).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }

    async fn go_on(&mut self) -> io::Result<()> {
        loop {
            self.say(&[b'x'; 16 * 1024]).await?;
        }
    }
}

/// Whatever it does ends when the other side hangs up.
async fn answer(
    mut socket: TcpStream,
    manner: Manner,
    written: Arc<AtomicUsize>,
) -> io::Result<()> {
    let mut request = vec![0; 64 * 1024];
    if !matches!(manner, Manner::Deaf) {
        let read = socket.read(&mut request).await?;
        if read == 0 {
            return Ok(());
        }
    }
    let mut voice = Voice { socket, written };
    match manner {
        Manner::DripsHead => voice.drip(b"HTTP/1.1 200 OK\r\nx-endless: ").await,
        Manner::DripsBody => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
            voice.say(head).await?;
            voice.drip(b"").await
        }
        Manner::Endless => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n";
            voice.say(head).await?;
            voice.go_on().await
        }
        Manner::Says(bytes) => {
            voice.say(&bytes).await?;
            // Says no more, and hears the other side out: closed with unread bytes, it would be a reset.
            voice.socket.shutdown().await?;
            while voice.socket.read(&mut request).await? > 0 {}
            Ok(())
        }
        Manner::Silent | Manner::Deaf => std::future::pending().await,
    }
}
