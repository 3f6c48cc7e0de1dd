//! Deletes objects that no row owns: what a crash left between an object and its row, in either order.
//!
//! An object belongs to its job until that has ended, and then only if it is the job's result or the
//! screenshot of its failure. Young ones are left alone: their row may be on its way.

use std::time::Duration;

use common::clock::Clock;
use common::id::JobId;
use common::objects::{ObjectError, ObjectKey, Objects};
use common::store::{Job, Store, StoreError};
use futures::TryStreamExt as _;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{Config, Parts};

/// Orphans cost room and nothing else, and a listing of everything is not cheap.
const EVERY: Duration = Duration::from_hours(6);

/// How many objects are judged between two pauses.
const BATCH: usize = 500;

/// Between batches others have the database to themselves.
const PAUSE: Duration = Duration::from_millis(100);

/// Why a sweep has ended early; the next one begins anew.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SweepError {
    /// The rows can't be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The objects can't be listed.
    #[error(transparent)]
    Objects(#[from] ObjectError),
}

/// Deletes orphans.
#[derive(Debug)]
pub(crate) struct Orphans {
    store: Store,
    objects: Objects,
    clock: Clock,
    /// How old an object must be; longer than whoever stores one takes to write its row.
    age: Duration,
}

impl Orphans {
    pub(crate) fn new(parts: &Parts, config: &Config) -> Self {
        Self {
            store: parts.store.clone(),
            objects: parts.objects.clone(),
            clock: parts.clock.clone(),
            age: config.orphan_retention,
        }
    }

    /// Sweeps at the start and from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while draining.run_until_cancelled(ticks.tick()).await.is_some() {
            match draining.run_until_cancelled(self.step()).await {
                Some(Ok(0)) | None => {}
                Some(Ok(deleted)) => tracing::info!(deleted, "deleted objects that no job owns"),
                Some(Err(error)) => {
                    let error: &(dyn std::error::Error + 'static) = &error;
                    tracing::warn!(error, "objects that no job owns are left to the next sweep");
                }
            }
        }
    }

    /// Deletes every orphan that is old enough now, and says how many those were. One that can't be
    /// deleted is left to the next sweep; this one goes on.
    pub(crate) async fn step(&self) -> Result<u64, SweepError> {
        let before = self.clock.now() - self.age;
        let mut deleted = self.objects.delete_halves(before).await?;
        let mut listing = self.objects.list().try_chunks(BATCH);
        while let Some(batch) = listing.try_next().await.map_err(|error| error.1)? {
            let old = batch.into_iter().filter(|found| found.written_at < before);
            deleted += self.judge(old.map(|found| found.key)).await?;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(deleted)
    }

    async fn judge(&self, keys: impl Iterator<Item = ObjectKey>) -> Result<u64, StoreError> {
        let mut last: Option<(JobId, Option<Job>)> = None;
        let mut deleted = 0;
        for key in keys {
            // Whatever else lies there is not ours to delete.
            let Some(id) = key.job() else {
                continue;
            };
            // The objects of a job are listed one after the other.
            let job = match last.take() {
                Some((known, job)) if known == id => job,
                Some(_) | None => self.store.job_by_id(id).await?,
            };
            if !owns(job.as_ref(), &key) {
                deleted += u64::from(self.delete(&key).await);
            }
            last = Some((id, job));
        }
        Ok(deleted)
    }

    /// False if the object can't be deleted.
    async fn delete(&self, key: &ObjectKey) -> bool {
        let deleted = self.objects.delete(key).await;
        if let Err(error) = &deleted {
            let error: &(dyn std::error::Error + 'static) = error;
            tracing::warn!(error, %key, "an object that no job owns could not be deleted");
        } else {
            tracing::debug!(%key, "deleted an object that no job owns");
        }
        deleted.is_ok()
    }
}

fn owns(job: Option<&Job>, key: &ObjectKey) -> bool {
    let Some(job) = job else {
        return false;
    };
    let is_kept = job.asset.iter().chain(&job.screenshot).any(|asset| {
        let preview = asset.preview.as_ref().map(|preview| &preview.key);
        asset.key == *key || preview == Some(key)
    });
    is_kept || !job.state.is_final()
}
