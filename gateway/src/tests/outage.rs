//! The database is away: every dialect says so, in time, and nothing is left behind.

use common::key::ApiKey;
use common::task::INLINE_LIMIT;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::support::{Answer, Harness, html};
use crate::body::Posted;
use crate::cloudlayer::conversion::Conversion;
use crate::cloudlayer::convert::convert;
use crate::cloudlayer::request::{Endpoint, Version};

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn reads_and_requests_are_503_in_the_words_of_their_dialect() {
    let gateway = Harness::new().await;
    gateway.parts.store.close().await;
    let document = html(&"x".repeat(INLINE_LIMIT + 1));
    for answer in [
        gateway.post("/v2/html/pdf", &document).await,
        gateway.get("/v2/jobs").await,
        gateway.get("/v1/account").await,
    ] {
        assert_unavailable(&answer);
        let error = answer.json();
        assert_eq!(
            (&error["statusCode"], &error["error"]),
            (&json!(503), &json!("Service Unavailable"))
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("database"), "{message}");
    }
    for answer in [
        gateway
            .post("/image-generation/v1/generate", &json!({}))
            .await,
        gateway.get("/v1/me").await,
    ] {
        assert_unavailable(&answer);
        assert_eq!(answer.json()["success"], false);
    }
    assert_eq!(gateway.object_count(), 0);
}

#[tokio::test]
async fn a_request_that_can_not_be_recorded_costs_nothing_and_its_input_goes() {
    let gateway = Harness::new().await;
    let hash = ApiKey::parse(&gateway.key).hash();
    let caller = gateway.parts.store.authenticate(&hash).await.unwrap();
    let document = html(&"x".repeat(INLINE_LIMIT + 1));
    gateway.parts.store.close().await;
    let caller = caller.unwrap();
    let posted = Posted {
        share: gateway.app.room.share(caller.account),
        caller,
        body: document.to_string().into_bytes(),
        repeatable: None,
    };
    let endpoint = Endpoint {
        version: Version::V2,
        kind: Conversion::HtmlPdf,
    };
    let refused = convert(&gateway.app, endpoint, &HeaderMap::new(), posted)
        .await
        .unwrap_err();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let message = refused.to_string();
    assert!(message.contains("nothing was charged"), "{message}");
    assert_eq!(gateway.object_count(), 0);
    assert_eq!(gateway.app.waiters.count(), 0);
}
