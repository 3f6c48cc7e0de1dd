//! The second dialect: its envelope, its statuses, its words, its money.

mod unread;

use axum::body::Body;
use bytes::Bytes;
use common::artifact::Artifact;
use common::credits::Credits;
use common::id::{JobId, RunId};
use common::job::{FailureKind, Lane, Mode};
use common::message::{JobMessage, Outcome};
use common::objects::ObjectKey;
use common::store::Limits;
use common::task::layers::{Content, FileSource};
use common::task::{Canvas, CanvasWork, INLINE_LIMIT, Work};
use http::{Method, Request};
use serde_json::{Value, json};

use super::support::{Harness, request};
use crate::body::LONG_BODY_LIMIT;
use crate::config::Config;

const PATH: &str = "/image-generation/v1/generate";

fn card() -> Value {
    json!({
        "dimensions": { "width": 8, "height": 4 },
        "layers": [{ "index": 0, "type": "solid-color-background", "hex_color": "#336699" }],
    })
}

fn error(words: &str) -> Value {
    json!({ "success": false, "error": words })
}

async fn take(gateway: &Harness, mode: Mode) -> (JobMessage, CanvasWork) {
    let mut jobs = gateway.parts.broker.jobs(Lane::Native, mode, 16);
    let message = jobs.next().await.unwrap().message;
    let work = gateway.parts.seal.open(message.job, &message.task).unwrap();
    let Work::Canvas(canvas) = work else {
        panic!("a canvas was expected: {work:?}");
    };
    (message, canvas)
}

/// Stores a picture, and says so as a renderer would.
async fn painted(gateway: &Harness, job: JobId) -> (RunId, Outcome) {
    let run = RunId::new();
    let key = ObjectKey::artifact(job, run, "result.png");
    let bytes = Bytes::from_static(b"\x89PNG\xff");
    gateway.parts.objects.put(&key, bytes).await.unwrap();
    let artifact = Artifact {
        key,
        content_type: "image/png".to_owned(),
        extension: "png".to_owned(),
        size: 5,
    };
    let outcome = Outcome::Success {
        artifact,
        preview: None,
    };
    (run, outcome)
}

async fn paint(gateway: &Harness) -> Canvas {
    let (message, work) = take(gateway, Mode::Sync).await;
    let (run, outcome) = painted(gateway, message.job).await;
    gateway.settle(message.job, run, outcome).await;
    match work {
        CanvasWork::Inline(canvas) => *canvas,
        CanvasWork::Stored(key) => {
            let json = gateway.parts.objects.read(&key, 1 << 30).await.unwrap();
            serde_json::from_slice(&json).unwrap()
        }
    }
}

#[tokio::test]
async fn a_waiting_caller_gets_the_picture_in_the_envelope() {
    let gateway = Harness::new().await;
    for path in [PATH, "/image-generation/v1/render"] {
        let body = card();
        let (answer, canvas) = tokio::join!(gateway.post(path, &body), paint(&gateway));
        assert_eq!(answer.status, 200, "{answer:?}");
        let data = json!({ "buffer": "iVBOR/8=", "mime_type": "image/png" });
        assert_eq!(answer.json(), json!({ "success": true, "data": data }));
        assert_eq!(canvas.layers.len(), 1);
    }
    assert_eq!(gateway.balance().await, Credits::whole(98));
}

#[tokio::test]
async fn both_headers_carry_the_key() {
    let gateway = Harness::new().await;
    let bearer = |key: &str| {
        let builder = Request::builder().uri("/v1/me");
        let builder = builder.header("authorization", format!("Bearer {key}"));
        builder.body(Body::empty()).unwrap()
    };
    for request in [
        bearer(&gateway.key),
        request(Method::GET, "/v1/me", &gateway.key, Body::empty()),
    ] {
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["success"], true);
        assert_eq!(answer.json()["data"]["credits"], 100.0);
    }
    let answer = gateway.send(bearer("il_wrong")).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json(), error("Invalid API key"));
}

