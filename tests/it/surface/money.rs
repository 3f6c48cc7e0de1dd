//! Credits, refunds and limits.

use common::credits::Credits;
use common::job::EntryKind;
use futures::future::join_all;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::json;

/// A server's account with so much credit.
async fn account(platen: &Platen, credits: &str) -> (Api, String) {
    let account = platen.cli().account("small", credits).await;
    let (key, _) = platen.cli().key(&account).await;
    (Api::new(&platen.url(), &key), account)
}

#[tokio::test]
async fn a_success_costs_its_price_and_a_failure_is_refunded() {
    let api = tenant().await;
    api.pdf(json!({ "html": html("Words") })).await;
    api.picture(json!({ "html": html("Words") })).await;
    assert_eq!(api.credit().await, Tenant::CREDIT - 2.0);
    api.fail("/v2/html/pdf", never_ready()).await;
    let job = api.submit("/v2/html/pdf", never_ready()).await;
    assert_eq!(api.finished(&job).await["status"], "error");
    assert_eq!(api.credit().await, Tenant::CREDIT - 2.0);
}

#[tokio::test]
async fn the_ledger_tells_every_move_once() {
    let (api, platen) = (tenant().await, shared::shared().await);
    let good = api
        .submit("/v2/html/pdf", json!({ "html": html("Words") }))
        .await;
    let bad = api.submit("/v2/html/pdf", never_ready()).await;
    api.succeeded(&good).await;
    api.finished(&bad).await;
    let ledger = platen.ledger(api.account()).await;
    let moves: Vec<(EntryKind, i64, Option<String>)> = ledger
        .iter()
        .map(|entry| {
            (
                entry.kind,
                entry.amount.as_thousandths(),
                entry.job.map(|job| job.to_string()),
            )
        })
        .collect();
    for wanted in [
        (EntryKind::Charge, -1000, &good),
        (EntryKind::Charge, -1000, &bad),
        (EntryKind::Refund, 1000, &bad),
    ] {
        let count = moves
            .iter()
            .filter(|(kind, amount, job)| {
                (*kind, *amount, job.as_ref()) == (wanted.0, wanted.1, Some(wanted.2))
            })
            .count();
        assert_eq!(count, 1, "{wanted:?} in {moves:?}");
    }
    assert_eq!(moves.len(), 4, "and the grant: {moves:?}");
    let balance: Credits = ledger.iter().map(|entry| entry.amount).sum();
    assert_eq!(balance.as_f64(), api.credit().await);
}

#[tokio::test]
async fn without_enough_credit_the_answer_is_401_and_nothing_happens() {
    let platen = shared::shared().await;
    let (api, account) = account(platen, "1.5").await;
    let body = json!({ "html": html("Words"), "async": false });
    api.post("/v2/html/pdf", &body).await.expect_success();
    let refused = api.post("/v2/html/pdf", &body).await.expect(401).json();
    assert_eq!(
        (
            &refused["reason"],
            &refused["allowed"],
            &refused["statusCode"]
        ),
        (&json!("Insufficient credit."), &json!(false), &json!(401)),
        "{refused}"
    );
    assert_eq!((api.credit().await, api.jobs().await.len()), (0.5, 1));
    platen
        .cli()
        .run(&["account", "credit", &account, "0.5"])
        .await;
    api.post("/v2/html/pdf", &body).await.expect_success();
    assert_eq!(api.credit().await, 0.0);
}

#[tokio::test]
async fn many_at_once_never_overdraw() {
    let (api, _) = account(shared::shared().await, "3").await;
    let body = json!({ "html": html("Words") });
    let answers = join_all((0..8).map(|_| api.post("/v2/html/pdf", &body))).await;
    let accepted: Vec<String> = answers
        .iter()
        .filter(|answer| answer.status != 401)
        .map(|answer| text(&answer.json(), "jobId"))
        .collect();
    assert_eq!(accepted.len(), 3);
    for job in accepted {
        api.succeeded(&job).await;
    }
    assert_eq!(api.credit().await, 0.0);
}

#[tokio::test]
async fn the_operator_sets_prices_and_the_answer_tells_them() {
    let platen = Start::open()
        .variable("PLATEN_PRICE", "html-pdf=2.5")
        .start()
        .await;
    let api = platen.tenant().await;
    let answer = api
        .post("/v1/html/pdf", &json!({ "html": html("Words") }))
        .await
        .expect_success();
    assert_eq!(answer.header("cl-api-credit-cost"), "2.5");
    assert_eq!(api.credit().await, Tenant::CREDIT - 2.5);
    assert_eq!(api.jobs().await[0]["apiCreditCost"], 2.5);
    api.picture(json!({ "html": html("Words") })).await;
    assert_eq!(api.credit().await, Tenant::CREDIT - 3.5);
}

#[tokio::test]
async fn a_rate_limit_is_429_with_the_time_to_come_back() {
    let platen = shared::shared().await;
    let (api, account) = account(platen, "10").await;
    platen
        .cli()
        .run(&["account", "set", &account, "--rate", "2"])
        .await;
    let body = json!({ "html": html("Words") });
    let first = api.post("/v2/html/pdf", &body).await.expect_success();
    assert_eq!(
        (
            first.header("x-ratelimit-limit"),
            first.header("x-ratelimit-remaining")
        ),
        ("2", "1")
    );
    let status = api.get("/v2/getStatus").await;
    assert_eq!(status.header("x-ratelimit-limit"), "2");
    api.post("/v2/html/pdf", &body).await.expect_success();
    let refused = api.post("/v2/html/pdf", &body).await.expect(429);
    let wait: u64 = refused
        .header("retry-after")
        .parse()
        .expect("whole seconds");
    let reset: u64 = refused
        .header("x-ratelimit-reset")
        .parse()
        .expect("Unix seconds");
    assert!(
        (1..=120).contains(&wait) && reset > 1_700_000_000,
        "{refused:?}"
    );
    assert_eq!(
        (
            refused.header("x-ratelimit-remaining"),
            refused.json()["statusCode"].as_u64()
        ),
        ("0", Some(429))
    );
    assert_eq!(api.jobs().await.len(), 2);
    platen
        .cli()
        .run(&["account", "set", &account, "--rate", "off"])
        .await;
    api.post("/v2/html/pdf", &body).await.expect_success();
}

#[tokio::test]
async fn more_async_jobs_than_the_cap_wait_their_turn_and_more_than_the_backlog_are_refused() {
    let platen = shared::shared().await;
    let (site, gate) = (Site::start().await, Gate::default());
    let (api, account) = account(platen, "10").await;
    platen
        .cli()
        .run(&[
            "account",
            "set",
            &account,
            "--in-flight",
            "1",
            "--backlog",
            "3",
        ])
        .await;
    site.reply("/", Reply::page("Let through").behind(&gate));
    let body = json!({ "url": site.url("/") });
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(text(
            &api.post("/v2/url/pdf", &body).await.expect_success().json(),
            "jobId",
        ));
    }
    let refused = api.post("/v2/url/pdf", &body).await.expect(503);
    assert!(
        refused
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|seconds| seconds >= 1),
        "{refused:?}"
    );
    site.wait_for("/", 1).await;
    assert_eq!(site.seen("/").len(), 1, "the others are held back");
    gate.open();
    for job in &jobs {
        api.succeeded(job).await;
    }
    assert_eq!(api.credit().await, 7.0);
}
