//! A dispatcher that dies among thousands of deliveries.

use std::collections::{HashMap, HashSet};

use platen_tests::runs::Runs;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;

const DELIVERIES: usize = 5_000;

/// Calls in hand of one dispatcher for one account to one host, by default.
const IN_HAND: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn every_delivery_arrives_although_one_of_two_dispatchers_dies() {
    let size = Size {
        gateways: 1,
        renderers: 0,
        dispatchers: 2,
    };
    // Whatever the dead one had leased is made again soon.
    let start = Start::open().variable("PLATEN_WEBHOOK_TIMEOUT", "5s");
    let mut services = Services::start(Ground::shared(), size, &start).await;
    let runs = Runs::of(&services).await;
    let receiver = Receiver::start().await;
    let url = receiver.url();
    let urls: Vec<String> = (0..DELIVERIES).map(|_| url.clone()).collect();
    let killing = async {
        receiver.wait_for(DELIVERIES / 4).await;
        services.dispatchers[0].kill().await;
    };
    let (jobs, ()) = tokio::join!(runs.end_all(urls), killing);
    let mut calls: HashMap<String, usize> = HashMap::new();
    // As many calls as jobs, and then those that stand in for the ones that came twice.
    let mut least = DELIVERIES;
    loop {
        let called = receiver.wait_for(least).await;
        let told: HashSet<String> = called
            .iter()
            .map(|call| receiver::payload(call)["jobId"].to_string())
            .collect();
        if told.len() == DELIVERIES {
            break;
        }
        least = called.len() + 1;
    }
    for call in receiver.calls() {
        *calls
            .entry(call.header("webhook-id").to_owned())
            .or_default() += 1;
    }
    assert_eq!((calls.len(), jobs.len()), (DELIVERIES, DELIVERIES));
    let twice = calls.values().filter(|&&count| count > 1).count();
    measured(&format!(
        "{twice} of {DELIVERIES} deliveries came twice when a dispatcher died"
    ));
    assert!(twice <= IN_HAND, "only what the dead one had in hand");
}
