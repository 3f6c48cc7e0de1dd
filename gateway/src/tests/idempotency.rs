//! Requests that are sent again with their key: one job, one charge, one answer.

mod named;
mod picture;

use std::time::Duration;

use axum::body::Body;
use common::credits::Credits;
use common::job::Mode;
use common::task::INLINE_LIMIT;
use futures::future::join_all;
use futures::poll;
use http::{HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};

use super::support::{Answer, Harness, RESULT, html, html_with, request};
use crate::config::Config;

const IMAGE: &str = "/image-generation/v1/generate";

fn keyed(key: &str, path: &str, body: &Value, idempotency_keys: &[&[u8]]) -> Request<Body> {
    let mut request = request(Method::POST, path, key, Body::from(body.to_string()));
    for sent in idempotency_keys {
        let value = HeaderValue::from_bytes(sent).unwrap();
        request.headers_mut().append("idempotency-key", value);
    }
    request
}

impl Harness {
    async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.send(keyed(&self.key, path, body, &[key.as_bytes()]))
            .await
    }

    async fn job_count(&self) -> usize {
        self.get("/v2/jobs").await.json().as_array().unwrap().len()
    }

    /// Waits until so many callers wait for their jobs.
    async fn waiting(&self, count: usize) {
        while self.app.waiters.count() != count {
            tokio::task::yield_now().await;
        }
    }
}

fn sync(document: &str) -> Value {
    html_with(document, &json!({ "async": false }))
}

fn picture() -> Value {
    json!({
        "dimensions": { "width": 8, "height": 4 },
        "layers": [{ "index": 0, "type": "solid-color", "hex_color": "#336699" }],
    })
}

#[track_caller]
fn assert_same(first: &Answer, repeat: &Answer) {
    assert_eq!((first.status, &first.body), (repeat.status, &repeat.body));
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(repeat.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn an_async_repeat_gets_the_same_answer_whatever_became_of_the_job() {
    let gateway = Harness::new().await;
    let first = gateway.post_once("k", "/v2/html/pdf", &html("<p>x")).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let repeat = gateway.post_once("k", "/v2/html/pdf", &html("<p>x")).await;
    assert_same(&first, &repeat);
    let id = first.header("cl-worker-job-id");
    assert_eq!(repeat.header("cl-worker-job-id"), id);
    assert_eq!(repeat.header("cl-api-credit-cost"), "1");
    assert_eq!(repeat.header("cl-calls-remaining"), "99");
    let (message, _) = gateway.take(Mode::Async).await;
    assert_same(
        &first,
        &gateway.post_once("k", "/v2/html/pdf", &html("<p>x")).await,
    );
    gateway.fail(message.job, "Timeout: too slow").await;
    assert_same(
        &first,
        &gateway.post_once("k", "/v2/html/pdf", &html("<p>x")).await,
    );
    assert_eq!(gateway.job_count().await, 1);
    assert_eq!(gateway.balance().await, Credits::whole(100));
}

#[tokio::test]
async fn a_sync_repeat_waits_for_the_same_job_and_both_are_woken() {
    let gateway = Harness::new().await;
    let body = sync("<p>x");
    let repeat = async {
        gateway.waiting(1).await;
        gateway.post_once("k", "/v2/html/pdf", &body).await
    };
    let finish = async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.waiting(2).await;
        gateway.succeed(message.job).await;
    };
    let first = gateway.post_once("k", "/v2/html/pdf", &body);
    let (first, repeat, ()) = tokio::join!(first, repeat, finish);
    assert_eq!(first.json()["status"], "success");
    assert_same(&first, &repeat);
    let late = gateway.post_once("k", "/v2/html/pdf", &body).await;
    assert_same(&first, &late);
    assert_eq!(gateway.app.waiters.count(), 0);
    assert_eq!(gateway.balance().await, Credits::whole(99));
}

#[tokio::test]
async fn a_repeat_of_a_file_gets_the_file() {
    let gateway = Harness::new().await;
    let body = html("<p>x");
    let (first, ()) = tokio::join!(gateway.post_once("k", "/v1/html/pdf", &body), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.succeed(message.job).await;
    });
    assert_eq!(first.body, RESULT);
    assert_same(&first, &gateway.post_once("k", "/v1/html/pdf", &body).await);
}

