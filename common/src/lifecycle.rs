//! How a process ends: first drain (take nothing new, finish what is in hand), then abort.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Two tokens and the tasks that watch them; a value, handed to every service at start.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    /// Cancelled first: take nothing new.
    pub draining: CancellationToken,
    /// Cancelled last: drop what is in hand.
    pub aborting: CancellationToken,
    /// Everything that must end before the process does.
    pub tasks: TaskTracker,
}

impl Default for Lifecycle {
    fn default() -> Self {
        let aborting = CancellationToken::new();
        Self {
            draining: aborting.child_token(),
            aborting,
            tasks: TaskTracker::new(),
        }
    }
}

impl Lifecycle {
    /// Runs a task to its end, or until the process aborts. A task that ends while nothing drains
    /// starts the draining: a service without one of its parts must not go on half alive.
    pub fn spawn_essential<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let this = self.clone();
        self.tasks.spawn(async move {
            let guard = this.draining.clone().drop_guard();
            if this.aborting.run_until_cancelled(task).await.is_some()
                && !this.draining.is_cancelled()
            {
                tracing::error!(
                    task = name,
                    "an essential task ended by itself; shutting down"
                );
            }
            drop(guard);
        });
    }

    /// Waits until draining has begun and every task has ended.
    pub async fn finished(&self) {
        self.draining.cancelled().await;
        self.tasks.close();
        self.tasks.wait().await;
    }
}
