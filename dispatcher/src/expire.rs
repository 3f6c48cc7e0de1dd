//! Ends jobs that have waited longer than a job may.

use std::time::Duration;

use common::clock::Clock;
use common::job::FailureKind;
use common::retry::until_done;
use common::store::{Settlement, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::Parts;
use crate::aftermath::Aftermath;

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
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while draining.run_until_cancelled(ticks.tick()).await.is_some() {
            // What is half done when draining begins, the next sweep goes on with.
            let sweep = until_done("end overdue jobs", &draining, || self.step());
            draining.run_until_cancelled(sweep).await;
        }
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
