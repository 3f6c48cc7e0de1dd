//! What the renderer says of itself: it takes work while the broker is there, a browser is ready and
//! it does not drain; it is worth keeping while no job is stuck.

use std::sync::Arc;

use common::broker::Broker;
use common::health::Complaint;
use common::lifecycle::Lifecycle;
use tokio::time::Instant;

use crate::worker::{Hands, Worker};

/// Adds the renderer's probes.
pub(crate) fn watch(
    lifecycle: &Lifecycle,
    broker: &Broker,
    hands: &Hands,
    workers: &[Arc<Worker>],
) {
    let (health, draining) = (&lifecycle.health, lifecycle.draining.clone());
    health.ready_when(move || {
        let drains = draining.is_cancelled();
        async move { well(!drains, || "the renderer drains".to_owned()) }
    });
    let broker = broker.clone();
    health.ready_when(move || {
        let is_connected = broker.is_connected();
        async move { well(is_connected, || "the broker is away".to_owned()) }
    });
    for worker in workers {
        // Probes outlive the workers, and must not keep their browsers.
        let worker = Arc::downgrade(worker);
        health.ready_when(move || {
            let is_ready = worker.upgrade().is_some_and(|worker| worker.is_ready());
            async move { well(is_ready, || "no browser is ready".to_owned()) }
        });
    }
    let hands = hands.clone();
    health.live_while(move || {
        let stuck = hands.stuck(Instant::now());
        async move {
            let complaint = || format!("jobs are in hand for longer than any may take: {stuck:?}");
            well(stuck.is_empty(), complaint)
        }
    });
}

fn well(well: bool, complaint: impl FnOnce() -> Complaint) -> Result<(), Complaint> {
    if well { Ok(()) } else { Err(complaint()) }
}
