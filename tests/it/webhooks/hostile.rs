//! Each bad manner of an endpoint ends as it is specified, within the deadline.

use std::time::Duration;

use common::job::{AttemptOutcome, DeliveryState};
use common::store::Attempt;
use platen_tests::hostile::{Hostile, Manner};
use platen_tests::self_signed::SelfSigned;
use platen_tests::*;
use serde_json::json;

/// The deadline of a call.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What a call may take beyond it: the time to notice and to write it down, on a busy machine.
const SLACK: Duration = Duration::from_secs(2);

async fn server() -> Platen {
    let start = Start::open()
        .variable("PLATEN_WEBHOOK_TIMEOUT", "2s")
        .variable("PLATEN_WEBHOOK_RETRY_SCHEDULE", "500ms,1h");
    start.start().await
}

fn picture(webhook: &str) -> serde_json::Value {
    json!({
        "dimensions": { "width": 20, "height": 10 },
        "layers": [{ "type": "solid-color", "index": 0, "hex_color": "#335577" }],
        "webhook_url": webhook,
    })
}

/// Has a job told to this address, and gives the attempts once there are so many that have ended.
async fn attempts(server: &Platen, webhook: &str, count: usize) -> (DeliveryState, Vec<Attempt>) {
    let tenant = server.tenant().await;
    let answer = tenant
        .post("/image-generation/v1/generate", &picture(webhook))
        .await;
    answer.expect(201);
    let (store, account) = (server.store().await, tenant.account().parse().unwrap());
    let delivery = || async {
        let page = common::store::Page {
            limit: 9,
            offset: 0,
            start_after: None,
        };
        let all = common::store::DeliveryFilter::default();
        let listed = store.list_deliveries(account, &all, &page).await;
        listed.unwrap().pop()
    };
    let attempts = eventually(&format!("{count} attempts to {webhook}"), || async {
        let attempts = store.attempts(delivery().await?.id).await.unwrap();
        let ended = attempts.iter().filter(|attempt| attempt.outcome.is_some());
        (ended.count() >= count).then_some(attempts)
    })
    .await;
    // An attempt ends together with what it makes of its delivery, so that is to be seen by now.
    (delivery().await.unwrap().state, attempts)
}

/// One attempt: how it came out, with which status, within its time.
async fn check(
    server: &Platen,
    url: &str,
    outcome: AttemptOutcome,
    status: Option<u16>,
) -> Attempt {
    let (_, mut attempts) = attempts(server, url, 1).await;
    let attempt = attempts.remove(0);
    assert_eq!(
        (attempt.outcome, attempt.status),
        (Some(outcome), status),
        "{attempt:?}"
    );
    assert!(attempt.duration.unwrap() < TIMEOUT + SLACK, "{attempt:?}");
    attempt
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_ends_is_ended_at_its_deadline() {
    let server = server().await;
    for manner in [Manner::DripsHead, Manner::Silent, Manner::Deaf] {
        let endpoint = Hostile::start(manner).await;
        check(&server, &endpoint.url(), AttemptOutcome::Timeout, None).await;
    }
    // It takes the connection and never speaks TLS.
    let endpoint = Hostile::start(Manner::Silent).await;
    check(&server, &endpoint.tls_url(), AttemptOutcome::Timeout, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_status_counts_whatever_the_body_does_and_little_of_it_is_read() {
    let server = server().await;
    let drips = Hostile::start(Manner::DripsBody).await;
    check(&server, &drips.url(), AttemptOutcome::Delivered, Some(200)).await;
    let endless = Hostile::start(Manner::Endless).await;
    let attempt = check(
        &server,
        &endless.url(),
        AttemptOutcome::Delivered,
        Some(200),
    )
    .await;
    assert_eq!(attempt.excerpt.unwrap().len(), 4096);
    // What lies in the sockets' buffers counts too.
    assert!(
        endless.written() < 16 * 1024 * 1024,
        "{}",
        endless.written()
    );
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    let closes = Hostile::start(Manner::Says(half)).await;
    let attempt = check(&server, &closes.url(), AttemptOutcome::Delivered, Some(200)).await;
    assert_eq!(attempt.excerpt.as_deref(), Some("half"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_not_asked_for_and_not_unpacked() {
    let server = server().await;
    let receiver = Receiver::start().await;
    attempts(&server, &receiver.url(), 1).await;
    assert_eq!(receiver.calls()[0].header("accept-encoding"), "");
    // The first bytes of a gzip stream, which is text to nobody.
    let mut bomb =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 10\r\n\r\n".to_vec();
    bomb.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    let endpoint = Hostile::start(Manner::Says(bomb)).await;
    let attempt = check(
        &server,
        &endpoint.url(),
        AttemptOutcome::Delivered,
        Some(200),
    )
    .await;
    assert!(
        attempt.excerpt.unwrap().starts_with('\u{1f}'),
        "kept as it came"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_end_breaks_the_call_off() {
    let server = server().await;
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for number in 0..1_000 {
        head.extend(format!("x-header-{number}: {}\r\n", "y".repeat(100)).bytes());
    }
    head.extend(b"\r\n");
    let endpoint = Hostile::start(Manner::Says(head)).await;
    check(&server, &endpoint.url(), AttemptOutcome::Connection, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_not_spoken_to() {
    let server = server().await;
    let endpoint = SelfSigned::start().await;
    let attempt = check(&server, &endpoint.url(), AttemptOutcome::Connection, None).await;
    let error = attempt.error.unwrap();
    assert!(
        error.contains("no TLS connection") && error.contains("certificate"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_leads_nowhere() {
    let server = server().await;
    let metadata = Receiver::start().await;
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        metadata.url()
    );
    let endpoint = Hostile::start(Manner::Says(redirect.into())).await;
    let attempt = check(
        &server,
        &endpoint.url(),
        AttemptOutcome::Rejected,
        Some(307),
    )
    .await;
    assert!(attempt.error.unwrap().contains("307"));
    assert_eq!(metadata.calls().len(), 0);
    // Nor does an address that names it outright: nothing is accepted for it.
    let tenant = server.tenant().await;
    let direct = picture("https://169.254.169.254/latest");
    let refused = tenant.post("/image-generation/v1/generate", &direct).await;
    let answer = refused.expect(400).json();
    let message = answer["error"].as_str().unwrap();
    assert!(message.contains("metadata address"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_500_is_followed_by_another_try_and_a_429_by_one_after_the_pause_it_asks_for() {
    let server = server().await;
    let recovers = Receiver::answering(vec![Reply::status(500), Reply::status(200)]).await;
    let (state, log) = attempts(&server, &recovers.url(), 2).await;
    assert_eq!(state, DeliveryState::Delivered);
    assert_eq!(log[1].outcome, Some(AttemptOutcome::Delivered));
    // Twice the step is the most that a pause is heeded.
    let busy = b"HTTP/1.1 429 Too Many\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n".to_vec();
    let endpoint = Hostile::start(Manner::Says(busy)).await;
    let (_, log) = attempts(&server, &endpoint.url(), 2).await;
    let pause = log[1].started_at.since(log[0].finished_at.unwrap());
    assert!(pause >= Duration::from_millis(900), "{pause:?}");
    let gone = Hostile::start(Manner::Says(
        b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n".to_vec(),
    ))
    .await;
    let (_, log) = attempts(&server, &gone.url(), 2).await;
    assert_eq!((log[0].status, log[1].status), (Some(410), Some(410)));
}