#[tokio::test]
async fn a_repeat_of_a_failure_gets_the_failure_and_no_second_refund() {
    let gateway = Harness::new().await;
    let body = sync("<p>x");
    let (first, ()) = tokio::join!(gateway.post_once("k", "/v2/html/pdf", &body), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.fail(message.job, "Timeout: too slow").await;
    });
    assert_eq!(first.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_same(&first, &gateway.post_once("k", "/v2/html/pdf", &body).await);
    assert_eq!(gateway.balance().await, Credits::whole(100));
}

#[tokio::test]
async fn who_was_sent_away_with_202_may_ask_again_for_the_result_and_the_webhook_fires_once() {
    let config = Config {
        sync_wait: Duration::from_millis(1),
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let body = html_with(
        "<p>x",
        &json!({ "async": false, "webhook": "https://example.com/hook" }),
    );
    let first = gateway.post_once("k", "/v2/html/pdf", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    assert_same(&first, &gateway.post_once("k", "/v2/html/pdf", &body).await);
    let (message, _) = gateway.take(Mode::Sync).await;
    gateway.succeed(message.job).await;
    let result = gateway.post_once("k", "/v2/html/pdf", &body).await;
    assert_eq!(
        (result.status, &result.json()["status"]),
        (StatusCode::OK, &json!("success"))
    );
    let deliveries = gateway.parts.store.deliveries(message.job).await.unwrap();
    assert_eq!(deliveries.len(), 1);
}

#[tokio::test]
async fn a_repeat_that_is_answered_in_time_fires_no_webhook() {
    let gateway = Harness::new().await;
    let body = html_with(
        "<p>x",
        &json!({ "async": false, "webhook": "https://example.com/hook" }),
    );
    let mut first = Box::pin(gateway.post_once("k", "/v2/html/pdf", &body));
    let (message, _) = tokio::select! {
        answer = &mut first => panic!("{answer:?}"),
        taken = gateway.take(Mode::Sync) => taken,
    };
    drop(first);
    let (answer, ()) = tokio::join!(gateway.post_once("k", "/v2/html/pdf", &body), async {
        gateway.waiting(1).await;
        gateway.succeed(message.job).await;
    });
    assert_eq!(answer.json()["id"], message.job.to_string());
    let deliveries = gateway.parts.store.deliveries(message.job).await.unwrap();
    assert_eq!(deliveries, []);
}

#[tokio::test]
async fn who_hangs_up_during_acceptance_gets_the_job_by_asking_again() {
    let gateway = Harness::new().await;
    let body = html("<p>x");
    let mut posting = Box::pin(gateway.post_once("k", "/v2/html/pdf", &body));
    while gateway.lifecycle.tasks.is_empty() {
        assert!(poll!(&mut posting).is_pending());
        tokio::task::yield_now().await;
    }
    drop(posting);
    gateway.lifecycle.tasks.close();
    gateway.lifecycle.tasks.wait().await;
    let repeat = gateway.post_once("k", "/v2/html/pdf", &body).await;
    assert_eq!(repeat.header("idempotent-replayed"), "true");
    let (message, _) = gateway.take(Mode::Async).await;
    assert_eq!(repeat.json()["jobId"], message.job.to_string());
    assert_eq!(gateway.job_count().await, 1);
}

#[tokio::test]
async fn another_request_with_a_used_key_is_422_and_names_the_header() {
    let gateway = Harness::new().await;
    let body = html("<p>x");
    let first = gateway.post_once("k", "/v2/html/pdf", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let mut other_body = picture();
    other_body["webhook_url"] = json!("https://example.com/hook");
    for (path, other) in [
        ("/v2/html/pdf", html("<p>y")),
        ("/v2/html/pdf", sync("<p>x")),
        ("/v2/html/image", body.clone()),
        ("/v1/html/pdf", body.clone()),
    ] {
        let refused = gateway.post_once("k", path, &other).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let error = refused.json();
        assert_eq!(error["details"]["field"], "Idempotency-Key", "{error}");
    }
    let refused = gateway.post_once("k", IMAGE, &other_body).await;
    let words = "Idempotency-Key was used for another request (another method, path or body); a new request needs a new key";
    assert_eq!(
        (u16::from(refused.status), refused.json()),
        (422, json!({ "success": false, "error": words }))
    );
    let (_, other) = gateway.other(Credits::whole(1)).await;
    let theirs = keyed(&other, "/v2/html/pdf", &html("<p>y"), &[b"k"]);
    assert_eq!(gateway.send(theirs).await.status, StatusCode::ACCEPTED);
    assert_eq!(gateway.balance().await, Credits::whole(99));
}

#[tokio::test]
async fn a_key_that_is_none_is_400_and_costs_nothing() {
    let gateway = Harness::new().await;
    let long = [b'k'; 256];
    for keys in [
        &[b"".as_slice()] as &[&[u8]],
        &[b"a b"],
        &[b"\xc3\xa9"],
        &[&long],
        &[b"a", b"b"],
        &[b"a", b"a"],
    ] {
        let sent = keyed(&gateway.key, "/v2/html/pdf", &html("<p>x"), keys);
        let refused = gateway.send(sent).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{keys:?}");
        assert_eq!(refused.json()["details"]["field"], "Idempotency-Key");
        let sent = keyed(&gateway.key, IMAGE, &picture(), keys);
        let refused = gateway.send(sent).await;
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with("Idempotency-Key must be "), "{error}");
    }
    let stranger = keyed("wrong", "/v2/html/pdf", &html("<p>x"), &[b""]);
    assert_eq!(
        gateway.send(stranger).await.status,
        StatusCode::UNAUTHORIZED
    );
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let gateway = Harness::new().await;
    let (account, poor) = gateway.other(Credits::ZERO).await;
    let wrong = html_with("<p>x", &json!({ "timeout": -1 }));
    let refused = gateway
        .send(keyed(&poor, "/v2/html/pdf", &wrong, &[b"k"]))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let send = || gateway.send(keyed(&poor, "/v2/html/pdf", &html("<p>x"), &[b"k"]));
    assert_eq!(send().await.status, StatusCode::UNAUTHORIZED);
    let (store, now) = (&gateway.parts.store, gateway.parts.clock.now());
    store.grant(account, Credits::whole(1), now).await.unwrap();
    let first = send().await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    assert_same(&first, &send().await);
}

#[tokio::test]
async fn of_equal_requests_at_once_one_is_done_and_the_inputs_of_the_others_go() {
    let gateway = Harness::new().await;
    let body = html(&"x".repeat(INLINE_LIMIT + 1));
    let racing = (0..8).map(|_| gateway.post_once("k", "/v2/html/pdf", &body));
    let answers = join_all(racing).await;
    let first = &answers[0];
    assert_eq!(first.status, StatusCode::ACCEPTED);
    for answer in &answers {
        assert_eq!(answer.body, first.body);
    }
    let firsts = answers
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(firsts.count(), 1);
    assert_eq!(gateway.object_count(), 1);
    assert_eq!(gateway.job_count().await, 1);
    assert_eq!(gateway.balance().await, Credits::whole(99));
}

#[tokio::test]
async fn a_repeat_past_the_retention_time_is_410_and_names_the_job() {
    let gateway = Harness::new().await;
    for body in [html("<p>x"), sync("<p>x")] {
        let (mode, key) = match body.get("async") {
            Some(_) => (Mode::Sync, "sync"),
            None => (Mode::Async, "async"),
        };
        let (first, job) = tokio::join!(gateway.post_once(key, "/v2/html/pdf", &body), async {
            let (message, _) = gateway.take(mode).await;
            gateway.succeed(message.job).await;
            message.job
        });
        gateway.parts.clock.advance(Duration::from_hours(23));
        let repeat = gateway.post_once(key, "/v2/html/pdf", &body).await;
        assert_eq!(repeat.status, first.status);
        gateway.parts.clock.advance(Duration::from_hours(1));
        let swept = gateway.post_once(key, "/v2/html/pdf", &body).await;
        assert_eq!(swept.status, StatusCode::GONE, "{swept:?}");
        let message = swept.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&job.to_string()), "{message}");
    }
    assert_eq!(gateway.balance().await, Credits::whole(98));
}

#[tokio::test]
async fn a_repeat_needs_no_credit() {
    let gateway = Harness::new().await;
    let (_, poor) = gateway.other(Credits::whole(1)).await;
    let send = || gateway.send(keyed(&poor, "/v2/html/pdf", &html("<p>x"), &[b"k"]));
    let first = send().await;
    assert_eq!(first.header("cl-calls-remaining"), "0");
    let repeat = send().await;
    assert_same(&first, &repeat);
}
