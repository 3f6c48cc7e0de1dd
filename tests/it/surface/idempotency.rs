//! Requests that are sent again with their key, over the real server.

use std::collections::HashSet;

use common::job::EntryKind;
use futures::future::join_all;
use hyper::Method;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

const PDF: &str = "/v2/html/pdf";

async fn once(api: &Api, key: &str, path: &str, body: &Value) -> Answer {
    let headers = [("idempotency-key", key)];
    api.send(Method::POST, path, &headers, body.to_string().into())
        .await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotent-replayed") == "true"
}

#[track_caller]
fn assert_same(first: &Answer, repeat: &Answer) {
    assert_eq!((first.status, &first.body), (repeat.status, &repeat.body));
    assert!(!is_replayed(first) && is_replayed(repeat), "{repeat:?}");
}

/// How often an account was charged.
async fn charges(platen: &Platen, account: &str) -> usize {
    let ledger = platen.ledger(account).await;
    let charges = ledger
        .iter()
        .filter(|entry| entry.kind == EntryKind::Charge);
    charges.count()
}

#[tokio::test]
async fn an_async_repeat_is_answered_as_the_first_was_and_makes_nothing() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let body = json!({ "html": html("Words"), "webhook": receiver.url() });
    let first = once(&api, "order-7", PDF, &body).await.expect(202);
    assert_same(&first, &once(&api, "order-7", PDF, &body).await);
    let job = text(&first.json(), "jobId");
    api.succeeded(&job).await;
    receiver.wait_for(1).await;
    assert_same(&first, &once(&api, "order-7", PDF, &body).await);
    assert_eq!(api.jobs().await.len(), 1);
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
    assert_eq!(receiver.calls().len(), 1);
}

#[tokio::test]
async fn a_sync_repeat_joins_the_running_job() {
    let (api, site, gate) = (tenant().await, Site::start().await, Gate::default());
    site.reply("/", Reply::page("Once").behind(&gate));
    let body = json!({ "url": site.url("/"), "async": false });
    let first = once(&api, "k", "/v2/url/pdf", &body);
    let repeat = async {
        site.wait_for("/", 1).await;
        let repeat = once(&api, "k", "/v2/url/pdf", &body);
        let open = async {
            // Another request that comes later is answered, so this one has surely arrived.
            once(&api, "other", PDF, &json!({ "html": html("Words") })).await;
            gate.open();
        };
        tokio::join!(repeat, open).0
    };
    let (first, repeat) = tokio::join!(first, repeat);
    assert_eq!(first.json()["status"], "success");
    assert_same(&first, &repeat);
    assert_eq!(site.seen("/").len(), 1);
    let file = api.download(&text(&repeat.json(), "assetUrl")).await;
    assert!(Pdf::new(&file.expect(200).body).text().contains("Once"));
    assert_eq!(api.jobs().await.len(), 2);
}

#[tokio::test]
async fn a_failure_is_told_again_and_refunded_once() {
    let api = tenant().await;
    let body = api::with(never_ready(), "async", json!(false));
    let first = once(&api, "k", PDF, &body).await.expect(500);
    assert_same(&first, &once(&api, "k", PDF, &body).await);
    assert_eq!(api.credit().await, Tenant::CREDIT);
}

