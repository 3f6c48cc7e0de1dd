//! Takes the ends of runs and moves each job, once, to its final state.

use std::sync::atomic::{AtomicU32, Ordering};

use common::broker::{Incoming, Source};
use common::clock::Clock;
use common::job::{FailureKind, JobState};
use common::message::{Completion, Outcome};
use common::retry::until_done;
use common::store::{Retention, Settlement, Store, StoreError};
use common::telemetry::{TraceContext, spans};
use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::aftermath::Aftermath;
use crate::metrics::Settling;
use crate::{Config, Parts};

/// The most completions that one settler still takes once nobody is left to make further ones here.
const LAST: usize = 10_000;

/// So many times a store that is well may refuse the end of a run before the job fails.
const REFUSALS: u32 = 4;

const REFUSED: &str = "Internal: the result could not be recorded";

/// Settles jobs.
#[derive(Debug)]
pub(crate) struct Settler {
    store: Store,
    clock: Clock,
    retention: Retention,
    aftermath: Aftermath,
    metrics: Settling,
}

impl Settler {
    pub(crate) fn new(parts: &Parts, config: &Config, aftermath: Aftermath) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            retention: config.retention(),
            aftermath,
            metrics: Settling::new(),
        }
    }

    /// Settles until `closing`, and then what is waiting already.
    pub(crate) async fn run(self, mut completions: Source<Completion>, closing: CancellationToken) {
        loop {
            let next = tokio::select! {
                biased;
                () = closing.cancelled() => break,
                next = completions.next() => next,
            };
            let Some(incoming) = next else {
                return;
            };
            self.take(incoming, &closing).await;
        }
        for _ in 0..LAST {
            let Some(Some(incoming)) = completions.next().now_or_never() else {
                return;
            };
            self.take(incoming, &closing).await;
        }
    }

    /// Settles what a message says, and acks it.
    async fn take(&self, mut incoming: Incoming<Completion>, stop: &CancellationToken) {
        let span = incoming.span();
        let log = tracing::error_span!(target: spans::LOG, "job", job.id = %incoming.message.job, trace_id = Empty);
        spans::show(&span, &log);
        if let Some(here) = TraceContext::of(&span) {
            incoming.message.trace = Some(here);
        }
        let work = async {
            if self.settle(&incoming.message, stop).await {
                incoming.ack().await;
            }
        };
        work.instrument(span).instrument(log).await;
    }

    /// Settles a job and does what follows. `false` if the store is away and `stop` came before it
    /// was back; the run's end is then reported again, or the job runs again.
    pub(crate) async fn settle(&self, completion: &Completion, stop: &CancellationToken) -> bool {
        let Some(settlement) = self.write(completion, stop).await else {
            return false;
        };
        let Completion { job, run, .. } = *completion;
        match settlement {
            Settlement::Settled(end) => {
                log(completion);
                let lag = self.clock.now().since(completion.finished_at);
                self.metrics.settled(lag);
                self.aftermath.follow(&end).await;
                if !keeps(completion, end.state) {
                    self.aftermath.discard(job, run);
                }
            }
            Settlement::Repeated {
                state,
                winner,
                final_: end,
            } => {
                self.aftermath.follow(&end).await;
                if winner != Some(run) || !keeps(completion, state) {
                    self.aftermath.discard(job, run);
                }
            }
            Settlement::NoSuchJob => {
                tracing::warn!("a run has ended of a job that does not exist");
                self.aftermath.discard(job, run);
            }
        }
        true
    }

    /// Writes the end of a run, as often as it takes while the store is away. One that is there and refuses
    /// it again and again never takes it: the job fails, so that one bad message does not keep all others
    /// waiting.
    async fn write(&self, completion: &Completion, stop: &CancellationToken) -> Option<Settlement> {
        let refusals = AtomicU32::new(0);
        let write = until_done("settle a job", stop, || async {
            let now = self.clock.now();
            let settled = self.store.settle(completion, self.retention, now).await;
            let refused = matches!(settled, Err(StoreError::Database(_)));
            if refused && refusals.fetch_add(1, Ordering::Relaxed) + 1 >= REFUSALS {
                let job = completion.job;
                tracing::error!("the store refuses the end of a run; the job fails");
                let failed = self.store.fail(job, FailureKind::Internal, REFUSED, now);
                return failed.await;
            }
            settled
        });
        write.await
    }
}

/// Whether the run whose end counts keeps what it has stored: its result, or the screenshot of its failure.
/// A run that left a screenshot has stored nothing else.
fn keeps(completion: &Completion, state: JobState) -> bool {
    state == JobState::Success || completion.report.screenshot.is_some()
}

fn log(completion: &Completion) {
    let duration = completion.finished_at.since(completion.started_at);
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let worker = &completion.worker;
    match &completion.outcome {
        Outcome::Success { artifact, .. } => {
            let size_bytes = artifact.size;
            tracing::info!(%worker, duration_ms, size_bytes, "a job succeeded");
        }
        Outcome::Failure { kind, .. } => {
            tracing::info!(%worker, duration_ms, failure = %kind, "a job failed");
        }
    }
}
