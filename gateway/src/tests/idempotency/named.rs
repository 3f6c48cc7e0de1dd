//! Repeats of requests that name what has ended or changed since: it is not asked for again.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::job::Mode;
use http::{Method, StatusCode};
use serde_json::json;

use super::super::support::{Harness, request};
use super::assert_same;

#[tokio::test]
async fn a_template_that_was_deleted_since_is_not_asked_for() {
    let gateway = Harness::new().await;
    let template = BASE64_STANDARD.encode("<p>{{ name }}");
    let body = json!({ "template": template, "title": "Mine" });
    let made = gateway.post("/v2/templates", &body).await.json();
    let body = json!({ "templateId": made["id"], "data": { "name": "A" } });
    let first = gateway.post_once("k", "/v2/template/pdf", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{first:?}");
    let path = format!("/v2/template/{}", made["id"].as_str().unwrap());
    let deletion = request(Method::DELETE, &path, &gateway.key, "".into());
    assert_eq!(gateway.send(deletion).await.status, StatusCode::NO_CONTENT);
    let repeat = gateway.post_once("k", "/v2/template/pdf", &body).await;
    assert_same(&first, &repeat);
    let anew = gateway.post_once("l", "/v2/template/pdf", &body).await;
    assert_eq!(anew.status, StatusCode::NOT_FOUND);
    assert_eq!(gateway.job_count().await, 1);
}

#[tokio::test]
async fn a_link_of_ours_that_has_ended_since_is_not_opened() {
    let gateway = Harness::new().await;
    let source = gateway.done(&gateway.key).await;
    let source = gateway.get(&format!("/v2/jobs/{source}")).await.json();
    gateway.parts.clock.advance(Duration::from_hours(23));
    let body = json!({ "batch": { "urls": [source["assetUrl"], source["assetUrl"]] } });
    let first = gateway.post_once("k", "/v2/pdf/merge", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{first:?}");
    gateway.parts.clock.advance(Duration::from_hours(2));
    let repeat = gateway.post_once("k", "/v2/pdf/merge", &body).await;
    assert_same(&first, &repeat);
    let anew = gateway.post_once("l", "/v2/pdf/merge", &body).await;
    assert_eq!(anew.status, StatusCode::BAD_REQUEST);
    assert_eq!(anew.json()["details"]["field"], "batch.urls[0]");
    assert_eq!(gateway.job_count().await, 2);
}

#[tokio::test]
async fn a_picture_of_ours_that_has_ended_since_is_not_read() {
    let gateway = Harness::new().await;
    let source = gateway.done(&gateway.key).await;
    let source = gateway.get(&format!("/v2/jobs/{source}")).await.json();
    gateway.parts.clock.advance(Duration::from_hours(23));
    let body = json!({ "url": source["previewUrl"] });
    let first = gateway.post_once("k", "/v2/url/pdf", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{first:?}");
    gateway.take(Mode::Async).await;
    gateway.parts.clock.advance(Duration::from_hours(2));
    let repeat = gateway.post_once("k", "/v2/url/pdf", &body).await;
    assert_same(&first, &repeat);
}