#[tokio::test]
async fn who_names_a_webhook_is_answered_at_once() {
    let gateway = Harness::new().await;
    let mut body = card();
    body["webhook_url"] = json!("https://example.com/hook");
    let answer = gateway.post(PATH, &body).await;
    assert_eq!(answer.status, 201);
    let expected = json!({
        "success": true, "async": true,
        "message": "Request accepted. Results will be delivered to the provided webhook URL.",
    });
    assert_eq!(answer.json(), expected);
    let (message, _) = take(&gateway, Mode::Async).await;
    let job = gateway.parts.store.job_by_id(message.job).await.unwrap();
    assert_eq!(job.unwrap().kind.as_str(), "image-generation");
    gateway.fail(message.job, "no").await;
    let deliveries = gateway.parts.store.deliveries(message.job).await.unwrap();
    assert_eq!(deliveries[0].url, "https://example.com/hook");
    assert_eq!(gateway.balance().await, Credits::whole(100));
}

#[tokio::test]
async fn every_refusal_is_json_in_the_dialects_words_and_costs_nothing() {
    let gateway = Harness::new().await;
    let empty = json!({ "dimensions": { "width": 8, "height": 4 }, "layers": [] });
    let answer = gateway.post(PATH, &empty).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json(), error("layers must be a non-empty list"));
    let mut body = card();
    body["layers"][0]["hex_color"] = json!("red");
    let answer = gateway.post(PATH, &body).await;
    let words = "layers[0].hex_color must be a hex color of six digits such as #FF5500";
    assert_eq!(
        (u16::from(answer.status), answer.json()),
        (400, error(words))
    );
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn every_status_of_the_dialects_paths_is_json() {
    let gateway = Harness::new().await;
    let long = "x".repeat(LONG_BODY_LIMIT + 1);
    let (get, post) = (Method::GET, Method::POST);
    let (good, wrong) = (gateway.key.as_str(), "il_wrong");
    for (method, path, key, body, status) in [
        (&get, PATH, good, "", 405),
        (&post, "/image-generation/v2/generate", good, "{}", 404),
        (&post, "/image-generation", good, "{}", 404),
        (&post, PATH, wrong, "{}", 401),
        (&post, PATH, "", "{}", 401),
        (&post, PATH, good, "{", 400),
        (&post, PATH, good, "", 400),
        (&post, PATH, good, &long, 413),
        (&post, "/document-extraction/v1/extract", good, "{}", 501),
        (&post, "/website-extraction/v1/extract", good, "{}", 501),
        (&post, "/document-to-markdown/v1/convert", good, "{}", 501),
        (&post, "/image-transformation/v1/transform", good, "{}", 501),
        (&post, "/document-generation/v1/generate", good, "{}", 501),
        (&post, "/sheet-generation/v1/generate", good, "{}", 501),
        (&post, "/sheet-generation/v1/generate", "", "{}", 401),
    ] {
        let sent = request(method.clone(), path, key, Body::from(body.to_owned()));
        let answer = gateway.send(sent).await;
        assert_eq!(answer.status, status, "{path} {answer:?}");
        let json = answer.json();
        let words = json["error"].as_str().unwrap_or_default();
        assert!(json["success"] == false && !words.is_empty(), "{json}");
    }
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn who_has_no_credit_gets_402() {
    let gateway = Harness::new().await;
    let (_, poor) = gateway.other(Credits::from_thousandths(500)).await;
    let answer = gateway.post_as(&poor, PATH, &card()).await;
    assert_eq!(answer.status, 402);
    assert_eq!(answer.json(), error("Insufficient credits"));
}

#[tokio::test]
async fn every_answer_tells_the_rate_window() {
    let gateway = Harness::new().await;
    let limits = Limits {
        rate: Some(1),
        ..Limits::default()
    };
    gateway
        .parts
        .store
        .set_limits(gateway.account, limits)
        .await
        .unwrap();
    let window = |answer: &super::support::Answer, remaining: &str| {
        assert_eq!(answer.header("x-ratelimit-limit"), "1", "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-remaining"), remaining);
        assert!(!answer.header("x-ratelimit-reset").is_empty());
    };
    window(&gateway.post(PATH, &json!({})).await, "1");
    window(&gateway.get("/v1/me").await, "1");
    let mut body = card();
    body["webhook_url"] = json!("https://example.com/hook");
    window(&gateway.post(PATH, &body).await, "0");
    let answer = gateway.post(PATH, &body).await;
    assert_eq!(
        (u16::from(answer.status), answer.json()),
        (429, error("Rate limit exceeded"))
    );
    window(&answer, "0");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
}

