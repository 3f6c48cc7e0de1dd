//! How a process ends: first drain (take nothing new, finish what is in hand), then close (whoever
//! serves those that drain ends too); abort cuts both short.

use std::future::Future;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::health::Health;

/// Three tokens and the tasks that watch them; a value, handed to every service at start.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    /// Cancelled first: take nothing new.
    pub draining: CancellationToken,
    /// Cancelled when every one of [`Self::tasks`] has ended: nobody is left to be served.
    pub closing: CancellationToken,
    /// Cancelled last: drop what is in hand.
    pub aborting: CancellationToken,
    /// Everything that drains.
    pub tasks: TaskTracker,
    /// Everything that serves those that drain, and ends after them.
    pub last: TaskTracker,
    /// Whether the process takes work, and whether it is worth keeping.
    pub health: Health,
}

impl Default for Lifecycle {
    fn default() -> Self {
        let aborting = CancellationToken::new();
        Self {
            draining: aborting.child_token(),
            closing: aborting.child_token(),
            aborting,
            tasks: TaskTracker::new(),
            last: TaskTracker::new(),
            health: Health::default(),
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
        self.tasks.spawn(self.essential(name, task));
    }

    /// As [`Self::spawn_essential`], for a task that watches [`Self::closing`] instead of
    /// [`Self::draining`], since tasks that drain still need it.
    pub fn spawn_last<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.last.spawn(self.essential(name, task));
    }

    /// Waits until draining has begun and every task has ended.
    pub async fn finished(&self) {
        self.draining.cancelled().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.closing.cancel();
        self.last.close();
        self.last.wait().await;
    }

    fn essential<F>(&self, name: &'static str, task: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let this = self.clone();
        async move {
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_serves_the_draining_ends_after_them() {
        let lifecycle = Lifecycle::default();
        let (asks, mut asked) = tokio::sync::mpsc::channel::<&str>(1);
        let closing = lifecycle.closing.clone();
        let (told, tell) = tokio::sync::oneshot::channel();
        lifecycle.spawn_last("server", async move {
            let question = asked.recv().await;
            closing.cancelled().await;
            told.send(question).unwrap();
        });
        let draining = lifecycle.draining.clone();
        lifecycle.spawn_essential("client", async move {
            draining.cancelled().await;
            asks.send("still there?").await.unwrap();
        });
        lifecycle.draining.cancel();
        lifecycle.finished().await;
        assert_eq!(tell.await, Ok(Some("still there?")));
    }
}
