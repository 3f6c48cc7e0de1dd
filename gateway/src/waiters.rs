//! Callers that hold a connection until their job is final. The answer is only a wake-up: the row is
//! read again, and from time to time without any wake-up, so a lost answer costs seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::broker::{Route, Routes, Source};
use common::id::JobId;
use common::message::Settled;
use common::store::Job;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::App;

/// How often a waiter reads its row without having been woken.
const REREAD: Duration = Duration::from_secs(2);

/// By job: several may wait for one, since a request can be repeated while it is answered.
type Places = HashMap<JobId, Vec<Arc<Notify>>>;

type Waiting = Arc<Mutex<Places>>;

/// Everybody who waits in this gateway.
pub(crate) struct Waiters {
    routes: Routes,
    waiting: Waiting,
}

impl Waiters {
    /// Answers for these waiters come by `routes`.
    pub(crate) fn new(routes: Routes) -> Self {
        Self {
            routes,
            waiting: Waiting::default(),
        }
    }

    /// Where answers shall be sent, for the job's row. Without one, waiters depend on their rows.
    pub(crate) fn route(&self) -> Option<Route> {
        self.routes.current()
    }

    /// Starts to listen for a job; must happen before the job is published.
    pub(crate) fn register(&self, job: JobId) -> Waiter {
        let woken = Arc::new(Notify::new());
        lock(&self.waiting)
            .entry(job)
            .or_default()
            .push(Arc::clone(&woken));
        Waiter {
            job,
            woken,
            waiting: Arc::clone(&self.waiting),
        }
    }

    /// Wakes waiters until the broker is gone for good.
    pub(crate) async fn listen(&self, mut answers: Source<Settled>) {
        while let Some(incoming) = answers.next().await {
            self.wake(incoming.message.job);
            if !incoming.ack().await {
                tracing::debug!("the broker will repeat an answer");
            }
        }
    }

    fn wake(&self, job: JobId) {
        for woken in lock(&self.waiting).get(&job).into_iter().flatten() {
            woken.notify_one();
        }
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        lock(&self.waiting).values().map(Vec::len).sum()
    }
}

/// One caller's place; dropping it, for whatever reason, gives it up.
pub(crate) struct Waiter {
    job: JobId,
    woken: Arc<Notify>,
    waiting: Waiting,
}

impl Waiter {
    /// The job once it is final; `None` when that takes longer than `wait`, or the process drains.
    pub(crate) async fn settled(&self, app: &App, wait: Duration) -> Option<Job> {
        let mut deadline = Instant::now() + wait;
        let mut draining = false;
        loop {
            match app.store.job_by_id(self.job).await {
                Ok(Some(job)) if job.state.is_final() => return Some(job),
                Ok(_) => {}
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, job.id = %self.job, "a waiting caller's job could not be read");
                }
            }
            let now = Instant::now();
            if now >= deadline {
                return None;
            }
            tokio::select! {
                () = self.woken.notified() => {}
                () = tokio::time::sleep_until(deadline.min(now + REREAD)) => {}
                () = app.draining.cancelled(), if !draining => {
                    draining = true;
                    deadline = deadline.min(Instant::now() + app.drain_wait);
                }
            }
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = lock(&self.waiting);
        let Some(others) = waiting.get_mut(&self.job) else {
            return;
        };
        others.retain(|woken| !Arc::ptr_eq(woken, &self.woken));
        if others.is_empty() {
            waiting.remove(&self.job);
        }
    }
}

fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, Places> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
