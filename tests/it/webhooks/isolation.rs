//! What one tenant's endpoints do moves nobody else's deliveries.

use std::time::{Duration, Instant};

use common::job::AttemptOutcome;
use common::store::{DeliveryFilter, Page};
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
async fn an_endpoint_that_drips_holds_up_nobody_else() {
    let services = Services::start(Ground::shared(), SIZE, &Start::open()).await;
    let runs = Runs::of(&services).await;
    let (dripping, receiver) = (
        Hostile::start(Manner::DripsHead).await,
        Receiver::start().await,
    );
    let flood: Vec<String> = (0..200).map(|_| dripping.url()).collect();
    runs.end_all(flood).await;
    eventually("the dripping endpoint to be called", || async {
        (dripping.calls() >= 8).then_some(())
    })
    .await;
    // Its calls take 15 seconds each; the others' are over long before the first of those.
    let jobs: Vec<String> = (0..40)
        .map(|number| format!("{}?{number}", receiver.url()))
        .collect();
    runs.end_all(jobs).await;
    receiver.wait_for(40).await;
    let page = Page {
        limit: 500,
        offset: 0,
        start_after: None,
    };
    let to_dripping = DeliveryFilter {
        url: Some(dripping.url()),
        ..DeliveryFilter::default()
    };
    let account = services.account().parse().unwrap();
    let listed = runs
        .store
        .list_deliveries(account, &to_dripping, &page)
        .await;
    let mut ended = 0;
    for delivery in listed.unwrap() {
        let attempts = runs.store.attempts(delivery.id).await.unwrap();
        ended += attempts
            .iter()
            .filter(|attempt| attempt.outcome == Some(AttemptOutcome::Timeout))
            .count();
    }
    // A quarter of all places is the most that one host has.
    assert_eq!((dripping.calls(), ended), (8, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_endpoints_20_that_hang_do_not_slow_the_others() {
    let services = Services::start(Ground::shared(), SIZE, &Start::open()).await;
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
    println!("p99 of 180 healthy endpoints: {alone:?} alone, {beside:?} beside 20 that hang");
    // Below a floor of noise a ratio means nothing.
    let floor = Duration::from_millis(500);
    assert!(beside <= alone.max(floor) * 2, "{alone:?} {beside:?}");
}

/// Ends a job for every endpoint, and gives the time after which 99 of 100 healthy ones were told.
async fn round(runs: &Runs, healthy: &[Receiver], hanging: &[Hostile]) -> Duration {
    let before: Vec<usize> = healthy
        .iter()
        .map(|receiver| receiver.calls().len())
        .collect();
    let silent = hanging.iter().map(Hostile::url);
    runs.end_all(silent.collect()).await;
    let started = Instant::now();
    let urls = healthy.iter().map(Receiver::url).collect();
    let told = async {
        let waits = healthy
            .iter()
            .zip(&before)
            .map(|(receiver, before)| async move {
                receiver.wait_for(before + 1).await;
                started.elapsed()
            });
        futures::future::join_all(waits).await
    };
    let (_, mut took) = tokio::join!(runs.end_all(urls), told);
    took.sort_unstable();
    took[took.len() * 99 / 100]
}
