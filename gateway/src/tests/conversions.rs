//! Conversions that are accepted: async, sync, and every way in which a wait ends.

use std::time::Duration;

use common::credits::Credits;
use common::job::{JobState, Mode};
use common::task::{Document, INLINE_LIMIT, Source};
use futures::poll;
use http::{Method, StatusCode};
use serde_json::json;

use super::support::{Harness, RESULT, html, html_with, path_of, request};
use crate::config::Config;

#[tokio::test]
async fn an_async_request_is_answered_at_once_and_published() {
    let gateway = Harness::new().await;
    let answer = gateway.post("/v2/html/pdf", &html("<h1>Hello</h1>")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let (message, task) = gateway.take(Mode::Async).await;
    let id = message.job.to_string();
    assert_eq!(
        answer.json(),
        json!({ "status": "queued", "id": id, "jobId": id })
    );
    assert_eq!(answer.header("cl-worker-job-id"), id);
    assert_eq!(answer.header("cl-cluster-id"), "platen");
    assert_eq!(answer.header("cl-api-credit-cost"), "1");
    assert_eq!(answer.header("cl-calls-remaining"), "99");
    assert!(answer.header("x-request-id").starts_with("req_"));
    let inline = Document::Inline("<h1>Hello</h1>".to_owned());
    assert_eq!(task.source, Source::Html(inline));
    let row = gateway
        .parts
        .store
        .job_by_id(message.job)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.mode, Mode::Async);
    assert_eq!(gateway.balance().await, Credits::whole(99));
    let read = gateway.get(&format!("/v2/jobs/{id}")).await.json();
    assert_eq!(read["status"], "pending");
}

#[tokio::test]
async fn a_long_document_travels_through_the_object_store() {
    let gateway = Harness::new().await;
    let document = "x".repeat(INLINE_LIMIT + 1);
    let answer = gateway.post("/v2/html/pdf", &html(&document)).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let (_, task) = gateway.take(Mode::Async).await;
    let Source::Html(Document::Stored(key)) = task.source else {
        panic!("{:?}", task.source);
    };
    let stored = gateway.parts.objects.read(&key, 1_000_000).await.unwrap();
    assert_eq!(stored, document.as_bytes());
}

#[tokio::test]
async fn a_v2_caller_who_waits_gets_the_job_with_a_link() {
    let gateway = Harness::new().await;
    let body = html_with(
        "<p>x",
        &json!({ "async": false, "name": "An invoice", "projectId": "p1" }),
    );
    let (answer, id) = tokio::join!(gateway.post("/v2/html/pdf", &body), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.succeed(message.job).await;
        message.job.to_string()
    });
    assert_eq!(answer.status, StatusCode::OK);
    let job = answer.json();
    assert_eq!((&job["id"], &job["jobId"]), (&json!(id), &json!(id)));
    assert_eq!(job["status"], "success");
    assert_eq!(job["name"], "An invoice");
    assert_eq!(job["projectId"], "p1");
    assert_eq!(job["uid"], gateway.account.to_string());
    assert_eq!(job["self"], format!("http://platen.test/v2/jobs/{id}"));
    assert_eq!(job["timestamp"], 1_700_000_000_000_i64);
    assert_eq!(job["apiCreditCost"], 1.0);
    for absent in ["size", "type", "processTime", "totalCost", "apiKeyUsed"] {
        assert_eq!(job.get(absent), None, "{absent}");
    }
    assert_eq!(answer.header("cl-worker"), "worker-1");
    assert_eq!(answer.header("cl-bandwidth"), RESULT.len().to_string());
    assert_eq!(answer.header("cl-process-time"), "250");
    for uncharged in [
        "cl-charged-time",
        "cl-bandwidth-cost",
        "cl-process-time-cost",
    ] {
        assert_eq!(answer.header(uncharged), "0", "{uncharged}");
    }
    let file = gateway.get_as("", &path_of(&job["assetUrl"])).await;
    assert_eq!(
        (file.status, file.body.as_ref()),
        (StatusCode::OK, RESULT.as_bytes())
    );
    let preview = gateway.get_as("", &path_of(&job["previewUrl"])).await;
    assert_eq!(
        (preview.header("content-type"), preview.body.as_ref()),
        ("image/webp", b"webp".as_ref())
    );
    assert_eq!(gateway.app.waiters.count(), 0);
}

#[tokio::test]
async fn a_v1_caller_who_waits_gets_the_file_itself() {
    let gateway = Harness::new().await;
    let body = html_with("<p>x", &json!({ "filename": "Rechnung für Åsa.pdf" }));
    let (answer, ()) = tokio::join!(gateway.post("/v1/html/pdf", &body), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.succeed(message.job).await;
    });
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, RESULT);
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(answer.header("content-length"), RESULT.len().to_string());
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"Rechnung f_r _sa.pdf\"; filename*=UTF-8''Rechnung%20f%C3%BCr%20%C3%85sa.pdf"
    );
    assert_eq!(answer.header("cl-worker"), "worker-1");
    assert_eq!(gateway.get("/v1/assets").await.json(), json!([]));
}

#[tokio::test]
async fn a_v2_caller_who_waits_and_stores_nothing_gets_the_file_itself() {
    let gateway = Harness::new().await;
    let body = html_with(
        "<p>x",
        &json!({ "async": false, "storage": false, "inline": true }),
    );
    let (answer, ()) = tokio::join!(gateway.post("/v2/html/pdf", &body), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.succeed(message.job).await;
    });
    assert_eq!(
        (answer.status, answer.body.as_ref()),
        (StatusCode::OK, RESULT.as_bytes())
    );
    assert_eq!(answer.header("content-disposition"), "inline");
}

