//! What follows once a job's end is in its row. Every step may be repeated, and for every step that
//! fails there is somebody who does it later: the waiter reads its row again, the scheduler and the
//! relay look from time to time, the sweeper deletes what is left.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use common::broker::Broker;
use common::id::{JobId, RunId};
use common::job::Mode;
use common::message::Settled;
use common::objects::{ObjectKey, Objects};
use common::relay::Relay;
use common::store::Final;
use futures::StreamExt as _;
use futures::stream;
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::Parts;

/// For so many jobs at a time objects are deleted, which nobody waits for: an object store that is slow
/// must not hold up others' ends. What is beyond is left to the sweep.
const DELETING: usize = 64;

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many objects of one job are deleted at the same time.
const AT_ONCE: usize = 16;

/// Does what follows a job's end; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Aftermath {
    broker: Broker,
    objects: Objects,
    relay: Relay,
    /// Wakes the scheduler.
    due: Arc<Notify>,
    draining: CancellationToken,
    deleting: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Aftermath {
    /// `tasks` has what goes on beside the work.
    pub(crate) fn new(
        parts: &Parts,
        relay: Relay,
        due: Arc<Notify>,
        (draining, tasks): (CancellationToken, TaskTracker),
    ) -> Self {
        Self {
            broker: parts.broker.clone(),
            objects: parts.objects.clone(),
            relay,
            due,
            draining,
            deleting: Arc::new(Semaphore::new(DELETING)),
            tasks,
        }
    }

    /// Tells the waiting gateway, wakes delivery, lets the account's next jobs go, and begins to delete
    /// what the job's caller had sent.
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
        if !end.inputs.is_empty() {
            let (objects, job, inputs) = (self.objects.clone(), end.job, end.inputs.clone());
            self.beside(job, delete_all(objects, job, inputs));
        }
    }

    /// Begins to delete what a run has stored that is nobody's result.
    pub(crate) fn discard(&self, job: JobId, run: RunId) {
        let objects = self.objects.clone();
        self.beside(job, async move {
            let deleted = objects.delete_run(job, run).await;
            log(deleted, job, "the objects of a run could not be deleted");
        });
    }

    fn beside(&self, job: JobId, deleting: impl Future<Output = ()> + Send + 'static) {
        let Ok(place) = Arc::clone(&self.deleting).try_acquire_owned() else {
            tracing::warn!(job.id = %job, "too many objects are being deleted; a job's are left to the sweep");
            return;
        };
        let deleting = async move {
            if timeout(PATIENCE, deleting).await.is_err() {
                tracing::warn!(
                    "the object store is slow; some of a job's objects are left to the sweep"
                );
            }
            drop(place);
        };
        self.tasks.spawn(deleting.in_current_span());
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

async fn delete_all(objects: Objects, job: JobId, inputs: Vec<ObjectKey>) {
    let deleting = stream::iter(inputs).for_each_concurrent(AT_ONCE, async |input| {
        let deleted = objects.delete(&input).await;
        log(deleted, job, "an input could not be deleted");
    });
    deleting.await;
}

fn log<E: Error + 'static>(done: Result<(), E>, job: JobId, what: &'static str) {
    if let Err(error) = done {
        let error: &(dyn Error + 'static) = &error;
        tracing::warn!(error, job.id = %job, "{what}");
    }
}
