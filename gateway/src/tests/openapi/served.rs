//! The description as it is answered: to anybody, once, and as a page that loads nothing from elsewhere.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::json;

use super::super::support::{Harness, request};
use super::{document, operations};

#[tokio::test]
async fn the_document_is_served_to_anybody_with_the_public_address() {
    let gateway = Harness::new().await;
    let answer = gateway.get_as("", "/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let served = answer.json();
    assert_eq!(served, document());
    assert_eq!(served["openapi"], "3.1.0");
    assert_eq!(served["servers"], json!([{ "url": "http://platen.test" }]));
}

#[tokio::test]
async fn a_client_that_has_it_already_is_told_so() {
    let gateway = Harness::new().await;
    for path in ["/openapi.json", "/docs", "/docs/style.css"] {
        let first = gateway.get_as("", path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.len() > 10 && !first.body.is_empty(), "{path}: {tag}");
        for (sent, status) in [
            (tag.clone(), StatusCode::NOT_MODIFIED),
            (format!("\"older\", W/{tag}"), StatusCode::NOT_MODIFIED),
            ("\"older\"".to_owned(), StatusCode::OK),
        ] {
            let mut again = request(Method::GET, path, "", Body::empty());
            again
                .headers_mut()
                .insert("if-none-match", sent.parse().unwrap());
            let answer = gateway.send(again).await;
            assert_eq!(answer.status, status, "{path} {sent}");
            assert_eq!(answer.header("etag"), tag);
            assert_eq!(answer.body.is_empty(), status != StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_and_loads_nothing_from_elsewhere() {
    let gateway = Harness::new().await;
    let answer = gateway.get_as("", "/docs").await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(
        answer
            .header("content-security-policy")
            .starts_with("default-src 'none'; style-src 'self'")
    );
    let page = String::from_utf8(answer.body.to_vec()).unwrap();
    for (_, path, operation) in operations(&document()) {
        let twin = path.replacen("/v1", "/v2", 1);
        if path.starts_with("/v1") && !document()["paths"][twin].is_null() {
            continue;
        }
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("<article id=\"{id}\">")), "{id}");
        for example in operation["requestBody"]["content"]["application/json"]["examples"]
            .as_object()
            .into_iter()
            .flatten()
        {
            assert!(
                page.contains(example.1["summary"].as_str().unwrap()),
                "{id}"
            );
        }
    }
    for loading in [
        "<script",
        "src=",
        "@import",
        "style=\"",
        "href=\"http",
        "url(",
    ] {
        let style = gateway.get_as("", "/docs/style.css").await;
        assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
        let style = String::from_utf8(style.body.to_vec()).unwrap();
        // An example shows a style; it is text there.
        assert!(
            !page.contains(loading) && !style.contains(loading),
            "{loading}"
        );
    }
    for target in page
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(
            page.contains(&format!("id=\"{target}\"")),
            "#{target} leads nowhere"
        );
    }
}

#[tokio::test]
async fn the_page_can_be_asked_for_its_head() {
    let gateway = Harness::new().await;
    for path in ["/openapi.json", "/docs", "/docs/style.css"] {
        let head = http::Request::builder()
            .method(Method::HEAD)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        assert_eq!(gateway.send(head).await.status, StatusCode::OK);
    }
}
