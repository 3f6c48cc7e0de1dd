//! Whether the installation has as many jobs waiting as it takes. Looked at from time to time, since
//! counting at every request would cost more than a limit that is a little late.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::store::{Store, StoreError};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often the jobs are counted.
const EVERY: Duration = Duration::from_secs(2);

/// The installation's backlog, as this gateway last saw it.
#[derive(Debug)]
pub(crate) struct Backlog {
    limit: u32,
    full: AtomicBool,
}

impl Backlog {
    /// Full from so many open jobs on.
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            full: AtomicBool::new(false),
        }
    }

    /// Whether no more work that can wait should be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Counts until `draining`. While the database is away, what was last seen stands.
    pub(crate) async fn watch(&self, store: &Store, draining: &CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while draining.run_until_cancelled(ticks.tick()).await.is_some() {
            if let Err(error) = self.look(store).await {
                let error: &(dyn Error + 'static) = &error;
                tracing::warn!(error, "the waiting jobs can't be counted");
            }
        }
    }

    /// Counts once.
    pub(crate) async fn look(&self, store: &Store) -> Result<(), StoreError> {
        let full = store.has_open_jobs(self.limit).await?;
        if full && !self.full.swap(true, Ordering::Relaxed) {
            let limit = self.limit;
            tracing::warn!(limit, "the backlog is full; asynchronous jobs are refused");
        }
        self.full.store(full, Ordering::Relaxed);
        Ok(())
    }
}
