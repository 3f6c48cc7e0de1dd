//! Where a lane's jobs come from: sync ones first, and one slot kept for them; but after a row of
//! them comes one that can wait, or a flood of them would shut all others out.

use std::sync::Arc;

use common::broker::{Broker, Incoming, Source};
use common::job::{Lane, Mode};
use common::message::JobMessage;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many sync jobs may come one after the other while others wait.
const ROW: u32 = 8;

/// The sources of one lane.
#[derive(Debug)]
pub(super) struct Intake {
    /// Sync jobs since the last one that could wait.
    row: u32,
    sync: Source<JobMessage>,
    bulk: Source<JobMessage>,
    bulk_slots: Arc<Semaphore>,
}

impl Intake {
    /// Of as many jobs as there are slots; what is held beyond them, another worker could do.
    pub(super) fn open(broker: &Broker, lane: Lane, slots: usize) -> Self {
        let bulk_slots = slots.saturating_sub(1).max(1);
        let jobs = |mode, slots| {
            let prefetch = u16::try_from(slots).unwrap_or(u16::MAX);
            broker.jobs(lane, mode, prefetch)
        };
        Self {
            row: 0,
            sync: jobs(Mode::Sync, slots),
            bulk: jobs(Mode::Async, bulk_slots),
            bulk_slots: Arc::new(Semaphore::new(bulk_slots)),
        }
    }

    /// The next job for a slot that is free, and the bulk slot that it takes. `None` if none will come
    /// any more. Safe to drop while waiting.
    pub(super) async fn next(
        &mut self,
    ) -> Option<(Incoming<JobMessage>, Option<OwnedSemaphorePermit>)> {
        let sync = self.sync.next();
        let bulk = async {
            let slot = Arc::clone(&self.bulk_slots).acquire_owned().await.ok();
            (self.bulk.next().await, slot)
        };
        let next = if self.row < ROW {
            tokio::select! {
                biased;
                Some(job) = sync => Some((job, None)),
                (Some(job), slot) = bulk => Some((job, slot)),
                else => None,
            }
        } else {
            tokio::select! {
                biased;
                (Some(job), slot) = bulk => Some((job, slot)),
                Some(job) = sync => Some((job, None)),
                else => None,
            }
        };
        self.row = match &next {
            Some((_, None)) => self.row.saturating_add(1),
            Some((_, Some(_))) | None => 0,
        };
        next
    }

    /// Takes nothing more from the broker; what it has sent ahead still comes.
    pub(super) fn stop(&mut self) {
        self.sync.stop();
        self.bulk.stop();
    }
}
