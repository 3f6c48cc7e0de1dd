//! Webhooks as their owner manages them.

use std::time::Duration;

use axum::body::Body;
use common::credits::Credits;
use common::id::{DeliveryId, JobId};
use common::job::{AttemptOutcome, DeliveryState, OffReason};
use common::store::{AttemptRecord, LeaseRequest, MadeAttempt, Next, SwitchedOff};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Answer, Harness, request};

const URL: &str = "https://a.example/hook";

async fn put(gateway: &Harness, body: &Value) -> Answer {
    let body = Body::from(body.to_string());
    gateway
        .send(request(Method::PUT, "/v2/webhook", &gateway.key, body))
        .await
}

/// A delivery to the account's endpoint that has been tried once, and failed for good.
async fn dead(gateway: &Harness) -> (JobId, DeliveryId) {
    let store = &gateway.parts.store;
    let job = gateway.done(&gateway.key).await;
    let delivery = store.deliveries(job).await.unwrap()[0].id;
    let request = LeaseRequest {
        delivery,
        attempt: 1,
        lease_for: Duration::from_secs(45),
    };
    let now = gateway.parts.clock.now();
    let leased = store
        .lease(&[request], now)
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    let record = AttemptRecord {
        outcome: AttemptOutcome::Rejected,
        status: Some(503),
        error: Some("the endpoint answered 503; 200 is expected".to_owned()),
        excerpt: Some("busy".to_owned()),
        duration: Duration::from_millis(1500),
    };
    let done = MadeAttempt {
        leased,
        record,
        next: Next::Failed,
        trace: None,
    };
    assert_eq!(store.finish_attempts(&[done], now).await.unwrap(), [true]);
    (job, delivery)
}

