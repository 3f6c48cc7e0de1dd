//! What is counted comes out as the tables say.

use http_body_util::BodyExt as _;
use hyper::Request;
use opentelemetry::metrics::MeterProvider as _;

use super::*;

const COUNTED: Metric = Metric::counter("test.jobs.done", "{job}", &["lane"], "Jobs done.");
const STANDING: Metric = Metric::gauge("test.slots", "{slot}", &[], "Slots.");
const ASKED: Metric = Metric::gauge("test.asked", "{thing}", &[], "Asked for.");
const TAKEN: Metric = Metric::durations("test.wait", &[], "Time waited.");

fn listening() -> Config {
    Config {
        metrics_listen: Some(([127, 0, 0, 1], 0).into()),
        ..Config::default()
    }
}

async fn scrape(registry: &Registry, method: &str, path: &str) -> (u16, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(())
        .unwrap();
    let answer = exposition::answer(registry, &request);
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn what_is_counted_is_read_under_the_names_that_the_tables_give() {
    let Collected { provider, registry } = collect("test", &listening()).unwrap();
    let meter = provider.meter("test");
    COUNTED
        .count_with(&meter)
        .add(3, &[KeyValue::new("lane", "native")]);
    STANDING.set_with(&meter).record(4.0, &[]);
    ASKED.ask_with(&meter, || Some(7));
    TAKEN.time_with(&meter).record(0.3, &[]);
    let (status, text) = scrape(&registry, "GET", "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        format!("{}{{lane=\"native\"}} 3", COUNTED.exposed()),
        format!("{} 4", STANDING.exposed()),
        format!("{} 7", ASKED.exposed()),
        format!("{}_bucket{{le=\"0.25\"}} 0", TAKEN.exposed()),
        format!("{}_bucket{{le=\"0.5\"}} 1", TAKEN.exposed()),
        format!("{}_bucket{{le=\"600\"}} 1", TAKEN.exposed()),
        "# HELP test_jobs_done_total Jobs done.".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(text.contains("service_name=\"platen-test\""), "{text}");
}

#[tokio::test]
async fn only_the_metrics_can_be_read() {
    let registry = Registry::new();
    assert_eq!(scrape(&registry, "GET", "/").await.0, 404);
    assert_eq!(scrape(&registry, "POST", "/metrics").await.0, 405);
}
