//! Forgets jobs whose time is over, with their deliveries and attempts.

use std::time::Duration;

use common::clock::Clock;
use common::retry::until_done;
use common::store::{Store, StoreError};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::{Config, Parts};

const EVERY: Duration = Duration::from_mins(10);

/// Between batches others have the database to themselves.
const PAUSE: Duration = Duration::from_millis(100);

/// Forgets old jobs.
#[derive(Debug)]
pub(crate) struct OldJobs {
    store: Store,
    clock: Clock,
    kept_for: Duration,
}

impl OldJobs {
    pub(crate) fn new(parts: &Parts, config: &Config) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            kept_for: config.job_retention,
        }
    }

    /// Sweeps at the start and from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while draining.run_until_cancelled(ticks.tick()).await.is_some() {
            let mut forgotten = 0;
            while let Some(jobs @ 1..) =
                until_done("forget old jobs", &draining, || self.step()).await
            {
                forgotten += jobs;
                if draining.run_until_cancelled(sleep(PAUSE)).await.is_none() {
                    return;
                }
            }
            if forgotten > 0 {
                tracing::info!(forgotten, "forgot old jobs");
            }
        }
    }

    /// Forgets one batch of what is too old now, and says how many jobs that were.
    pub(crate) async fn step(&self) -> Result<usize, StoreError> {
        self.store
            .forget_jobs(self.clock.now() - self.kept_for)
            .await
    }
}
