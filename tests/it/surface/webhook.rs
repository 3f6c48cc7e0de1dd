//! Telling a customer's endpoint that a job has ended.

use common::job::DeliveryState;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};

fn succeeding() -> Value {
    json!({ "html": html("Words") })
}

async fn submit(api: &Api, options: Value, receiver: &Receiver) -> String {
    api.submit(
        "/v2/html/pdf",
        api::with(options, "webhook", json!(receiver.url())),
    )
    .await
}

/// Insists on the seed's fields, which may have company, and on the absence of those of the other end.
fn assert_fields(payload: &Value, present: &[&str], absent: &[&str]) {
    for field in present {
        assert!(payload[field].is_string(), "{field}: {payload}");
    }
    for field in absent {
        assert!(payload.get(field).is_none(), "{field}: {payload}");
    }
}

#[tokio::test]
async fn success_is_told_with_the_link() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let job = submit(&api, succeeding(), &receiver).await;
    let call = &receiver.wait_for(1).await[0];
    assert_eq!(
        (call.method.as_str(), call.header("content-type")),
        ("POST", "application/json")
    );
    let payload = receiver::payload(call);
    assert_fields(
        &payload,
        &["assetUrl", "jobId", "timestamp"],
        &["error", "previewUrl"],
    );
    assert_eq!(
        (&payload["jobId"], &payload["status"]),
        (&json!(job), &json!("success")),
        "{payload}"
    );
    let stamp = text(&payload, "timestamp");
    assert!(
        stamp.len() == 24 && &stamp[10..11] == "T" && stamp.ends_with('Z'),
        "ISO 8601 with milliseconds: {stamp}"
    );
    assert!(
        Pdf::new(
            &api.download(&text(&payload, "assetUrl"))
                .await
                .expect(200)
                .body
        )
        .text()
        .contains("Words")
    );
}

#[tokio::test]
async fn failure_is_told_with_the_error() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let job = submit(&api, never_ready(), &receiver).await;
    let payload = &receiver.payloads(1).await[0];
    assert_fields(
        payload,
        &["error", "jobId", "timestamp"],
        &["assetUrl", "previewUrl"],
    );
    assert_eq!(
        (&payload["jobId"], &payload["status"]),
        (&json!(job), &json!("error")),
        "{payload}"
    );
    assert_eq!(payload["error"], api.finished(&job).await["error"]);
}

#[tokio::test]
async fn the_accounts_setting_is_used_unless_the_request_has_its_own() {
    let (api, setting, own) = (
        tenant().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    api.cli().webhook(api.account(), &setting.url()).await;
    let by_setting = api.submit("/v2/html/pdf", succeeding()).await;
    assert_eq!(setting.payloads(1).await[0]["jobId"], by_setting);
    let by_request = submit(&api, succeeding(), &own).await;
    assert_eq!(own.payloads(1).await[0]["jobId"], by_request);
    assert_eq!(setting.calls().len(), 1, "only one endpoint hears of a job");
}

#[tokio::test]
async fn a_caller_who_got_the_answer_needs_no_webhook() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    api.convert(
        "/v2/html/pdf",
        api::with(succeeding(), "webhook", json!(receiver.url())),
    )
    .await;
    let next = submit(&api, succeeding(), &receiver).await;
    assert_eq!(
        receiver.payloads(1).await[0]["jobId"],
        next,
        "the first call is for the job that nobody waited for"
    );
}

#[tokio::test]
async fn a_failing_endpoint_is_called_four_times_at_growing_distances_and_then_given_up() {
    let (api, receiver) = (
        tenant().await,
        Receiver::answering(vec![Reply::status(500)]).await,
    );
    let job = submit(&api, succeeding(), &receiver).await;
    let calls = receiver.wait_for(4).await;
    let gaps: Vec<u128> = calls
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at).as_millis())
        .collect();
    assert!(
        gaps[0] >= 80 && gaps[1] >= 160 && gaps[2] >= 240,
        "the schedule is 100, 200 and 300 ms: {gaps:?}"
    );
    assert!(
        calls.iter().all(|call| call.body == calls[0].body),
        "every attempt says the same"
    );
    given_up(&api, &job, 4).await;
    assert_eq!(receiver.calls().len(), 4);
    assert_eq!(api.succeeded(&job).await["status"], "success");
    assert_eq!(
        api.credit().await,
        Tenant::CREDIT - 1.0,
        "a failed delivery is not refunded"
    );
}

