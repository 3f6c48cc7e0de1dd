//! The proxy between a raw client and real hosts on loopback.

mod made_up;
mod passing;
mod refusing;

use std::net::SocketAddr;

use hyper::header::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::*;
use crate::folder::Folder;

/// A proxy for which loopback is open.
async fn open() -> Proxy {
    let policy = Policy::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let rules = Rules {
        policy,
        origin: None,
    };
    Proxy::bind(rules).await.unwrap()
}

/// A proxy for which nothing private is open.
async fn closed() -> Proxy {
    Proxy::bind(Rules::default()).await.unwrap()
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

/// Sends a request on a connection of its own and reads until the proxy closes it.
async fn ask(proxy: &Proxy, request: &str) -> String {
    let mut stream = connect(proxy).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(proxy: &Proxy, url: &str) -> String {
    ask(
        proxy,
        &format!("GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    )
    .await
}

/// Reads up to and with the end of a head or of a chunk that ends in these bytes.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        text.push(char::from(stream.read_u8().await.unwrap()));
    }
    text
}

/// A host that gives the same answer to every request and tells what it was asked.
async fn host(answer: &'static str) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = read_until(&mut stream, "\r\n\r\n").await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            heads.send(head).unwrap();
        }
    });
    (address, asked)
}

/// A host that sends back whatever it gets.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await.ok();
            });
        }
    });
    address
}

/// Opens a tunnel and checks that it is one.
async fn tunnel(proxy: &Proxy, to: impl std::fmt::Display) -> TcpStream {
    let mut stream = connect(proxy).await;
    let request =
        format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\nProxy-Authorization: Basic eDp5\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    stream
}
