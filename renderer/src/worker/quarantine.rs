//! Jobs that have crashed their workers: taken one at a time, by a process that has nothing else in
//! hand. So a crash is counted against the culprit alone, and takes no neighbours along.

use std::sync::Arc;
use std::time::Duration;

use common::lifecycle::Lifecycle;
use rand::Rng as _;
use tokio::time::{Instant, sleep};

use super::Worker;
use super::hands::{Empty, Hands};

/// A process that has laid down its work goes on to the next suspect until this time has passed: laying
/// it down costs more than most jobs.
const STRETCH: Duration = Duration::from_secs(10);

/// Looks for such jobs on behalf of all workers of the process.
#[derive(Debug)]
pub(crate) struct Quarantine {
    workers: Vec<Arc<Worker>>,
    hands: Hands,
    every: Duration,
}

impl Quarantine {
    /// Looks about as often as `every` says.
    pub(crate) fn new(workers: Vec<Arc<Worker>>, hands: Hands, every: Duration) -> Self {
        Self {
            workers,
            hands,
            every,
        }
    }

    /// Looks until the process drains; a job in hand by then is finished.
    ///
    /// However busy the renderers are, a suspect is taken: at most 1.5 times the pause after it came,
    /// the first renderer that looks has its turn, stops its own lanes, and takes it when what was in
    /// hand or sent ahead is done, which is at most two rounds of its slots. Suspects before it cost
    /// their own time, and a further look for every [`STRETCH`]. All that while, others do the rest.
    pub(crate) async fn run(self, lifecycle: Lifecycle) {
        let draining = &lifecycle.draining;
        while draining.run_until_cancelled(self.pause()).await.is_some() {
            for worker in &self.workers {
                self.look(worker, &lifecycle).await;
            }
        }
    }

    async fn pause(&self) {
        let part = rand::rng().random_range(0.5..=1.5);
        sleep(self.every.mul_f64(part)).await;
    }

    /// Takes the suspects of one lane, if it is this process's turn.
    async fn look(&self, worker: &Arc<Worker>, lifecycle: &Lifecycle) {
        let (broker, lane) = (&worker.parts.broker, worker.engine.lane());
        if broker.count_quarantined(lane).await == 0 {
            return;
        }
        let Some(_turn) = broker.quarantine_turn(lane).await else {
            return;
        };
        // Whoever had the turn before may have taken it.
        if broker.count_quarantined(lane).await == 0 {
            return;
        }
        tracing::info!(%lane, "laying down all work for a job that has crashed its renderers");
        let emptied = lifecycle.draining.run_until_cancelled(self.hands.emptied());
        if let Some(empty) = emptied.await {
            take(worker, &empty, lifecycle).await;
        }
    }
}

/// Does suspects one after the other, with nothing else in hand.
async fn take(worker: &Arc<Worker>, _empty: &Empty<'_>, lifecycle: &Lifecycle) {
    let began = Instant::now();
    while began.elapsed() < STRETCH && !lifecycle.draining.is_cancelled() {
        let lane = worker.engine.lane();
        let Some(suspect) = worker.parts.broker.take_quarantined(lane).await else {
            return;
        };
        tracing::warn!(job.id = %suspect.message.job, "a job that has crashed its renderers is done alone");
        let hand = worker.in_hand(&suspect);
        Arc::clone(worker).work(suspect, hand, ()).await;
    }
}