/// Waits until the delivery of a job stands among the dead letters of its account.
async fn given_up(api: &Tenant, job: &str, attempts: u32) {
    let store = shared::shared().await.store().await;
    let dead = eventually("the dead letter", || async {
        let deliveries = store.deliveries(job.parse().expect("a job's id")).await;
        let mut deliveries = deliveries.expect("deliveries are readable").into_iter();
        deliveries.find(|delivery| delivery.state == DeliveryState::Failed)
    })
    .await;
    assert_eq!(dead.attempts, attempts, "{dead:?}");
    let account = api.account().parse().expect("an account id");
    let since = dead.created_at;
    let count = store.count_dead_letters(account, since).await;
    assert_eq!(count.expect("dead letters are countable"), 1);
}

#[tokio::test]
async fn a_delivery_that_is_accepted_at_last_is_not_repeated() {
    let (api, receiver) = (
        tenant().await,
        Receiver::answering(vec![
            Reply::status(500),
            Reply::status(503),
            Reply::status(200),
        ])
        .await,
    );
    submit(&api, succeeding(), &receiver).await;
    receiver.wait_for(3).await;
    submit(&api, succeeding(), &receiver).await;
    let calls = receiver.payloads(4).await;
    assert_eq!(calls[0]["jobId"], calls[2]["jobId"]);
    assert_ne!(
        calls[2]["jobId"], calls[3]["jobId"],
        "the fourth call is the next job's"
    );
}

#[tokio::test]
async fn only_200_is_success_and_redirects_are_not_followed() {
    let elsewhere = Receiver::start().await;
    for refusal in [
        Reply::status(201),
        Reply::status(204),
        Reply::redirect(elsewhere.url()),
    ] {
        let (api, receiver) = (
            tenant().await,
            Receiver::answering(vec![refusal, Reply::status(200)]).await,
        );
        submit(&api, succeeding(), &receiver).await;
        receiver.wait_for(2).await;
    }
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_tried_again() {
    let (api, receiver) = (
        tenant().await,
        Receiver::answering(vec![Reply::never(), Reply::status(200)]).await,
    );
    let job = submit(&api, succeeding(), &receiver).await;
    let calls = receiver.payloads(2).await;
    assert_eq!(
        (&calls[0]["jobId"], &calls[1]["jobId"]),
        (&json!(job), &json!(job))
    );
}

#[tokio::test]
async fn plain_http_is_accepted_only_towards_an_opened_range() {
    let api = guarded_tenant().await;
    for closed in [
        "http://127.0.0.1:9/hook",
        "http://10.0.0.1/hook",
        "ftp://127.0.0.2/hook",
        "nonsense",
    ] {
        let answer = api
            .post(
                "/v2/html/pdf",
                &api::with(succeeding(), "webhook", json!(closed)),
            )
            .await
            .expect(400);
        assert!(
            answer.message().contains("webhook"),
            "{closed}: {}",
            answer.message()
        );
        let said = api
            .cli()
            .fail(&["webhook", "set", api.account(), closed])
            .await;
        assert!(!said.is_empty());
    }
    assert_eq!(
        (api.credit().await, api.jobs().await.len()),
        (Tenant::CREDIT, 0)
    );
    let site = Site::on(shared::OPEN_ADDRESS).await;
    site.reply("/hook", Reply::status(200));
    api.submit(
        "/v2/html/pdf",
        api::with(succeeding(), "webhook", json!(site.url("/hook"))),
    )
    .await;
    site.wait_for("/hook", 1).await;
}

#[tokio::test]
async fn an_https_webhook_to_a_closed_address_is_never_dialled() {
    let (api, closed) = (
        guarded_tenant().await,
        Site::on(shared::CLOSED_ADDRESS).await,
    );
    let hook = format!("https://{}:{}/hook", shared::CLOSED_ADDRESS, closed.port());
    let answer = api
        .post(
            "/v2/html/pdf",
            &api::with(succeeding(), "webhook", json!(hook)),
        )
        .await;
    if answer.status != 400 {
        api.succeeded(&text(&answer.expect_success().json(), "jobId"))
            .await;
    }
    let named = format!("https://localhost:{}/hook", closed.port());
    let job = api
        .submit(
            "/v2/html/pdf",
            api::with(succeeding(), "webhook", json!(named)),
        )
        .await;
    api.succeeded(&job).await;
    assert_eq!(closed.connections(), 0);
}
