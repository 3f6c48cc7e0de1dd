//! The same in the second dialect, which has no way to fetch a result later.

use std::time::Duration;

use bytes::Bytes;
use common::artifact::Artifact;
use common::credits::Credits;
use common::id::{JobId, RunId};
use common::job::{FailureKind, Lane, Mode};
use common::message::Outcome;
use common::objects::ObjectKey;
use http::StatusCode;
use serde_json::json;

use super::{Harness, IMAGE, assert_same, picture};
use crate::config::Config;

async fn next(gateway: &Harness, mode: Mode) -> JobId {
    let mut jobs = gateway.parts.broker.jobs(Lane::Native, mode, 16);
    jobs.next().await.unwrap().message.job
}

#[tokio::test]
async fn a_picture_is_made_once_and_answered_again() {
    let (gateway, body) = (Harness::new().await, picture());
    let (first, job) = tokio::join!(gateway.post_once("k", IMAGE, &body), async {
        let job = next(&gateway, Mode::Sync).await;
        let run = RunId::new();
        let key = ObjectKey::artifact(job, run, "result.png");
        let objects = &gateway.parts.objects;
        objects.put(&key, Bytes::from_static(b"png")).await.unwrap();
        let artifact = Artifact {
            key,
            content_type: "image/png".to_owned(),
            extension: "png".to_owned(),
            size: 3,
        };
        let outcome = Outcome::Success {
            artifact,
            preview: None,
        };
        gateway.settle(job, run, outcome).await;
        job
    });
    assert_eq!(first.json()["success"], true);
    assert_same(&first, &gateway.post_once("k", IMAGE, &picture()).await);
    assert_eq!(gateway.balance().await, Credits::whole(99));
    gateway.parts.clock.advance(Duration::from_hours(1));
    let swept = gateway.post_once("k", IMAGE, &picture()).await;
    assert_eq!(swept.status, StatusCode::GONE);
    let error = swept.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains(&job.to_string()), "{error}");
}

#[tokio::test]
async fn a_picture_for_a_webhook_is_accepted_once() {
    let gateway = Harness::new().await;
    let mut body = picture();
    body["webhook_url"] = json!("https://example.com/hook");
    let first = gateway.post_once("k", IMAGE, &body).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_same(&first, &gateway.post_once("k", IMAGE, &body).await);
    assert_eq!(gateway.job_count().await, 1);
}

#[tokio::test]
async fn a_picture_that_failed_or_came_too_late_is_told_again_in_the_same_words() {
    let (gateway, body) = (Harness::new().await, picture());
    let (failed, ()) = tokio::join!(gateway.post_once("k", IMAGE, &body), async {
        let job = next(&gateway, Mode::Sync).await;
        let outcome = Outcome::Failure {
            kind: FailureKind::Timeout,
            message: "painting took longer than 30 s".to_owned(),
        };
        gateway.settle(job, RunId::new(), outcome).await;
    });
    assert_eq!(failed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_same(&failed, &gateway.post_once("k", IMAGE, &picture()).await);
    let config = Config {
        sync_wait: Duration::from_millis(1),
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let late = gateway.post_once("k", IMAGE, &picture()).await;
    assert_eq!(late.status, StatusCode::GATEWAY_TIMEOUT);
    assert_same(&late, &gateway.post_once("k", IMAGE, &picture()).await);
    assert_eq!(gateway.balance().await, Credits::whole(100));
}
