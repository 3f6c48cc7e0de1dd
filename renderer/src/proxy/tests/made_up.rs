//! Hosts that exist in the proxy alone: a document, a folder.

use super::*;

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
