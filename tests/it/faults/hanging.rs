//! Endpoints that never answer, beside those that do.

use std::time::Duration;

use platen_tests::hostile::{Hostile, Manner};
use platen_tests::runs::Runs;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;

/// Nobody renders: jobs end by themselves.
const SIZE: Size = Size {
    gateways: 1,
    renderers: 0,
    dispatchers: 1,
};

#[tokio::test(flavor = "multi_thread")]
async fn of_200_endpoints_20_that_hang_do_not_slow_the_others() {
    let start = Start::open().variable("PLATEN_WEBHOOK_TIMEOUT", "15s");
    let services = Services::start(Ground::shared(), SIZE, &start).await;
    let runs = Runs::of(&services).await;
    let mut healthy = Vec::new();
    for _ in 0..180 {
        healthy.push(Receiver::start().await);
    }
    // Alone first; the first round warms up.
    round(&runs, &healthy, &[]).await;
    let alone = round(&runs, &healthy, &[]).await;
    let mut hanging = Vec::new();
    for _ in 0..20 {
        hanging.push(Hostile::start(Manner::Silent).await);
    }
    let beside = round(&runs, &healthy, &hanging).await;
    measured(&format!(
        "webhooks to 180 healthy endpoints, p99: {alone:?} alone, {beside:?} beside 20 that hang"
    ));
    // Below a floor of noise a ratio means nothing.
    let floor = Duration::from_millis(250);
    assert!(beside <= alone.max(floor) * 2, "{alone:?} {beside:?}");
}

/// Ends a job for every endpoint, and gives the time from a job's end to the call that 99 of 100 healthy
/// endpoints did not exceed.
async fn round(runs: &Runs, healthy: &[Receiver], hanging: &[Hostile]) -> Duration {
    let before: Vec<usize> = healthy
        .iter()
        .map(|receiver| receiver.calls().len())
        .collect();
    let called: usize = hanging.iter().map(Hostile::calls).sum();
    let silent = hanging.iter().map(Hostile::url);
    runs.end_all(silent.collect()).await;
    eventually("the hanging endpoints to be called", || async {
        let calls: usize = hanging.iter().map(Hostile::calls).sum();
        (calls >= called + hanging.len()).then_some(())
    })
    .await;
    let urls = healthy.iter().map(Receiver::url).collect();
    let jobs = runs.end_all(urls).await;
    for (receiver, before) in healthy.iter().zip(&before) {
        receiver.wait_for(before + 1).await;
    }
    let mut took = Vec::new();
    for job in jobs {
        let deliveries = runs.store.deliveries(job).await.unwrap();
        let attempts = runs.store.attempts(deliveries[0].id).await.unwrap();
        took.push(attempts[0].started_at.since(deliveries[0].created_at));
    }
    took.sort_unstable();
    took[took.len() * 99 / 100]
}
