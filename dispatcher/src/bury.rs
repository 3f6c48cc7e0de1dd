//! Ends jobs that crashed every worker that took them, also the last ones that had nothing else in hand.

use common::broker::Source;
use common::broker::metrics::DeadLetter;
use common::clock::Clock;
use common::id::JobId;
use common::job::FailureKind;
use common::message::JobMessage;
use common::retry::until_done;
use common::store::{Settlement, Store};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::Parts;
use crate::aftermath::Aftermath;

const MESSAGE: &str = "Internal: the job crashed every renderer that took it";

/// Ends such jobs.
#[derive(Debug)]
pub(crate) struct Burier {
    store: Store,
    clock: Clock,
    aftermath: Aftermath,
}

impl Burier {
    pub(crate) fn new(parts: &Parts, aftermath: Aftermath) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            aftermath,
        }
    }

    /// Takes what the broker has given up, until `draining`.
    pub(crate) async fn run(self, mut dead: Source<JobMessage>, draining: CancellationToken) {
        while let Some(Some(incoming)) = draining.run_until_cancelled(dead.next()).await {
            let span = incoming.span();
            let burying = self.bury(incoming.message.job, &draining).instrument(span);
            if burying.await && !incoming.ack().await {
                tracing::debug!("a job that was given up is reported once more");
            }
        }
    }

    /// Ends a job as an error. `false` if the store is away and `stop` came before it was back.
    pub(crate) async fn bury(&self, job: JobId, stop: &CancellationToken) -> bool {
        let fail = || {
            let now = self.clock.now();
            self.store.fail(job, FailureKind::Internal, MESSAGE, now)
        };
        let Some(settlement) = until_done("end a job that was given up", stop, fail).await else {
            return false;
        };
        if let Settlement::Settled(end) = settlement {
            tracing::error!(job.id = %job, "a job crashed every renderer that took it");
            DeadLetter::Job.count();
            self.aftermath.follow(&end).await;
        }
        true
    }
}
