//! Forgets idempotency keys whose time is over: from then on a repeat is a new request.

use std::time::Duration;

use common::clock::Clock;
use common::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{Config, Parts, periodic};

const EVERY: Duration = Duration::from_mins(1);

/// How many are deleted at a time; between two batches others have their turn.
const BATCH: u32 = 500;

/// Forgets old keys.
#[derive(Debug)]
pub(crate) struct IdempotencyKeys {
    store: Store,
    clock: Clock,
    retention: Duration,
}

impl IdempotencyKeys {
    pub(crate) fn new(parts: &Parts, config: &Config) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            retention: config.idempotency_retention,
        }
    }

    /// Sweeps from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        periodic::repeat("forget idempotency keys", EVERY, &draining, || self.step()).await;
    }

    /// Forgets every key whose time is over by now.
    pub(crate) async fn step(&self) -> Result<(), StoreError> {
        let before = self.clock.now() - self.retention;
        while self.store.forget_idempotency_keys(before, BATCH).await? == u64::from(BATCH) {}
        Ok(())
    }
}
