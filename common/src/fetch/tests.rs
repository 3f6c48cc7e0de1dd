use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// The first byte of whoever starts with TLS.
const TLS_HANDSHAKE: u8 = 0x16;

const LONG: Duration = Duration::from_secs(20);

/// A host on loopback that sends `answer` to whoever has sent a whole head, then waits for the end.
async fn host(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, answer.clone()));
        }
    });
    port
}

async fn serve(mut socket: TcpStream, answer: Vec<u8>) {
    let mut buffer = [0; 4096];
    let mut seen = Vec::new();
    while seen.first() != Some(&TLS_HANDSHAKE) && !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        match socket.read(&mut buffer).await {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    drop(socket.write_all(&answer).await);
    while matches!(socket.read(&mut buffer).await, Ok(count) if count > 0) {}
}

fn client(open: &[&str]) -> Client {
    let open = open.iter().map(|range| range.parse().unwrap()).collect();
    Client::new(&Policy::new(open), "Platen/test").unwrap()
}

fn post(url: &str) -> Post {
    Post {
        url: Url::parse(url).unwrap(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: Body::Whole(Bytes::from_static(b"{}")),
    }
}

#[tokio::test]
async fn an_answer_is_given_with_its_status_and_hint() {
    let port =
        host(b"HTTP/1.1 503 Busy\r\nretry-after: 20\r\ncontent-length: 5\r\n\r\nlater".to_vec())
            .await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let fetched = client(&["127.0.0.0/8"]).post(post(&url), LONG).await;
    let expected = Answer {
        status: 503,
        retry_after: Some("20".to_owned()),
        excerpt: "later".to_owned(),
    };
    assert_eq!(fetched, Fetched::Answered(expected));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let port = host(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
            .to_vec(),
    )
    .await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let Fetched::Answered(answer) = client(&["127.0.0.0/8"]).post(post(&url), LONG).await else {
        panic!("no answer");
    };
    assert_eq!(answer.status, 302);
}

#[tokio::test]
async fn a_long_body_is_cut_and_nonsense_is_replaced() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n".to_vec();
    answer.extend([0, 0xff].repeat(100_000));
    let port = host(answer).await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let Fetched::Answered(answer) = client(&["127.0.0.0/8"]).post(post(&url), LONG).await else {
        panic!("no answer");
    };
    assert_eq!(answer.status, 200);
    assert_eq!(answer.excerpt, "\u{fffd}".repeat(EXCERPT_LIMIT));
}

#[tokio::test]
async fn a_body_that_stalls_leaves_the_status() {
    let port = host(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart".to_vec()).await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let within = Duration::from_millis(300);
    let Fetched::Answered(answer) = client(&["127.0.0.0/8"]).post(post(&url), within).await else {
        panic!("no answer");
    };
    assert_eq!((answer.status, answer.excerpt.as_str()), (200, "part"));
}

#[tokio::test]
async fn a_host_that_never_answers_is_a_timeout() {
    let port = host(Vec::new()).await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let within = Duration::from_millis(100);
    let fetched = client(&["127.0.0.0/8"]).post(post(&url), within).await;
    assert_eq!(fetched, Fetched::Timeout);
}

#[tokio::test]
async fn a_closed_address_is_refused_by_name_and_by_number() {
    let client = client(&["192.168.0.0/16"]);
    for url in [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "http://localhost/",
        "http://1.1.1.1/",
        "http://169.254.169.254/latest/meta-data",
    ] {
        let Fetched::Refused(text) = client.post(post(url), LONG).await else {
            panic!("{url} was not refused");
        };
        assert!(text.contains("--allow-network"), "{text}");
    }
}

#[tokio::test]
async fn a_name_reaches_an_opened_address() {
    let port = host(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let url = format!("http://localhost:{port}/hook");
    let fetched = client(&["127.0.0.0/8", "::1/128"])
        .post(post(&url), LONG)
        .await;
    assert!(
        matches!(fetched, Fetched::Answered(Answer { status: 200, .. })),
        "{fetched:?}"
    );
}

#[tokio::test]
async fn a_broken_connection_says_what_broke_and_not_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let not_tls = host(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec()).await;
    let not_http = host(b"hello\r\n\r\n".to_vec()).await;
    for (url, what) in [
        (format!("http://127.0.0.1:{closed}/secret"), "no connection"),
        (
            format!("https://127.0.0.1:{not_tls}/secret"),
            "no TLS connection",
        ),
        (
            format!("http://127.0.0.1:{not_http}/secret"),
            "the connection broke",
        ),
    ] {
        let Fetched::Connection(text) = client(&["127.0.0.0/8"]).post(post(&url), LONG).await
        else {
            panic!("{url} did not break");
        };
        assert!(text.starts_with(what) && !text.contains("secret"), "{text}");
    }
}

async fn get(port: u16, limit: usize, open: &[&str]) -> Result<Vec<u8>, GetError> {
    let url = Url::parse(&format!("http://127.0.0.1:{port}/file")).unwrap();
    client(open).get(&url, limit, LONG).await
}

#[tokio::test]
async fn a_file_is_fetched_whole_or_not_at_all() {
    let file = host(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345".to_vec()).await;
    let open = ["127.0.0.0/8"];
    assert_eq!(get(file, 5, &open).await, Ok(b"12345".to_vec()));
    assert_eq!(get(file, 4, &open).await, Err(GetError::TooLong(4)));
    assert!(matches!(get(file, 5, &[]).await, Err(GetError::Refused(_))));
    let gone = host(b"HTTP/1.1 404 Gone\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    assert_eq!(get(gone, 5, &open).await, Err(GetError::Status(404)));
}

/// A host on loopback that answers everybody alike, and what it was sent first.
async fn listening(answer: String) -> (u16, tokio::sync::oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n") {
            socket.read_buf(&mut seen).await.unwrap();
        }
        socket.write_all(answer.as_bytes()).await.unwrap();
        tell.send(String::from_utf8(seen.clone()).unwrap()).unwrap();
        while matches!(socket.read_buf(&mut seen).await, Ok(count) if count > 0) {}
    });
    (port, told)
}

#[tokio::test]
async fn credentials_are_shown_to_the_host_that_was_named_and_the_file_is_written() {
    let file = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345".to_owned();
    let (elsewhere, second) = listening(file).await;
    let moved = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{elsewhere}/b\r\ncontent-length: 0\r\n\r\n"
    );
    let (named, first) = listening(moved).await;
    let credentials = Credentials {
        authorization: Some("Basic secret".to_owned()),
        cookie: Some("a=secret".to_owned()),
    };
    let kept = tempfile::NamedTempFile::new().unwrap();
    let mut into = tokio::fs::File::create(kept.path()).await.unwrap();
    let url = Url::parse(&format!("http://127.0.0.1:{named}/a")).unwrap();
    let got = client(&["127.0.0.0/8"])
        .get_into(&mut into, &url, &credentials, (5, LONG))
        .await;
    assert_eq!(got, Ok(5));
    assert_eq!(std::fs::read(kept.path()).unwrap(), b"12345");
    let first = first.await.unwrap();
    assert!(
        first.contains("authorization: Basic secret") && first.contains("cookie: a=secret"),
        "{first}"
    );
    assert!(!second.await.unwrap().contains("secret"));
}

#[tokio::test]
async fn redirects_are_followed_but_not_to_what_is_closed() {
    let file = host(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345".to_vec()).await;
    let to = |target: String| {
        host(
            format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n").into(),
        )
    };
    let open = ["127.0.0.0/8"];
    let once = to(format!("http://127.0.0.1:{file}/moved")).await;
    assert_eq!(get(once, 5, &open).await, Ok(b"12345".to_vec()));
    let metadata = to("http://169.254.169.254/latest".to_owned()).await;
    assert!(matches!(
        get(metadata, 5, &open).await,
        Err(GetError::Refused(_))
    ));
    let round = to("/again".to_owned()).await;
    assert_eq!(get(round, 5, &open).await, Err(GetError::Redirects));
}
