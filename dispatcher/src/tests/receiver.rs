//! An endpoint on loopback that answers what it was told to and keeps what it was sent.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request that came in.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: serde_json::Value,
    /// The body as it came.
    pub(super) raw: Vec<u8>,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let (_, value) = lines.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.trim())
    }
}

#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    requests: UnboundedReceiver<Received>,
}

/// A whole answer without a body.
pub(super) fn answer(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

impl Receiver {
    /// Gives the answers in turn, the last one for ever after.
    pub(super) async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = unbounded_channel();
        tokio::spawn(accept(listener, Arc::new(answers), sender));
        Self { address, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next request, which has come already.
    pub(super) fn taken(&mut self) -> Option<Received> {
        self.requests.try_recv().ok()
    }

    /// The next request, when it comes.
    pub(super) async fn next(&mut self) -> Received {
        self.requests.recv().await.unwrap()
    }
}

async fn accept(
    listener: TcpListener,
    answers: Arc<Vec<Vec<u8>>>,
    sender: UnboundedSender<Received>,
) {
    let mut count = 0;
    while let Ok((socket, _)) = listener.accept().await {
        let answer = answers[count.min(answers.len() - 1)].clone();
        count += 1;
        tokio::spawn(serve(socket, answer, sender.clone()));
    }
}

async fn serve(mut socket: TcpStream, answer: Vec<u8>, sender: UnboundedSender<Received>) {
    let mut seen = Vec::new();
    let received = loop {
        let mut buffer = [0; 4096];
        match socket.read(&mut buffer).await {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
        if let Some(received) = parse(&seen) {
            break received;
        }
    };
    sender.send(received).unwrap();
    drop(socket.write_all(&answer).await);
    let mut rest = [0; 64];
    while matches!(socket.read(&mut rest).await, Ok(count) if count > 0) {}
}

/// A request, once it is whole.
fn parse(seen: &[u8]) -> Option<Received> {
    let end = seen.windows(4).position(|end| end == b"\r\n\r\n")?;
    let head = String::from_utf8(seen[..end].to_vec()).unwrap();
    let mut received = Received {
        head,
        body: serde_json::Value::Null,
        raw: Vec::new(),
    };
    let length: usize = received.header("content-length")?.parse().unwrap();
    let body = seen[end + 4..].get(..length)?;
    received.body = serde_json::from_slice(body).unwrap();
    received.raw = body.to_vec();
    Some(received)
}
