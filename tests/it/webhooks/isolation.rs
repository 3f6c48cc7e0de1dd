//! What one tenant's endpoints do moves nobody else's deliveries.

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
    // Longer than all of this takes.
    let start = Start::open().variable("PLATEN_WEBHOOK_TIMEOUT", "5m");
    let services = Services::start(Ground::shared(), SIZE, &start).await;
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
    // Those calls take minutes; the others' do not wait for any of them.
    let urls = (0..40).map(|number| format!("{}?{number}", receiver.url()));
    runs.end_all(urls.collect()).await;
    receiver.wait_for(40).await;
    let calls: Vec<usize> = dripping.iter().map(Hostile::calls).collect();
    // None of them has ended: there would be others in their place.
    assert_eq!(calls, [8; 6]);
}
