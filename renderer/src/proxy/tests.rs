//! The proxy between a raw client and real hosts on loopback.

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

#[tokio::test]
async fn a_request_is_passed_on_and_its_answer_back() {
    let (address, mut asked) = host(
        "HTTP/1.1 201 Fine\r\nContent-Length: 5\r\nX-Kept: 1\r\nKeep-Alive: timeout=9\r\n\
         X-Platen-Proxy: refused\r\nConnection: X-Gone\r\nX-Gone: 1\r\n\r\nhello",
    )
    .await;
    let proxy = open().await;
    let answer = ask(
        &proxy,
        &format!(
            "GET http://me:secret@{address}/a%20b?c=d HTTP/1.1\r\nHost: liar.example\r\nAccept: */*\r\n\
             Proxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\nX-Private: 1\r\n\
             Connection: close, X-Private\r\n\r\n"
        ),
    )
    .await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "hello");
    let mut lines: Vec<_> = head.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "Connection: close",
            "Content-Length: 5",
            "HTTP/1.1 201 Fine",
            "X-Kept: 1"
        ]
    );
    let seen = asked.recv().await.unwrap();
    let mut lines: Vec<_> = seen.trim_end().lines().collect();
    lines.sort_unstable();
    let host = format!("Host: {address}");
    assert_eq!(
        lines,
        ["Accept: */*", "GET /a%20b?c=d HTTP/1.1", host.as_str()]
    );
    assert_eq!(proxy.refusals(), []);
    assert_eq!(proxy.failures(), []);
}

#[tokio::test]
async fn bodies_are_streamed_both_ways() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = open().await;
    let mut page = connect(&proxy).await;
    let head = format!(
        "POST http://{address}/ HTTP/1.1\r\nHost: {address}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    page.write_all(head.as_bytes()).await.unwrap();
    page.write_all(b"3\r\none\r\n").await.unwrap();

    let (mut host, _) = listener.accept().await.unwrap();
    let head = read_until(&mut host, "\r\n\r\n").await;
    assert!(
        head.to_lowercase().contains("transfer-encoding: chunked"),
        "{head}"
    );
    assert_eq!(read_until(&mut host, "one\r\n").await, "3\r\none\r\n");
    host.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nback\r\n")
        .await
        .unwrap();
    read_until(&mut page, "\r\n\r\n").await;
    assert_eq!(read_until(&mut page, "back\r\n").await, "4\r\nback\r\n");
    page.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(
        read_until(&mut host, "0\r\n\r\n").await,
        "3\r\ntwo\r\n0\r\n\r\n"
    );
    host.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(read_until(&mut page, "0\r\n\r\n").await, "0\r\n\r\n");
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = open().await;
    let mut page = connect(&proxy).await;
    let request = format!("GET http://{address}/ HTTP/1.1\r\nHost: {address}\r\n\r\n");
    page.write_all(request.as_bytes()).await.unwrap();
    let (mut host, _) = listener.accept().await.unwrap();
    for _ in 0..3 {
        read_until(&mut host, "\r\n\r\n").await;
        host.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .await
            .unwrap();
        read_until(&mut page, "ok").await;
        page.write_all(request.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways() {
    let address = echo().await;
    let proxy = open().await;
    let mut stream = tunnel(&proxy, address).await;
    stream.write_all(b"\x16\x03\x01 hello").await.unwrap();
    let mut back = [0; 9];
    stream.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"\x16\x03\x01 hello");
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut back).await.unwrap(), 0);
}

#[tokio::test]
async fn a_socket_is_upgraded_inside_its_tunnel() {
    let (address, mut asked) = host(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x01\x02frame",
    )
    .await;
    let proxy = open().await;
    let mut stream = tunnel(&proxy, address).await;
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n").await;
    assert!(head.contains("Upgrade: websocket"), "{head}");
    assert_eq!(read_until(&mut stream, "frame").await, "\x01\x02frame");
    assert_eq!(asked.recv().await.unwrap(), request);
}

