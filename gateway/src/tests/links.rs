//! Files behind signed links.

use std::time::Duration;

use axum::body::Body;
use common::objects::ObjectKey;
use http::{Method, StatusCode};

use super::support::{Answer, Harness, RESULT, path_of, request};

/// A gateway with one finished job, and the path of its file.
async fn linked() -> (Harness, String) {
    let gateway = Harness::new().await;
    let job = gateway.done(&gateway.key).await;
    let job = gateway.get(&format!("/v2/jobs/{job}")).await.json();
    let path = path_of(&job["assetUrl"]);
    (gateway, path)
}

async fn with_header(gateway: &Harness, path: &str, name: &'static str, value: &str) -> Answer {
    let mut request = request(Method::GET, path, "", Body::empty());
    request.headers_mut().insert(name, value.parse().unwrap());
    gateway.send(request).await
}

#[tokio::test]
async fn a_link_serves_the_file_with_its_type_length_and_name() {
    let (gateway, path) = linked().await;
    let get = gateway.get_as("", &path).await;
    let head = gateway
        .send(request(Method::HEAD, &path, "", Body::empty()))
        .await;
    assert_eq!(
        (get.body.as_ref(), head.body.as_ref()),
        (RESULT.as_bytes(), b"".as_ref())
    );
    for answer in [&get, &head] {
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/pdf");
        assert_eq!(answer.header("content-length"), RESULT.len().to_string());
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment; filename=\"")
        );
        assert_eq!(answer.header("cache-control"), "private");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("accept-ranges"), "bytes");
    }
    let again = with_header(&gateway, &path, "if-none-match", get.header("etag")).await;
    assert_eq!(
        (again.status, again.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[tokio::test]
async fn ranges_are_served_and_impossible_ones_refused() {
    let (gateway, path) = linked().await;
    let size = RESULT.len();
    for (range, bytes, place) in [
        ("bytes=0-3", "%PDF", format!("bytes 0-3/{size}")),
        (
            "bytes=-6",
            "bytes.",
            format!("bytes {}-{}/{size}", size - 6, size - 1),
        ),
        (
            "bytes=24-",
            "bytes.",
            format!("bytes 24-{}/{size}", size - 1),
        ),
    ] {
        let answer = with_header(&gateway, &path, "range", range).await;
        assert_eq!(
            (answer.status, answer.body.as_ref()),
            (StatusCode::PARTIAL_CONTENT, bytes.as_bytes())
        );
        assert_eq!(answer.header("content-range"), place);
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
    }
    let outside = with_header(&gateway, &path, "range", "bytes=30-").await;
    assert_eq!(outside.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(outside.header("content-range"), format!("bytes */{size}"));
    assert_eq!(outside.json()["statusCode"], 416);
    let several = with_header(&gateway, &path, "range", "bytes=0-1,4-5").await;
    assert_eq!((several.status, several.body.len()), (StatusCode::OK, size));
}

#[tokio::test]
async fn a_range_of_another_version_gets_the_whole_file() {
    let (gateway, path) = linked().await;
    let mut request = request(Method::GET, &path, "", Body::empty());
    let headers = request.headers_mut();
    headers.insert("range", "bytes=0-3".parse().unwrap());
    headers.insert("if-range", "\"another\"".parse().unwrap());
    let answer = gateway.send(request).await;
    assert_eq!(
        (answer.status, answer.body.as_ref()),
        (StatusCode::OK, RESULT.as_bytes())
    );
}

#[tokio::test]
async fn forged_and_expired_links_are_403() {
    let (gateway, path) = linked().await;
    let parts: Vec<&str> = path.split('/').collect();
    let preview = parts[3].replacen('r', "p", 1);
    let longer = format!("{}0", parts[3]);
    let odd = "\u{e9}1";
    for (asset, expiry, signature) in [
        (parts[2], preview.as_str(), parts[4]),
        (parts[2], longer.as_str(), parts[4]),
        (parts[2], parts[3], "AAAA"),
        (parts[2], parts[3], "~"),
        ("ast_1", parts[3], parts[4]),
        (parts[2], odd, parts[4]),
    ] {
        let expiry: String = url::form_urlencoded::byte_serialize(expiry.as_bytes()).collect();
        let path = format!("/assets/{asset}/{expiry}/{signature}/x.pdf");
        let answer = gateway.get_as("", &path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(answer.json()["allowed"], false);
    }
    gateway.parts.clock.advance(Duration::from_hours(24));
    let expired = gateway.get_as("", &path).await;
    assert_eq!(expired.status, StatusCode::FORBIDDEN);
    assert!(
        expired.json()["message"]
            .as_str()
            .unwrap()
            .contains("expired")
    );
}

#[tokio::test]
async fn a_swept_file_is_410() {
    let (gateway, path) = linked().await;
    let id = path.split('/').nth(2).unwrap().parse().unwrap();
    let asset = gateway
        .parts
        .store
        .asset_for_link(id)
        .await
        .unwrap()
        .unwrap();
    let key: &ObjectKey = &asset.key;
    gateway.parts.objects.delete(key).await.unwrap();
    assert_eq!(gateway.get_as("", &path).await.status, StatusCode::GONE);
    assert!(gateway.parts.store.forget_asset(id).await.unwrap());
    let gone = gateway.get_as("", &path).await;
    assert_eq!(
        (gone.status, &gone.json()["statusCode"]),
        (StatusCode::GONE, &410.into())
    );
}
