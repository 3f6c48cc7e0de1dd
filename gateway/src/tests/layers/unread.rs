//! A picture that was made and paid for, and an object store that does not give it.

use std::time::Duration;

use axum::body::Body;
use common::credits::Credits;
use common::job::Mode;
use http::{HeaderValue, Method, Request};
use serde_json::json;
use tokio::time::Instant;

use super::{PATH, card, painted, take};
use crate::iterationlayer::result::{self, Awaited};
use crate::tests::support::{Harness, request};

fn keyed(gateway: &Harness, key: Option<&'static str>) -> Request<Body> {
    let body = Body::from(card().to_string());
    let mut request = request(Method::POST, PATH, &gateway.key, body);
    if let Some(key) = key {
        let key = HeaderValue::from_static(key);
        request.headers_mut().insert("idempotency-key", key);
    }
    request
}

/// Ends the next job well, after which nobody can read its picture.
async fn paint_and_hide(gateway: &Harness) {
    let (message, _) = take(gateway, Mode::Sync).await;
    let (run, outcome) = painted(gateway, message.job).await;
    gateway.hide_objects();
    gateway.settle(message.job, run, outcome).await;
}

#[tokio::test]
async fn a_caller_is_kept_until_the_picture_can_be_read_again() {
    let gateway = Harness::new().await;
    let paint = async {
        paint_and_hide(&gateway).await;
        // Long enough for tries in vain; were they the last, the answer would be another.
        tokio::time::sleep(Duration::from_millis(300)).await;
        gateway.show_objects();
    };
    let (answer, ()) = tokio::join!(gateway.send(keyed(&gateway, None)), paint);
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = json!({ "buffer": "iVBOR/8=", "mime_type": "image/png" });
    assert_eq!(answer.json(), json!({ "success": true, "data": data }));
    assert_eq!(gateway.balance().await, Credits::whole(99));
}

#[tokio::test]
async fn who_can_not_be_kept_is_told_what_there_is_to_do() {
    let gateway = Harness::new().await;
    // So that nobody is kept.
    gateway.lifecycle.draining.cancel();
    for (key, words, charge) in [
        (None, "request id helps the operator", "charges another"),
        (Some("k"), "same Idempotency-Key", "not charged again"),
    ] {
        let sent = gateway.send(keyed(&gateway, key));
        let (answer, ()) = tokio::join!(sent, paint_and_hide(&gateway));
        gateway.show_objects();
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.header("retry-after"), "5");
        let json = answer.json();
        assert_eq!(json["success"], false);
        let error = json["error"].as_str().unwrap();
        assert!(error.contains(words) && error.contains(charge), "{error}");
        assert!(!error.contains("read its job"), "{error}");
    }
    let answer = gateway.send(keyed(&gateway, Some("k"))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("idempotent-replayed"), "true");
    assert_eq!(answer.json()["data"]["buffer"], "iVBOR/8=");
    assert_eq!(gateway.balance().await, Credits::whole(98));
}

#[tokio::test]
async fn nobody_is_kept_longer_than_a_caller_waits() {
    let gateway = Harness::new().await;
    let mut body = card();
    body["webhook_url"] = json!("https://example.com/hook");
    assert_eq!(gateway.post(PATH, &body).await.status, 201);
    let (message, _) = take(&gateway, Mode::Async).await;
    let (run, outcome) = painted(&gateway, message.job).await;
    gateway.settle(message.job, run, outcome).await;
    let job = gateway.parts.store.job_by_id(message.job).await.unwrap();
    let asset = job.unwrap().asset.unwrap();
    gateway.hide_objects();
    let (began, patience) = (Instant::now(), Duration::from_millis(250));
    let awaited = Awaited {
        until: began + patience,
        repeatable: false,
    };
    let refused = result::open(&gateway.app, &asset, awaited).await;
    assert_eq!(refused.unwrap_err().status(), 503);
    let kept = began.elapsed();
    assert!(
        (patience..Duration::from_secs(10)).contains(&kept),
        "{kept:?}"
    );
}