#[tokio::test]
async fn nothing_private_is_called_however_it_is_spelled() {
    let proxy = closed().await;
    let (open_port, mut asked) = host("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let port = open_port.port();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.01",
        "2130706433",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.b.localhost",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
    ];
    for host in hosts {
        let answer = get(&proxy, &format!("http://{host}:{port}/")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
        assert!(
            answer.contains("x-platen-proxy: refused"),
            "{host}: {answer}"
        );
        let connect =
            format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = ask(&proxy, &connect).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
        assert!(answer.contains("--allow-network"), "{host}: {answer}");
    }
    let refusals = proxy.refusals();
    let reason = |host: &str| {
        let host = format!("{host}:{port}");
        let refusal = refusals.iter().find(|refusal| refusal.host == host);
        refusal.unwrap().reason.clone()
    };
    assert!(reason("127.0.0.1").contains("a loopback address"));
    assert!(reason("[::1]").contains("a loopback address"));
    assert!(reason("localhost").starts_with("localhost: 127.0.0.1 is a loopback address"));
    assert!(reason("169.254.169.254").contains("metadata"));
    assert!(reason("10.0.0.1").contains("a private address"));
    assert_eq!(proxy.failures(), []);
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn an_opened_name_of_loopback_is_called() {
    let (address, _asked) = host("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let proxy = open().await;
    for host in ["localhost", "app.localhost.", "127.1", "[::ffff:127.0.0.1]"] {
        let answer = get(&proxy, &format!("http://{host}:{}/", address.port())).await;
        assert!(answer.ends_with("\r\n\r\nok"), "{host}: {answer}");
    }
    let answer = get(&proxy, &format!("http://[::1]:{}/", address.port())).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn a_redirect_is_the_pages_to_follow() {
    let (address, _asked) =
        host("HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n").await;
    let proxy = open().await;
    let answer = get(&proxy, &format!("http://{address}/")).await;
    assert!(answer.starts_with("HTTP/1.1 302"), "{answer}");
    assert!(answer.contains("Location: http://10.0.0.1/"), "{answer}");
    assert_eq!(proxy.refusals(), []);
}

#[tokio::test]
async fn a_host_cant_speak_as_the_proxy() {
    let proxy = open().await;
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    ] {
        let (address, _asked) = host(answer).await;
        let answer = get(&proxy, &format!("http://{address}/")).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
        assert!(!answer.to_lowercase().contains("realm"), "{answer}");
    }
}

#[tokio::test]
async fn what_cant_be_reached_is_told_apart_from_what_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let (rude, _asked) = host("220 mail.example ESMTP\r\n").await;
    let proxy = open().await;
    let hosts = [
        nobody.to_string(),
        "no-such-name.invalid".to_owned(),
        rude.to_string(),
    ];
    for host in &hosts {
        let answer = get(&proxy, &format!("http://{host}/")).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
        assert!(answer.contains("x-platen-proxy: unreachable"), "{answer}");
    }
    let failures = proxy.failures();
    let failed: Vec<_> = failures
        .iter()
        .map(|failure| failure.host.clone())
        .collect();
    assert_eq!(failed, hosts);
    for (failure, words) in failures
        .iter()
        .zip(["refused", "no such name", "valid answer"])
    {
        assert!(failure.reason.starts_with(&failure.host), "{failure:?}");
        assert!(failure.reason.contains(words), "{failure:?}");
    }
    assert_eq!(proxy.refusals(), []);
}

#[tokio::test]
async fn what_is_no_request_to_a_proxy_is_malformed() {
    let proxy = open().await;
    for request in [
        "GET / HTTP/1.1",
        "GET https://example.com/ HTTP/1.1",
        "GET ftp://example.com/ HTTP/1.1",
        "GET http://1.2.3.4.5/ HTTP/1.1",
        "GET http://[fe80::1%25eth0]/ HTTP/1.1",
        "CONNECT example.com HTTP/1.1",
    ] {
        let answer = ask(
            &proxy,
            &format!("{request}\r\nHost: x\r\nConnection: close\r\n\r\n"),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{request}: {answer}");
    }
    for port in [0, 25] {
        let answer = get(&proxy, &format!("http://127.0.0.1:{port}/")).await;
        assert!(answer.contains(&format!("port {port}")), "{answer}");
    }
    let long = format!(
        "GET http://x.invalid/ HTTP/1.1\r\nA: {}\r\n\r\n",
        "a".repeat(2 * HEADER_LIMIT)
    );
    let answer = ask(&proxy, &long).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn no_proxy_calls_another() {
    let (proxy, neighbour) = (open().await, open().await);
    for port in [proxy.address().port(), neighbour.address().port()] {
        for host in ["127.0.0.1", "localhost", "127.9.9.9", "[::ffff:127.0.0.1]"] {
            let answer = get(&proxy, &format!("http://{host}:{port}/")).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
        }
    }
}

#[tokio::test]
async fn dropping_a_proxy_closes_it_and_its_tunnels() {
    let address = echo().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = open().await;
    let mut waiting = connect(&proxy).await;
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let request = format!("GET {url} HTTP/1.1\r\nHost: x\r\n\r\n");
    waiting.write_all(request.as_bytes()).await.unwrap();
    let _held = silent.accept().await.unwrap();
    let mut tunnelled = tunnel(&proxy, address).await;
    let mut idle = connect(&proxy).await;
    let port = proxy.address();
    drop(proxy);
    for stream in [&mut waiting, &mut tunnelled, &mut idle] {
        let read = stream.read(&mut [0; 16]).await;
        // A connection that nobody had accepted is reset.
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
    let error = TcpStream::connect(port).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_made_up_host_serves_one_document() {
    let proxy = closed().await;
    let url = "http://d0c.platen.invalid/";
    let answer = get(&proxy, url).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    proxy.set_origin(Some(Origin::Document {
        host: "d0c.platen.invalid".to_owned(),
        content_type: HeaderValue::from_static("text/html; charset=utf-8"),
        bytes: "<p>hello".into(),
    }));
    let answer = get(&proxy, url).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("content-type: text/html; charset=utf-8"),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n<p>hello"), "{answer}");
    let head = format!("HEAD {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = ask(&proxy, &head).await;
    assert!(
        answer.contains("content-length: 8") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
    for (request, status) in [
        (format!("GET {url}other HTTP/1.1"), "404"),
        (format!("POST {url} HTTP/1.1"), "405"),
        (
            "GET http://d0c.platen.invalid:81/ HTTP/1.1".to_owned(),
            "403",
        ),
        ("CONNECT d0c.platen.invalid:80 HTTP/1.1".to_owned(), "403"),
        (
            "GET http://other.platen.invalid/ HTTP/1.1".to_owned(),
            "502",
        ),
    ] {
        let answer = ask(
            &proxy,
            &format!("{request}\r\nHost: x\r\nConnection: close\r\n\r\n"),
        )
        .await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {answer}"
        );
    }
    proxy.set_origin(None);
    let answer = get(&proxy, url).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[tokio::test]
async fn a_made_up_host_serves_a_folder() {
    let disk = tempfile::tempdir().unwrap();
    std::fs::create_dir(disk.path().join("page")).unwrap();
    std::fs::write(disk.path().join("secret"), "secret").unwrap();
    std::fs::write(disk.path().join("page/page.css"), "p{}").unwrap();
    let folder = Folder::new(&disk.path().join("page")).await.unwrap();
    let host = "f0.platen.invalid".to_owned();
    let proxy = Proxy::bind(Rules {
        policy: Policy::default(),
        origin: Some(Origin::Folder { host, folder }),
    })
    .await
    .unwrap();
    let answer = get(&proxy, "http://f0.platen.invalid/page.css?v=1").await;
    assert!(answer.contains("content-type: text/css"), "{answer}");
    assert!(answer.ends_with("\r\n\r\np{}"), "{answer}");
    for path in ["../secret", "%2e%2e/secret", "..%2fsecret", "missing", ""] {
        let answer = get(&proxy, &format!("http://f0.platen.invalid/{path}")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("secret"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn refusals_are_listed_once_and_not_without_end() {
    let proxy = closed().await;
    for last in (1..=40).chain(1..=40) {
        get(&proxy, &format!("http://10.0.0.{last}/")).await;
    }
    let hosts: Vec<_> = proxy
        .refusals()
        .into_iter()
        .map(|refusal| refusal.host)
        .collect();
    let expected: Vec<_> = (1..=32).map(|last| format!("10.0.0.{last}")).collect();
    assert_eq!(hosts, expected);
}
