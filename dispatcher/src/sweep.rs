//! Deletes results whose time is over: first the objects, then the row that names them.

mod idempotency;
mod jobs;
mod orphans;
mod parked;

use std::error::Error;
use std::time::Duration;

use common::clock::Clock;
use common::objects::{ObjectError, Objects};
use common::store::{Asset, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{Parts, periodic};

pub(crate) use self::idempotency::IdempotencyKeys;
pub(crate) use self::jobs::OldJobs;
pub(crate) use self::orphans::Orphans;
pub(crate) use self::parked::Parked;

const EVERY: Duration = Duration::from_mins(1);
const BATCH: u32 = 100;

/// Deletes expired assets.
#[derive(Debug)]
pub(crate) struct Sweeper {
    store: Store,
    objects: Objects,
    clock: Clock,
}

/// After so many batches in a row of which nothing could be deleted, the store is asked no more for now.
const IN_VAIN: u32 = 10;

impl Sweeper {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            store: parts.store.clone(),
            objects: parts.objects.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// Sweeps from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        periodic::repeat("sweep expired assets", EVERY, &draining, || self.step()).await;
    }

    /// Deletes everything that has expired by now. An asset that can't be deleted keeps its row, so
    /// the next sweep tries again; this one goes on with those behind it.
    pub(crate) async fn step(&self) -> Result<(), StoreError> {
        let (now, mut seen, mut in_vain) = (self.clock.now(), None, 0);
        while in_vain < IN_VAIN {
            let read = self.store.expired_assets(now, seen.as_ref(), BATCH);
            let mut expired = read.await?;
            let last = expired.len() < BATCH as usize;
            let mut kept = 0;
            for asset in &expired {
                if let Err(error) = self.delete(asset).await {
                    let error: &(dyn Error + 'static) = &error;
                    tracing::debug!(error, asset.id = %asset.id, "an expired asset can't be deleted");
                    kept += 1;
                    continue;
                }
                self.store.forget_asset(asset.id).await?;
            }
            if kept > 0 {
                tracing::warn!(
                    kept,
                    "expired assets could not be deleted, and are kept until they can be"
                );
            }
            in_vain = if kept < expired.len() { 0 } else { in_vain + 1 };
            if last {
                break;
            }
            seen = expired.pop();
        }
        Ok(())
    }

    /// What lies in a customer's own bucket stays there: only its link ends.
    async fn delete(&self, asset: &Asset) -> Result<(), ObjectError> {
        if asset.key.storage().is_some() {
            return Ok(());
        }
        self.objects.delete(&asset.key).await?;
        match &asset.preview {
            Some(preview) => self.objects.delete(&preview.key).await,
            None => Ok(()),
        }
    }
}
