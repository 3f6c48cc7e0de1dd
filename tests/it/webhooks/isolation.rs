//! What one tenant's endpoints do moves nobody else's deliveries.

use std::time::{Duration, Instant};

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
async fn endpoints_that_drip_hold_up_nobody_else() {
    let services = Services::start(Ground::shared(), SIZE, &Start::open()).await;
    let runs = Runs::of(&services).await;
    let receiver = Receiver::start().await;
    // Three tenants with two dripping endpoints each, and many deliveries for each of them.
    let mut dripping = Vec::new();
    for _ in 0..3 {
        let flooding = Runs::of_another(&services).await;
        let two = [
            Hostile::start(Manner::DripsHead).await,
            Hostile::start(Manner::DripsBody).await,
        ];
        let flood = (0..60).map(|number| two[number % 2].url());
        flooding.end_all(flood.collect()).await;
        dripping.extend(two);
    }
    eventually(
        "every dripping endpoint to have its share of calls",
        || async {
            let all = dripping.iter().all(|endpoint| endpoint.calls() >= 8);
            all.then_some(())
        },
    )
    .await;
    // Those calls take 15 seconds each; the others' are over before the first of them ends.
    let urls = (0..40).map(|number| format!("{}?{number}", receiver.url()));
    runs.end_all(urls.collect()).await;
    receiver.wait_for(40).await;
    let calls: Vec<usize> = dripping.iter().map(Hostile::calls).collect();
    // None of them has ended: there would be others in their place.
    assert_eq!(calls, [8; 6]);
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
    let floor = Duration::from_millis(250);
    assert!(beside <= alone.max(floor) * 2, "{alone:?} {beside:?}");
}

/// Ends a job for every endpoint, and gives the time after which 99 of 100 healthy ones were told.
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