#[tokio::test]
async fn an_endpoint_is_set_shown_and_unset() {
    let gateway = Harness::new().await;
    let none = gateway.get("/v2/webhook").await.json();
    assert_eq!(
        (&none["url"], &none["status"]),
        (&Value::Null, &json!("none"))
    );
    let set = put(&gateway, &json!({ "url": URL })).await.json();
    assert_eq!((&set["url"], &set["status"]), (&json!(URL), &json!("on")));
    assert_eq!(gateway.get("/v1/webhook").await.json(), set);
    let unset = request(Method::DELETE, "/v2/webhook", &gateway.key, Body::empty());
    assert_eq!(gateway.send(unset).await.json(), none);
    for (body, part) in [
        (json!({}), "`url` is missing"),
        (json!({ "url": "http://a.example/" }), "`url` must be https"),
        (json!({ "url": "hook" }), "absolute https address"),
        (json!({ "url": 7 }), "`url` must be a string"),
    ] {
        let answer = put(&gateway, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn an_endpoint_that_was_switched_off_says_why_and_gets_what_waited_once_it_is_on() {
    let gateway = Harness::new().await;
    put(&gateway, &json!({ "url": URL })).await;
    let job = gateway.done(&gateway.key).await;
    let (store, now) = (&gateway.parts.store, gateway.parts.clock.now());
    let off = SwitchedOff {
        at: now,
        reason: OffReason::Gone,
    };
    assert!(
        store
            .switch_off(gateway.account, URL, off, None)
            .await
            .unwrap()
    );
    let delivery = store.deliveries(job).await.unwrap()[0].id;
    let until = now + Duration::from_hours(1);
    assert!(store.park(delivery, until, now).await.unwrap());

    let shown = gateway.get("/v2/webhook").await.json();
    assert_eq!(shown["status"], "off");
    assert_eq!(shown["offReason"], "gone");
    assert_eq!(shown["offSince"], now.to_iso8601());
    let path = format!("/v2/deliveries/{delivery}");
    assert_eq!(gateway.get(&path).await.json()["state"], "parked");
    let replay = gateway.post(&format!("{path}/replay"), &json!({})).await;
    assert_eq!(replay.status, StatusCode::UNPROCESSABLE_ENTITY);

    let on = gateway.post("/v2/webhook/enable", &json!({})).await.json();
    assert_eq!(
        (&on["status"], &on["offReason"]),
        (&json!("on"), &Value::Null)
    );
    let read = gateway.get(&path).await.json();
    assert_eq!(read["state"], "pending");
    assert_eq!(read["dueAt"], now.to_iso8601());
}

#[tokio::test]
async fn a_secret_is_shown_and_rotated_with_an_overlap() {
    let gateway = Harness::new().await;
    let secret = gateway.get("/v2/webhook/secret").await.json();
    let first = secret["secret"].as_str().unwrap().to_owned();
    assert!(first.starts_with("whsec_"), "{first}");
    assert_eq!(secret["previousSecret"], Value::Null);
    let (_, stranger) = gateway.other(Credits::ZERO).await;
    let other = gateway.get_as(&stranger, "/v2/webhook/secret").await.json();
    assert_ne!(other["secret"], json!(first));

    let rotate = json!({ "overlapSeconds": 60 });
    let rotated = gateway
        .post("/v2/webhook/secret/rotate", &rotate)
        .await
        .json();
    assert_ne!(rotated["secret"], json!(first));
    assert_eq!(rotated["previousSecret"], json!(first));
    assert_eq!(gateway.get("/v2/webhook/secret").await.json(), rotated);
    gateway.parts.clock.advance(Duration::from_mins(1));
    let after = gateway.get("/v2/webhook/secret").await.json();
    assert_eq!(after["secret"], rotated["secret"]);
    assert_eq!(after["previousSecret"], Value::Null);

    let leaked = json!({ "overlapSeconds": 0 });
    let at_once = gateway
        .post("/v2/webhook/secret/rotate", &leaked)
        .await
        .json();
    assert_eq!(at_once["previousSecret"], Value::Null);
    let wrong = json!({ "overlapSeconds": -1 });
    let refused = gateway.post("/v2/webhook/secret/rotate", &wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_delivery_is_read_with_its_attempts_by_its_owner_alone() {
    let gateway = Harness::new().await;
    put(&gateway, &json!({ "url": URL })).await;
    let (job, delivery) = dead(&gateway).await;
    let path = format!("/v2/deliveries/{delivery}");
    let read = gateway.get(&path).await.json();
    assert_eq!(read["jobId"], json!(job));
    assert_eq!(read["messageId"], json!(delivery));
    assert_eq!(
        (&read["url"], &read["state"]),
        (&json!(URL), &json!("failed"))
    );
    let attempt = &read["log"][0];
    assert_eq!(attempt["outcome"], "rejected");
    assert_eq!(
        (&attempt["status"], &attempt["durationMs"]),
        (&json!(503), &json!(1500))
    );
    assert_eq!(attempt["excerpt"], "busy");
    let listed = gateway.get("/v2/deliveries?state=failed").await.json();
    assert_eq!(listed[0]["id"], json!(delivery));
    assert_eq!(
        gateway.get("/v2/deliveries?state=pending").await.json(),
        json!([])
    );
    let (_, stranger) = gateway.other(Credits::ZERO).await;
    assert_eq!(gateway.get_as(&stranger, &path).await.status, 404);
    assert_eq!(
        gateway.get_as(&stranger, "/v2/deliveries").await.json(),
        json!([])
    );
    let replay = gateway
        .post_as(&stranger, &format!("{path}/replay"), &json!({}))
        .await;
    assert_eq!(replay.status, 404);
    assert_eq!(gateway.get("/v2/deliveries/7").await.status, 404);
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_by_hand_once() {
    let gateway = Harness::new().await;
    put(&gateway, &json!({ "url": URL })).await;
    let since = gateway.parts.clock.now().to_iso8601();
    let (job, first) = dead(&gateway).await;
    dead(&gateway).await;
    let replay = |dry_run| json!({ "since": since, "dryRun": dry_run });
    let post = async |body: &Value| gateway.post("/v2/deliveries/replay", body).await.json();
    assert_eq!(
        post(&replay(true)).await,
        json!({ "count": 2, "dryRun": true })
    );
    let again = gateway
        .post(&format!("/v2/deliveries/{first}/replay"), &json!({}))
        .await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    let id: DeliveryId = again.json()["id"].as_str().unwrap().parse().unwrap();
    assert_ne!(id, first);
    assert_eq!(
        post(&replay(false)).await,
        json!({ "count": 1, "dryRun": false })
    );
    assert_eq!(
        post(&replay(false)).await,
        json!({ "count": 0, "dryRun": false })
    );
    let deliveries = gateway.parts.store.deliveries(job).await.unwrap();
    assert_eq!(deliveries.len(), 2);
    assert_eq!((deliveries[1].id, deliveries[1].message), (id, first));
    assert_eq!(deliveries[1].state, DeliveryState::Pending);
    for wrong in [json!({}), json!({ "since": "yesterday" })] {
        let refused = gateway.post("/v2/deliveries/replay", &wrong).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_ping_tells_what_came_of_it() {
    let gateway = Harness::new().await;
    let nowhere = gateway.post("/v2/webhook/ping", &json!({})).await;
    assert_eq!(nowhere.status, StatusCode::BAD_REQUEST);
    put(&gateway, &json!({ "url": URL })).await;
    let body = json!({ "dialect": "iterationlayer" });
    let sent = async {
        let store = &gateway.parts.store;
        let now = gateway.parts.clock.now();
        let ping = loop {
            if let Some(ping) = store.claim_ping(now).await.unwrap() {
                break ping;
            }
            tokio::task::yield_now().await;
        };
        let record = AttemptRecord {
            outcome: AttemptOutcome::Delivered,
            status: Some(204),
            error: None,
            excerpt: None,
            duration: Duration::from_millis(12),
        };
        store.finish_ping(ping.id, &record, now).await.unwrap();
        ping
    };
    let (answer, ping) = tokio::join!(gateway.post("/v2/webhook/ping", &body), sent);
    let answer = answer.json();
    assert_eq!(answer["id"], json!(ping.id));
    assert_eq!(
        (&answer["delivered"], &answer["status"]),
        (&json!(true), &json!(204))
    );
    assert_eq!(
        (ping.url.as_str(), ping.dialect.as_str()),
        (URL, "iterationlayer")
    );
}
