//! Takes jobs of one lane: sync ones first, and one slot kept for them, so that a bulk import never
//! sits before a user's click.

mod canvas;
mod job;
mod studio;
mod threads;

use std::sync::Arc;

use common::broker::Incoming;
use common::job::{Lane, Mode};
use common::lifecycle::Lifecycle;
use common::message::JobMessage;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Parts, Renderer};

pub(crate) use studio::Studio;

/// What the jobs of a lane are done with.
#[derive(Debug)]
pub(crate) enum Engine {
    /// Browsers.
    Browser(Renderer),
    /// Our own painter.
    Native(Studio),
}

impl Engine {
    const fn lane(&self) -> Lane {
        match self {
            Self::Browser(_) => Lane::Browser,
            Self::Native(_) => Lane::Native,
        }
    }
}

/// Everything that a job is done with.
#[derive(Debug)]
pub(crate) struct Worker {
    engine: Engine,
    parts: Parts,
    name: String,
    slots: usize,
}

impl Worker {
    pub(crate) fn new(engine: Engine, parts: Parts, slots: usize) -> Self {
        Self {
            engine,
            parts,
            name: name(),
            slots,
        }
    }

    /// Takes jobs until the process drains; those in hand are finished by tasks of their own.
    pub(crate) async fn run(self: Arc<Self>, lifecycle: Lifecycle) {
        let bulk_slots = self.slots.saturating_sub(1).max(1);
        // What is held beyond the slots, another worker could do.
        let jobs = |mode, slots| {
            let prefetch = u16::try_from(slots).unwrap_or(u16::MAX);
            self.parts.broker.jobs(self.engine.lane(), mode, prefetch)
        };
        let mut sync = jobs(Mode::Sync, self.slots);
        let mut bulk = jobs(Mode::Async, bulk_slots);
        let slots = Arc::new(Semaphore::new(self.slots));
        let bulk_slots = Arc::new(Semaphore::new(bulk_slots));
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            let next_bulk = async {
                let kept = Arc::clone(&bulk_slots).acquire_owned().await.ok();
                (bulk.next().await, kept)
            };
            let (job, kept) = tokio::select! {
                biased;
                () = lifecycle.draining.cancelled() => return,
                job = sync.next() => (job, None),
                (job, kept) = next_bulk => (job, kept),
            };
            let Some(job) = job else {
                return;
            };
            let work = Arc::clone(&self).work(job, (slot, kept));
            let aborting = lifecycle.aborting.clone();
            lifecycle
                .tasks
                .spawn(aborting.run_until_cancelled_owned(work));
        }
    }

    async fn work(
        self: Arc<Self>,
        job: Incoming<JobMessage>,
        slots: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
    ) {
        let completion = self.complete(&job.message).await;
        self.publish(completion).await;
        drop(slots);
        if !job.ack().await {
            tracing::info!("a finished job will come again; its repetition changes nothing");
        }
    }
}

/// Host and process, as job reads show them.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}

#[cfg(test)]
mod tests;