#[tokio::test]
async fn another_body_path_or_mode_with_the_key_is_422() {
    let api = tenant().await;
    let body = json!({ "html": html("Words") });
    once(&api, "k", PDF, &body).await.expect(202);
    for (path, body) in [
        (PDF, json!({ "html": html("Other words") })),
        (PDF, api::with(body.clone(), "async", json!(false))),
        ("/v2/html/image", body.clone()),
    ] {
        let refused = once(&api, "k", path, &body).await.expect(422);
        assert!(
            refused.message().contains("`Idempotency-Key`"),
            "{refused:?}"
        );
    }
    let refused = once(&api, "not a key", PDF, &body).await.expect(400);
    assert!(refused.message().contains("visible ASCII"), "{refused:?}");
    assert_eq!(api.jobs().await.len(), 1);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let platen = shared::shared().await;
    let account = platen.cli().account("poor", "0.5").await;
    let (key, _) = platen.cli().key(&account).await;
    let api = Api::new(&platen.url(), &key);
    let body = json!({ "html": html("Words") });
    let wrong = json!({ "html": html("Words"), "timeout": -1 });
    once(&api, "k", PDF, &wrong).await.expect(400);
    once(&api, "k", PDF, &body).await.expect(401);
    let card = json!({
        "dimensions": { "width": 8, "height": 4 }, "webhook_url": "https://example.com/hook",
        "layers": [{ "index": 0, "type": "solid-color", "hex_color": "#336699" }],
    });
    let generate = "/image-generation/v1/generate";
    once(&api, "card", generate, &card).await.expect(402);
    platen
        .cli()
        .run(&["account", "credit", &account, "1.5"])
        .await;
    for (key, path, body, status) in [("k", PDF, &body, 202), ("card", generate, &card, 201)] {
        let first = once(&api, key, path, body).await.expect(status);
        assert_same(&first, &once(&api, key, path, body).await);
    }
    assert_eq!(api.credit().await, 0.0);
}

#[tokio::test]
async fn a_repeat_after_the_result_is_gone_is_410() {
    let platen = Start::open()
        .variable("PLATEN_RESULT_RETENTION", "1ms")
        .variable("PLATEN_ASSET_RETENTION", "1ms")
        .start()
        .await;
    let api = platen.tenant().await;
    let later = json!({ "html": html("Words") });
    let accepted = once(&api, "later", PDF, &later).await.expect(202);
    let job = text(&accepted.json(), "jobId");
    api.succeeded(&job).await;
    let now = json!({ "html": html("Words"), "async": false, "storage": false });
    let file = once(&api, "now", PDF, &now).await.expect(200);
    assert!(Pdf::new(&file.body).text().contains("Words"));
    for (key, body, job) in [
        ("later", later, job.as_str()),
        ("now", now, file.header("cl-worker-job-id")),
    ] {
        let gone = once(&api, key, PDF, &body).await.expect(410);
        assert!(gone.message().contains(job), "{gone:?}");
    }
    assert_eq!(api.credit().await, Tenant::CREDIT - 2.0);
}

#[tokio::test]
async fn callers_who_hang_up_get_their_job_by_asking_again() {
    const CALLERS: usize = 60;
    let (api, platen) = (tenant().await, shared::shared().await);
    let url = platen.url();
    let address = url.trim_start_matches("http://");
    let body = json!({ "html": html("Words") }).to_string();
    let calls = (0..CALLERS).map(|caller| {
        let (api, body) = (&api, &body);
        async move {
            let key = format!("caller-{caller}");
            let request = format!(
                "POST {PDF} HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {}\r\n\
                 Idempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{body}",
                api.key(),
                body.len(),
            );
            let mut socket = TcpStream::connect(address)
                .await
                .expect("the server listens");
            socket
                .write_all(request.as_bytes())
                .await
                .expect("it reads");
            // Some are gone before the server has read, some while it answers.
            for _ in 0..caller {
                tokio::task::yield_now().await;
            }
            drop(socket);
            let body = serde_json::from_str(body).expect("JSON");
            let answer = once(api, &key, PDF, &body).await.expect(202);
            text(&answer.json(), "jobId")
        }
    });
    let jobs: HashSet<String> = join_all(calls).await.into_iter().collect();
    assert_eq!(jobs.len(), CALLERS);
    for job in &jobs {
        api.succeeded(job).await;
    }
    assert_eq!(api.jobs().await.len(), CALLERS);
    assert_eq!(charges(platen, api.account()).await, CALLERS);
}