#[tokio::test]
async fn failures_have_the_dialects_statuses_and_are_refunded() {
    let gateway = Harness::new().await;
    for (kind, status) in [
        (FailureKind::Rendering, 422),
        (FailureKind::Navigation, 400),
        (FailureKind::Timeout, 422),
        (FailureKind::Internal, 500),
        (FailureKind::Expired, 500),
    ] {
        let fail = async {
            let (message, _) = take(&gateway, Mode::Sync).await;
            let message_text = "layers[0].file must be a PNG".to_owned();
            let outcome = Outcome::Failure {
                kind,
                message: message_text,
            };
            gateway.settle(message.job, RunId::new(), outcome).await;
        };
        let body = card();
        let (answer, ()) = tokio::join!(gateway.post(PATH, &body), fail);
        assert_eq!(answer.status, status);
        assert_eq!(answer.json(), error("layers[0].file must be a PNG"));
    }
    assert_eq!(gateway.balance().await, Credits::whole(100));
}

#[tokio::test]
async fn who_waits_too_long_gets_504_and_the_money_back() {
    let config = Config {
        sync_wait: std::time::Duration::from_millis(50),
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let mut body = card();
    body["layers"][0] = json!({ "index": 0, "type": "image", "buffer": "A".repeat(400_000) });
    let answer = gateway.post(PATH, &body).await;
    assert_eq!(answer.status, 504, "{answer:?}");
    assert_eq!(answer.json()["success"], false);
    assert_eq!(gateway.balance().await, Credits::whole(100));
    assert_eq!(gateway.object_count(), 0);
    let (message, _) = take(&gateway, Mode::Sync).await;
    let job = gateway
        .parts
        .store
        .job_by_id(message.job)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(job.state.as_str(), "error");
}

#[tokio::test]
async fn long_files_and_long_descriptions_go_through_the_object_store() {
    let gateway = Harness::new().await;
    let mut body = card();
    body["layers"] =
        json!([{ "index": 0, "type": "image", "buffer": "A".repeat(INLINE_LIMIT * 4) }]);
    let (answer, canvas) = tokio::join!(gateway.post(PATH, &body), paint(&gateway));
    assert_eq!(answer.status, 200);
    let Content::Image(image) = &canvas.layers[0].content else {
        panic!("no image");
    };
    let FileSource::Stored(key) = &image.file else {
        panic!("a long file is stored: {:?}", image.file);
    };
    let bytes = gateway.parts.objects.read(key, 1 << 30).await.unwrap();
    assert_eq!(bytes.len(), INLINE_LIMIT * 3);
    let short = json!({ "index": 0, "type": "image", "buffer": "A".repeat(INLINE_LIMIT / 16) });
    body["layers"] = vec![short; 100].into();
    let (answer, canvas) = tokio::join!(gateway.post(PATH, &body), paint(&gateway));
    assert_eq!(answer.status, 200);
    for layer in &canvas.layers {
        let Content::Image(image) = &layer.content else {
            panic!("no image");
        };
        // One object for all of them.
        assert!(matches!(image.file, FileSource::Inline(_)), "{image:?}");
    }
    body["layers"] = vec![card()["layers"][0].clone(); 1000].into();
    let (answer, canvas) = tokio::join!(gateway.post(PATH, &body), paint(&gateway));
    assert_eq!(answer.status, 200);
    assert_eq!(canvas.layers.len(), 1000);
}
