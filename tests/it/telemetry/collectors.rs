//! A collector that does not take traces costs traces, and nothing else.

use std::time::Instant;

use platen_tests::collector::Collector;
use platen_tests::hostile::{Hostile, Manner};
use platen_tests::*;
use serde_json::json;

const AWAY: &str = "the collector takes no traces";
const BACK: &str = "the collector takes traces again";

fn told(platen: &Embedded, what: &str) -> usize {
    let lines = platen.log().since(0);
    lines.iter().filter(|line| line.contains(what)).count()
}

async fn render(platen: &Embedded) {
    let options = json!({ "html": html("Words") });
    platen.api().convert("/v2/html/pdf", options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_refuses_is_told_of_once_and_so_is_that_it_is_back() {
    let refused = Reply::status(400);
    let taken = Reply::new("application/x-protobuf", "");
    let replies = vec![refused.clone(), refused.clone(), refused, taken];
    let collector = Collector::answering(replies).await;
    let start = Start::open().variable("PLATEN_OTLP_ENDPOINT", collector.url());
    let platen = Embedded::start(start).await;
    for call in 1..=5 {
        render(&platen).await;
        collector.wait_for(call).await;
    }
    eventually("the end of the outage in the log", || async {
        (told(&platen, BACK) == 1).then_some(())
    })
    .await;
    assert_eq!(told(&platen, AWAY), 1);
    assert_eq!(told(&platen, "opentelemetry"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_holds_up_neither_work_nor_the_end() {
    let collector = Hostile::start(Manner::Silent).await;
    let url = collector.url().replace("/hook", "");
    let start = Start::open().variable("PLATEN_OTLP_ENDPOINT", &url);
    let mut platen = Embedded::start(start).await;
    for _ in 0..3 {
        render(&platen).await;
    }
    eventually("a call to the collector", || async {
        (collector.calls() > 0).then_some(())
    })
    .await;
    // While it hangs.
    render(&platen).await;
    let ending = Instant::now();
    platen.terminate();
    assert!(platen.ended().await.success());
    measured(&format!(
        "a process whose collector hangs ended in {:?}",
        ending.elapsed()
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_is_told_of_once() {
    let start = Start::open().variable("PLATEN_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let mut platen = Embedded::start(start).await;
    render(&platen).await;
    eventually("the outage in the log", || async {
        (told(&platen, AWAY) == 1).then_some(())
    })
    .await;
    render(&platen).await;
    platen.terminate();
    assert!(platen.ended().await.success());
    assert_eq!(told(&platen, AWAY), 1);
}
