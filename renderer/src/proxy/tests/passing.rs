//! What is passed on: requests, bodies, tunnels.

use super::*;

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
