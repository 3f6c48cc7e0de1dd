//! The server on a real socket: it serves, and it ends in good order.

use std::time::Duration;

use common::job::Mode;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::support::{Harness, html_with};
use crate::config::Config;

async fn exchange(socket: &mut TcpStream, request: &str) -> String {
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

fn post(key: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /v1/html/pdf HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_stop_lets_the_request_in_hand_end_and_takes_no_new_connection() {
    let gateway = Harness::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (parts, lifecycle) = (gateway.parts.clone(), gateway.lifecycle.clone());
    crate::start(Config::default(), parts, listener, &lifecycle)
        .await
        .unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = post(&gateway.key, &html_with("<p>x", &json!({})).to_string());
    let (answer, ()) = tokio::join!(exchange(&mut socket, &request), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        lifecycle.draining.cancel();
        gateway.succeed(message.job).await;
    });
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(super::support::RESULT), "{answer}");
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0);
    lifecycle.finished().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_cut() {
    let gateway = Harness::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = Config {
        drain_wait: Duration::ZERO,
        ..Config::default()
    };
    let (parts, lifecycle) = (gateway.parts.clone(), gateway.lifecycle.clone());
    crate::start(config, parts, listener, &lifecycle)
        .await
        .unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket
        .write_all(b"GET /health/live HTTP/1.1\r\n")
        .await
        .unwrap();
    lifecycle.draining.cancel();
    lifecycle.finished().await;
    let mut rest = Vec::new();
    assert!(matches!(
        socket.read_to_end(&mut rest).await,
        Ok(0) | Err(_)
    ));
}
