//! Publishes deliveries whose time has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::broker::Broker;
use common::broker::metrics::DeadLetter;
use common::clock::Clock;
use common::id::DeliveryId;
use common::message::DeliveryDue;
use common::retry::until_done;
use common::store::{Store, StoreError};
use futures::future::join_all;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Parts;

/// How late a retry may be; a first attempt is woken and does not wait for this.
const TICK: Duration = Duration::from_millis(250);

/// How long a delivery waits that the broker did not take.
const PAUSE: Duration = Duration::from_secs(1);

const BATCH: u32 = 100;

/// So many waiting messages keep dispatchers at work until somebody looks again; less than the queue of
/// one process holds. A backlog beyond waits in its rows: what waits in the queue for long is published
/// again, since it may have been lost there, and all of a backlog each minute would be far more than its
/// work.
const ENOUGH: u64 = 500;

/// Publishes due deliveries; which are due is a column, so a wake-up that is lost costs a tick.
#[derive(Debug)]
pub(crate) struct Scheduler {
    store: Store,
    broker: Broker,
    clock: Clock,
    due: Arc<Notify>,
    /// Whether there may be more than was taken last.
    behind: AtomicBool,
}

impl Scheduler {
    pub(crate) fn new(parts: &Parts, due: Arc<Notify>) -> Self {
        Self {
            store: parts.store.clone(),
            broker: parts.broker.clone(),
            clock: parts.clock.clone(),
            due,
            behind: AtomicBool::new(false),
        }
    }

    /// Publishes until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        while !draining.is_cancelled() {
            until_done("publish due deliveries", &draining, || self.step()).await;
            tokio::select! {
                () = draining.cancelled() => {}
                // Whoever is behind has enough to do until the next tick.
                () = self.due.notified(), if !self.behind.load(Ordering::Relaxed) => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Publishes the deliveries that are due now, as far as dispatchers keep up. Those whose attempt was
    /// cut off are due again, or given up.
    pub(crate) async fn step(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        report_given_up(&self.store.close_expired_leases(BATCH, now).await?);
        loop {
            if self.behind.load(Ordering::Relaxed) && self.enough_waits().await {
                return Ok(());
            }
            let due = self.store.due_deliveries(BATCH, self.clock.now()).await?;
            let last = due.len() < BATCH as usize;
            self.behind.store(!last, Ordering::Relaxed);
            let all_taken = self.publish(due).await?;
            if last || !all_taken {
                return Ok(());
            }
        }
    }

    /// Asked only with a backlog: it costs the broker's server three answers. As long as it gives none,
    /// nobody takes anything either.
    async fn enough_waits(&self) -> bool {
        let waiting = self.broker.waiting_deliveries().await;
        waiting.is_none_or(|waiting| waiting >= ENOUGH)
    }

    /// What the broker does not take is given back, to be published a little later.
    async fn publish(&self, due: Vec<DeliveryDue>) -> Result<bool, StoreError> {
        // All at once: the server confirms many with one write to its disk.
        let publishing = due.into_iter().map(async |message| {
            let delivery = message.delivery;
            let taken = self.broker.publish_delivery(message).await;
            let Err(error) = taken else {
                return None;
            };
            tracing::debug!(%error, delivery.id = %delivery, "a delivery has to wait");
            Some(delivery)
        });
        let left: Vec<DeliveryId> = join_all(publishing).await.into_iter().flatten().collect();
        for &delivery in &left {
            let again = self.clock.now() + PAUSE;
            self.store.postpone(delivery, again).await?;
        }
        Ok(left.is_empty())
    }
}

/// Tells operators of deliveries that are given up because their attempts were cut off: no message of
/// theirs becomes a dead letter, since nobody was left to reject it.
pub(crate) fn report_given_up(deliveries: &[DeliveryId]) {
    for delivery in deliveries {
        tracing::warn!(
            delivery.id = %delivery,
            "a webhook was given up: three of its attempts were cut off"
        );
        DeadLetter::Delivery.count();
    }
}
