//! Takes jobs of one lane: sync ones first, and one slot kept for them, so that a bulk import never
//! sits before a user's click. Jobs that have crashed renderers are taken alone.

mod canvas;
mod hands;
mod intake;
mod job;
mod last_look;
mod limits;
mod merge;
mod office;
mod own;
mod quarantine;
mod studio;
mod threads;

use std::sync::Arc;
use std::time::Duration;

use common::broker::Incoming;
use common::fetch::Client;
use common::job::Lane;
use common::lifecycle::Lifecycle;
use common::message::JobMessage;
use common::telemetry::spans;
use tokio::sync::Semaphore;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::metrics::Metrics;
use crate::office::Office;
use crate::{Parts, Renderer};

use hands::InHand;
use intake::Intake;

pub(crate) use hands::Hands;
pub(crate) use quarantine::Quarantine;
pub(crate) use studio::{Studio, USER_AGENT};

/// What the jobs of a lane are done with.
#[derive(Debug)]
pub(crate) enum Engine {
    /// Browsers.
    Browser(Renderer),
    /// Our own painter and joiner.
    Native(Studio),
    /// An office suite.
    Office(Office),
}

impl Engine {
    const fn lane(&self) -> Lane {
        match self {
            Self::Browser(_) => Lane::Browser,
            Self::Native(_) => Lane::Native,
            Self::Office(_) => Lane::Office,
        }
    }

    /// The longest that a job's work takes, whatever is away or slow; what takes longer is stuck.
    const fn limit(&self) -> Duration {
        match self {
            Self::Browser(_) | Self::Office(_) => limits::BROWSER,
            Self::Native(_) => limits::NATIVE,
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
    hands: Hands,
    /// For customers' own buckets.
    client: Client,
    metrics: Metrics,
}

impl Worker {
    pub(crate) fn new(
        (engine, slots): (Engine, usize),
        parts: Parts,
        hands: Hands,
        client: Client,
    ) -> Self {
        Self {
            metrics: Metrics::new(engine.lane(), slots),
            engine,
            parts,
            name: name(),
            slots,
            hands,
            client,
        }
    }

    pub(crate) fn lane(&self) -> Lane {
        self.engine.lane()
    }

    /// Whether the engine could take a job now.
    pub(crate) fn is_ready(&self) -> bool {
        match &self.engine {
            Engine::Browser(renderer) => renderer.is_ready(),
            Engine::Native(_) | Engine::Office(_) => true,
        }
    }

    /// Takes jobs until the process drains; those in hand are finished by tasks of their own.
    pub(crate) async fn run(self: Arc<Self>, lifecycle: Lifecycle) {
        let slots = Arc::new(Semaphore::new(self.slots));
        let draining = &lifecycle.draining;
        while let Some(taking) = draining.run_until_cancelled(self.hands.open()).await {
            if !self.take(&slots, &lifecycle).await {
                return;
            }
            drop(taking);
        }
    }

    /// Takes jobs until all work is to be laid down, and then those that were sent ahead: handed back,
    /// they would count as crashes. `false` if there will be no more.
    async fn take(self: &Arc<Self>, slots: &Arc<Semaphore>, lifecycle: &Lifecycle) -> bool {
        let mut intake = Intake::open(&self.parts.broker, self.lane(), self.slots);
        let mut is_stopped = false;
        loop {
            let next = async {
                let slot = Arc::clone(slots).acquire_owned().await.ok();
                (intake.next().await, slot)
            };
            let (next, slot) = tokio::select! {
                biased;
                () = lifecycle.draining.cancelled() => return false,
                // Also while every slot is taken.
                () = self.hands.wanted(), if !is_stopped => {
                    is_stopped = true;
                    intake.stop();
                    continue;
                }
                next = next => next,
            };
            let Some((job, kept)) = next else {
                return is_stopped;
            };
            let hand = self.in_hand(&job);
            let work = Arc::clone(self).work(job, hand, (slot, kept));
            let aborting = lifecycle.aborting.clone();
            lifecycle
                .tasks
                .spawn(aborting.run_until_cancelled_owned(work));
        }
    }

    /// Notes that the process has a job in hand.
    fn in_hand(&self, job: &Incoming<JobMessage>) -> InHand {
        self.hands.take(job.message.job, self.engine.limit())
    }

    /// Does a job that is in `hand`, and lets go of it when the broker knows.
    async fn work<S>(self: Arc<Self>, job: Incoming<JobMessage>, hand: InHand, slots: S) {
        let span = job.span();
        let log = tracing::error_span!(
            target: spans::LOG,
            "job",
            job.id = %job.message.job,
            account.id = %job.message.account,
            trace_id = Empty,
        );
        spans::show(&span, &log);
        // That of the log is the inner one, so that tasks which are spawned in the current span have it too.
        let work = self.work_within(job, hand, (slots, span.clone()));
        work.instrument(log).instrument(span).await;
    }

    async fn work_within<S>(
        self: Arc<Self>,
        job: Incoming<JobMessage>,
        hand: InHand,
        (slots, span): (S, Span),
    ) {
        let _busy = self.metrics.busy();
        self.metrics.begun(&job.message, self.parts.clock.now());
        let completion = self.complete(&job.message, &span).await;
        self.metrics.ended(&completion);
        hand.done();
        self.publish(completion).await;
        drop(slots);
        if !job.ack().await {
            tracing::info!("a finished job will come again; its repetition changes nothing");
        }
        drop(hand);
    }
}

/// Host and process, as job reads show them.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}

#[cfg(test)]
mod tests;
