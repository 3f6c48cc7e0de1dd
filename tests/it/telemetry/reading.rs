//! Who reads the figures, and how: a collector, one process that is all services, a person who is
//! warned.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use platen_tests::postgres::Postgres;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;
use prost::Message as _;
use serde_json::json;

const GATEWAY: Size = Size {
    gateways: 1,
    renderers: 0,
    dispatchers: 0,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_last_figures_of_a_process_that_stops() {
    const PATH: &str = "/v1/metrics";
    let collector = Site::start().await;
    collector.reply(PATH, Reply::status(200));
    let endpoint = collector.url("/");
    let start = Start::open().variable("PLATEN_OTLP_ENDPOINT", &endpoint);
    let mut services = Services::start(Ground::shared(), GATEWAY, &start).await;
    let job = json!({ "html": html("Never rendered") });
    services.api(0).submit("/v2/html/pdf", job).await;
    let gateway = &mut services.gateways[0];
    gateway.terminate();
    assert_eq!(gateway.ended().await.code(), Some(0));
    let seen = collector.seen(PATH);
    let last = seen.last().expect("the figures were sent");
    assert_eq!(last.header("content-type"), "application/x-protobuf");
    let sent = ExportMetricsServiceRequest::decode(last.body.clone()).expect("it is OTLP");
    let resource = format!("{:?}", sent.resource_metrics[0].resource);
    assert!(resource.contains("platen-gateway"), "{resource}");
    let scopes = sent.resource_metrics.iter();
    let metrics = scopes.flat_map(|resource| &resource.scope_metrics);
    let names: BTreeSet<&str> = metrics
        .flat_map(|scope| &scope.metrics)
        .map(|metric| metric.name.as_str())
        .collect();
    for name in ["platen.jobs.accepted", "http.server.request.duration"] {
        assert!(names.contains(name), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_keeps_no_process() {
    let endpoint = format!("http://127.0.0.1:{}", port::free());
    let start = Start::open().variable("PLATEN_OTLP_ENDPOINT", &endpoint);
    let mut services = Services::start(Ground::shared(), GATEWAY, &start).await;
    let gateway = &mut services.gateways[0];
    gateway.terminate();
    assert_eq!(gateway.ended().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_shows_the_figures_of_all_its_services() {
    let address = format!("127.0.0.1:{}", port::free());
    let start = Start::open().variable("PLATEN_METRICS_LISTEN", &address);
    let platen = Embedded::start(start).await;
    let page = json!({ "html": html("A page") });
    platen.api().convert("/v2/html/pdf", page).await;
    let figures = eventually("the end of the job", || async {
        let figures = Exposition::read(&address).await;
        let busy = figures.find("platen_slots_busy", &[("lane", "browser")]);
        (busy == Some(0.0)).then_some(figures)
    })
    .await;
    for (name, count) in [
        ("platen_jobs_accepted_total", 1),
        ("platen_jobs_rendered_total", 1),
        ("platen_queue_wait_seconds_count", 1),
        ("platen_settle_lag_seconds_count", 1),
    ] {
        assert_eq!(figures.count(name, &[]), count, "{name}");
    }
    assert_eq!(figures.complaints(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_that_is_not_the_sum_of_its_ledger_is_shown_and_its_account_named() {
    let size = Size {
        dispatchers: 1,
        ..GATEWAY
    };
    let start = Start::open().measured();
    let mut services = Services::start(Ground::shared(), size, &start).await;
    let database = services.ground().database().to_owned();
    Postgres::shared().sql(&database, "update accounts set balance = balance + 5000");
    // Each process looks when it starts.
    services.dispatchers[0].kill().await;
    services.dispatchers[0].restart().await;
    eventually("five credits too many", || async {
        let figures = services.dispatchers[0].metrics().await;
        let drift = figures.find("platen_ledger_drift_credits", &[])?;
        (drift > 0.0).then(|| assert!((drift - 5.0).abs() < f64::EPSILON, "{drift}"))
    })
    .await;
    let told = eventually("the account's name in the log", || async {
        let mut lines = services.log().since(0).into_iter();
        lines.find(|line| line.contains("not the sum of its ledger"))
    })
    .await;
    assert!(told.contains(services.account()), "{told}");
}
