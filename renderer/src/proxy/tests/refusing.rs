//! What is refused, or can't be reached, and how that is told.

use super::*;

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
