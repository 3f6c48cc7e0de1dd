//! A picture that was made and paid for, and an object store that does not give it.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::routing::get;
use common::credits::Credits;
use common::job::Mode;
use common::objects::{self, Objects};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::{PATH, card, paint, painted, take};
use crate::Parts;
use crate::app::App;
use crate::config::Config;
use crate::iterationlayer::result::{self, Awaited};
use crate::routes;
use crate::tests::support::{Harness, request};

/// What the bucket gives.
const PICTURE: &[u8] = b"\x89PNG\xff";

/// A bucket that refuses so many reads, and answers each that follows with the picture.
async fn refusing(reads: usize) -> Objects {
    // The client of a bucket tries again by itself what failed, but not what was refused.
    failing(reads, || ready(StatusCode::FORBIDDEN)).await
}

/// A bucket that says nothing to so many reads, and answers each that follows with the picture.
async fn silent(reads: usize) -> Objects {
    failing(reads, pending).await
}

/// A bucket whose first reads fail in such a way.
async fn failing<F>(reads: usize, fail: fn() -> F) -> Objects
where
    F: Future<Output = StatusCode> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tries = Arc::new(AtomicUsize::new(0));
    let answer = move || {
        let fails = tries.fetch_add(1, Ordering::Relaxed) < reads;
        async move {
            if fails {
                return Err(fail().await);
            }
            Ok(PICTURE)
        }
    };
    tokio::spawn(async move { axum::serve(listener, get(answer)).await });
    let config = objects::Config {
        s3_endpoint: Some(format!("http://{address}")),
        s3_public_endpoint: None,
        s3_region: "us-east-1".to_owned(),
        s3_bucket: Some("pictures".to_owned()),
        s3_prefix: None,
        s3_access_key_id: Some("id".to_owned()),
        s3_secret_access_key: Some("secret".parse().unwrap()),
        s3_virtual_hosted: false,
        s3_timeout: Duration::from_mins(1),
    };
    Objects::s3(&config).unwrap()
}

/// A second gateway beside the first, which reads from this store.
fn reading(gateway: &Harness, objects: Objects) -> App {
    let parts = Parts {
        objects,
        ..gateway.parts.clone()
    };
    let (app, answers) = App::new(&Config::default(), parts, &gateway.lifecycle);
    let listening = app.clone();
    tokio::spawn(async move { listening.waiters.listen(answers).await });
    app
}

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
    kept(refusing(2).await).await;
}

#[tokio::test]
async fn a_caller_is_kept_when_a_connection_to_the_store_has_gone_without_a_word() {
    kept(silent(1).await).await;
}

/// Asserts that a caller gets the picture from a bucket that does not give it at first.
async fn kept(objects: Objects) {
    let gateway = Harness::new().await;
    let router = routes::router(reading(&gateway, objects));
    let caller = router.oneshot(keyed(&gateway, None));
    let (answer, _) = tokio::join!(caller, paint(&gateway));
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200, "{answer:?}");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let json: Value = serde_json::from_slice(&body).unwrap();
    let data = json!({ "buffer": "iVBOR/8=", "mime_type": "image/png" });
    assert_eq!(json, json!({ "success": true, "data": data }));
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
    // Whoever read twice would get it.
    let app = reading(&gateway, refusing(1).await);
    let awaited = Awaited {
        until: Instant::now(),
        repeatable: false,
    };
    let refused = result::open(&app, &asset, awaited).await;
    assert_eq!(refused.unwrap_err().status(), 503);
    let opened = result::open(&app, &asset, awaited).await;
    assert_eq!(opened.unwrap().size, 5, "the last moment has a try too");
}
