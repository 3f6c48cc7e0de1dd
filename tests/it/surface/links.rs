//! Links to results: who has one may read, and nobody else.

use std::time::Duration;

use common::clock::Clock;
use common::id::AssetId;
use common::link::{LinkKey, Part};
use hyper::Method;
use hyper::body::Bytes;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::json;

async fn asset(api: &Api) -> (String, String) {
    let job = api
        .convert(
            "/v2/html/pdf",
            json!({ "html": html("Words"), "filename": "a.pdf" }),
        )
        .await;
    let job = api.succeeded(&text(&job, "jobId")).await;
    (text(&job, "assetId"), text(&job, "assetUrl"))
}

async fn range(api: &Api, link: &str, range: &str) -> Answer {
    api.download_with(link, &[("range", range)]).await
}

#[tokio::test]
async fn a_part_of_the_file_can_be_asked_for() {
    let api = tenant().await;
    let (_, link) = asset(&api).await;
    let whole = api.download(&link).await.expect(200);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let size = whole.body.len();
    let first = range(&api, &link, "bytes=0-4").await.expect(206);
    assert_eq!(
        (&first.body[..], first.header("content-range")),
        (b"%PDF-".as_slice(), format!("bytes 0-4/{size}").as_str())
    );
    assert_eq!(
        range(&api, &link, "bytes=5-").await.expect(206).body,
        whole.body[5..]
    );
    assert_eq!(
        range(&api, &link, "bytes=-7").await.expect(206).body,
        whole.body[size - 7..]
    );
    let outside = range(&api, &link, &format!("bytes={size}-"))
        .await
        .expect(416);
    assert_eq!(outside.header("content-range"), format!("bytes */{size}"));
    assert_eq!(
        range(&api, &link, "bytes=9-2").await.expect(200).body,
        whole.body
    );
}

#[tokio::test]
async fn head_answers_without_a_body() {
    let api = tenant().await;
    let (_, link) = asset(&api).await;
    let size = api.download(&link).await.expect(200).body.len();
    let head = api
        .raw(Method::HEAD, &link, &[], Bytes::new())
        .await
        .expect("an answer")
        .expect(200);
    assert_eq!(
        (head.header("content-length"), head.body.len()),
        (size.to_string().as_str(), 0)
    );
}

#[tokio::test]
async fn a_changed_link_opens_nothing() {
    let api = tenant().await;
    let ((first, link), (second, _)) = (asset(&api).await, asset(&api).await);
    let parts: Vec<&str> = link.trim_start_matches(api.base()).split('/').collect();
    let [_, _, _, expiry, signature, _] = parts[..] else {
        panic!("a link has its parts: {link}")
    };
    let later = format!("{expiry}0");
    let flipped = if signature.starts_with('A') {
        signature.replacen('A', "B", 1)
    } else {
        format!("A{}", &signature[1..])
    };
    for forged in [
        link.replace(&first, &second),
        link.replace(expiry, &later),
        link.replace(&format!("/{expiry}/"), &format!("/p{}/", &expiry[1..])),
        link.replace(signature, &flipped),
        link.replace(signature, "x"),
    ] {
        assert_ne!(forged, link);
        assert_eq!(api.download(&forged).await.status, 403, "{forged}");
    }
}

#[tokio::test]
async fn an_expired_link_opens_nothing() {
    const SECRET: &str = "a secret of this test that is long enough";
    let platen = Start::open()
        .variable("PLATEN_LINK_KEY", SECRET)
        .start()
        .await;
    let api = platen.api();
    let (id, link) = asset(&api).await;
    let (id, now) = (id.parse::<AssetId>().expect("an id"), Clock::system().now());
    let signed = |expires_at| {
        format!(
            "{}{}",
            api.base(),
            LinkKey::new(SECRET.as_bytes()).path(id, Part::Result, expires_at, "a.pdf")
        )
    };
    assert_eq!(api.download(&link).await.status, 200);
    assert_eq!(
        api.download(&signed(now + Duration::from_secs(60)))
            .await
            .status,
        200
    );
    let expired = api
        .download(&signed(now - Duration::from_secs(1)))
        .await
        .expect(403);
    assert!(expired.message().contains("expired"), "{expired:?}");
}
