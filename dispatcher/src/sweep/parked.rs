//! Releases deliveries that are parked for no reason any more, gives up those that were for too long,
//! and forgets old pings.

use std::time::Duration;

use common::clock::Clock;
use common::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{Parts, periodic};

const EVERY: Duration = Duration::from_mins(1);

/// How long what came of a ping can be read.
const PINGS_KEPT: Duration = Duration::from_hours(24);

/// Pings that are forgotten at once.
const PINGS: u32 = 500;

/// Ends what nobody waits for any more.
#[derive(Debug)]
pub(crate) struct Parked {
    store: Store,
    clock: Clock,
}

impl Parked {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// Sweeps from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        periodic::repeat("give up parked deliveries", EVERY, &draining, || {
            self.step()
        })
        .await;
    }

    /// Ends everything whose time is over now.
    pub(crate) async fn step(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        for account in self.store.accounts_with_stranded_deliveries().await? {
            let released = self.store.release_parked(account, now).await?;
            tracing::info!(account.id = %account, released, "deliveries whose endpoint is on are sent");
        }
        let mut given_up = 0;
        loop {
            let batch = self.store.give_up_parked(now).await?;
            given_up += batch;
            if batch == 0 {
                break;
            }
        }
        if given_up > 0 {
            tracing::warn!(
                given_up,
                "deliveries were parked for too long and are given up"
            );
        }
        let old = now - PINGS_KEPT;
        while self.store.forget_pings(old, PINGS).await? == u64::from(PINGS) {}
        Ok(())
    }
}
