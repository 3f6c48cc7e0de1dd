//! Ends jobs that have waited longer than a job may.

use std::time::Duration;

use common::clock::Clock;
use common::job::FailureKind;
use common::store::{Settlement, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::aftermath::Aftermath;
use crate::{Parts, periodic};

const EVERY: Duration = Duration::from_secs(30);
const BATCH: u32 = 100;
const MESSAGE: &str = "Expired: the job waited longer than 24 h";

/// Ends overdue jobs.
#[derive(Debug)]
pub(crate) struct Expirer {
    store: Store,
    clock: Clock,
    aftermath: Aftermath,
}

impl Expirer {
    pub(crate) fn new(parts: &Parts, aftermath: Aftermath) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            aftermath,
        }
    }

    /// Looks for overdue jobs from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        periodic::repeat("end overdue jobs", EVERY, &draining, || self.step()).await;
    }

    /// Ends every job that is overdue now.
    pub(crate) async fn step(&self) -> Result<(), StoreError> {
        loop {
            let overdue = self.store.overdue(self.clock.now(), BATCH).await?;
            let last = overdue.len() < BATCH as usize;
            for job in overdue {
                let now = self.clock.now();
                let settlement = self
                    .store
                    .fail(job, FailureKind::Expired, MESSAGE, now)
                    .await?;
                if let Settlement::Settled(end) = settlement {
                    tracing::warn!(job.id = %job, "a job expired");
                    self.aftermath.follow(&end).await;
                }
            }
            if last {
                return Ok(());
            }
        }
    }
}