#[tokio::test]
async fn a_conversion_that_fails_while_its_caller_waits_is_500_and_refunded() {
    let gateway = Harness::new().await;
    let body = html_with("<p>x", &json!({ "async": false }));
    let text = "Timeout: page took longer than 30000ms to load";
    let (answer, id) = tokio::join!(gateway.post("/v2/html/pdf", &body), async {
        let (message, _) = gateway.take(Mode::Sync).await;
        gateway.fail(message.job, text).await;
        message.job.to_string()
    });
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let expected = json!({
        "statusCode": 500, "error": "Internal Server Error", "message": text,
        "id": id, "jobId": id, "status": "error",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cl-worker-job-id"), id);
    assert_eq!(gateway.balance().await, Credits::whole(100));
}

#[tokio::test]
async fn past_its_wait_a_caller_gets_the_job_and_the_job_goes_on() {
    let config = Config {
        sync_wait: Duration::from_millis(1),
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let body = html_with("<p>x", &json!({ "async": false, "storage": false }));
    let answer = gateway.post("/v2/html/pdf", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let job = answer.json();
    assert_eq!(
        (&job["status"], &job["id"]),
        (&json!("pending"), &job["jobId"])
    );
    let (message, _) = gateway.take(Mode::Sync).await;
    gateway.succeed(message.job).await;
    let read = gateway
        .get(&format!("/v2/jobs/{}", message.job))
        .await
        .json();
    assert_eq!(read["status"], "success");
    let file = gateway.get_as("", &path_of(&read["assetUrl"])).await;
    assert_eq!(file.body, RESULT);
}

#[tokio::test]
async fn a_server_that_drains_sends_waiting_callers_away_with_their_job() {
    let config = Config {
        drain_wait: Duration::ZERO,
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let body = html_with("<p>x", &json!({ "async": false }));
    let (answer, ()) = tokio::join!(gateway.post("/v2/html/pdf", &body), async {
        gateway.take(Mode::Sync).await;
        gateway.lifecycle.draining.cancel();
    });
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (StatusCode::ACCEPTED, &json!("pending"))
    );
}

#[tokio::test]
async fn a_caller_who_hangs_up_while_waiting_leaves_the_job_accepted() {
    let gateway = Harness::new().await;
    let body = html_with("<p>x", &json!({ "async": false }));
    let mut waiting = Box::pin(gateway.post("/v2/html/pdf", &body));
    let (message, _) = tokio::select! {
        answer = &mut waiting => panic!("{answer:?}"),
        taken = gateway.take(Mode::Sync) => taken,
    };
    drop(waiting);
    gateway.lifecycle.tasks.close();
    gateway.lifecycle.tasks.wait().await;
    assert_eq!(gateway.app.waiters.count(), 0);
    gateway.succeed(message.job).await;
    let row = gateway
        .parts
        .store
        .job_by_id(message.job)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.state, JobState::Success);
    assert_eq!(gateway.balance().await, Credits::whole(99));
}

#[tokio::test]
async fn a_caller_who_hangs_up_during_acceptance_changes_nothing() {
    let gateway = Harness::new().await;
    let body = html("<p>x");
    let mut posting = Box::pin(gateway.post("/v2/html/pdf", &body));
    while gateway.lifecycle.tasks.is_empty() {
        assert!(poll!(&mut posting).is_pending());
        tokio::task::yield_now().await;
    }
    drop(posting);
    let (message, _) = gateway.take(Mode::Async).await;
    gateway.lifecycle.tasks.close();
    gateway.lifecycle.tasks.wait().await;
    let row = gateway
        .parts
        .store
        .job_by_id(message.job)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.state, JobState::Published);
}

#[tokio::test]
async fn a_price_of_the_operators_is_charged() {
    let config = Config {
        price: vec!["html-pdf=2.5".parse().unwrap()],
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let answer = gateway.post("/v2/html/pdf", &html("<p>x")).await;
    assert_eq!(answer.header("cl-api-credit-cost"), "2.5");
    assert_eq!(answer.header("cl-calls-remaining"), "39");
    assert_eq!(gateway.balance().await, Credits::from_thousandths(97_500));
}

#[tokio::test]
async fn a_bearer_key_works_as_well() {
    let gateway = Harness::new().await;
    let mut request = request(
        Method::POST,
        "/v2/html/pdf",
        "",
        html("<p>x").to_string().into(),
    );
    let value = format!("Bearer {}", gateway.key).parse().unwrap();
    request.headers_mut().insert("authorization", value);
    assert_eq!(gateway.send(request).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_full_installation_refuses_what_can_wait_uncharged_until_a_job_has_ended() {
    let gateway = Harness::with(Config {
        backlog_limit: std::num::NonZeroU32::MIN.saturating_add(1),
        ..Config::default()
    })
    .await;
    let look = async || {
        let looked = gateway.app.backlog.look(&gateway.parts.store).await;
        looked.unwrap();
    };
    for _ in 0..2 {
        look().await;
        let accepted = gateway.post("/v2/html/pdf", &html("Words")).await;
        assert_eq!(accepted.status, 202, "{accepted:?}");
    }
    look().await;
    let refused = gateway.post("/v2/html/pdf", &html("Words")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(gateway.balance().await, Credits::whole(98));
    let (message, _) = gateway.take(Mode::Async).await;
    gateway.succeed(message.job).await;
    look().await;
    let accepted = gateway.post("/v2/html/pdf", &html("Words")).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
}
