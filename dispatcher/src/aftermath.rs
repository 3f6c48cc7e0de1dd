//! What follows once a job's end is in its row. Every step may be repeated, and for every step that
//! fails there is somebody who does it later: the waiter reads its row again, the scheduler and the
//! relay look from time to time, the sweeper deletes what is left.

use std::error::Error;
use std::sync::Arc;

use common::broker::Broker;
use common::id::{JobId, RunId};
use common::job::Mode;
use common::message::Settled;
use common::objects::Objects;
use common::relay::Relay;
use common::store::Final;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Parts;

/// Does what follows a job's end; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Aftermath {
    broker: Broker,
    objects: Objects,
    relay: Relay,
    /// Wakes the scheduler.
    due: Arc<Notify>,
    draining: CancellationToken,
}

impl Aftermath {
    pub(crate) fn new(
        parts: &Parts,
        relay: Relay,
        due: Arc<Notify>,
        draining: CancellationToken,
    ) -> Self {
        Self {
            broker: parts.broker.clone(),
            objects: parts.objects.clone(),
            relay,
            due,
            draining,
        }
    }

    /// Tells the waiting gateway, wakes delivery, lets the account's next jobs go, and deletes what
    /// the job's caller had sent.
    pub(crate) async fn follow(&self, end: &Final) {
        self.answer(end).await;
        if end.delivery.is_some() {
            self.due.notify_one();
        }
        // A sync job takes no place that a held job waits for. While the process drains nobody
        // takes new work, and a job published to nobody counts as started.
        if end.mode == Mode::Async && !self.draining.is_cancelled() {
            let released = self.relay.release(end.account).await;
            log(released, end.job, "held jobs are left to the relay");
        }
        for input in &end.inputs {
            let deleted = self.objects.delete(input).await;
            log(deleted, end.job, "an input could not be deleted");
        }
    }

    /// Deletes what a run has stored that is nobody's result.
    pub(crate) async fn discard(&self, job: JobId, run: RunId) {
        let deleted = self.objects.delete_run(job, run).await;
        log(deleted, job, "the objects of a run could not be deleted");
    }

    async fn answer(&self, end: &Final) {
        let Some(route) = &end.route else {
            return;
        };
        let settled = Settled {
            job: end.job,
            state: end.state,
        };
        let told = self.broker.publish_settled(route, settled).await;
        log(told, end.job, "a waiting caller is left to its row");
    }
}

fn log<E: Error + 'static>(done: Result<(), E>, job: JobId, what: &'static str) {
    if let Err(error) = done {
        let error: &(dyn Error + 'static) = &error;
        tracing::warn!(error, job.id = %job, "{what}");
    }
}
