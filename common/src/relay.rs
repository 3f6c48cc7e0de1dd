//! Publishes what the rows say is not published yet: the outbox. Gateways and dispatchers run it.
//!
//! Rows are claimed before they are published, so several relays do not publish the same row; when
//! one of them dies, its claims run out and another goes on.

mod left;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::broker::{Broker, PublishError};
use crate::clock::Clock;
use crate::id::{AccountId, JobId};
use crate::message::JobMessage;
use crate::store::{Store, StoreError};

use self::left::Left;
use self::turns::Turns;

/// How often rows are looked for that nobody published; whoever makes one usually publishes it.
const PUBLISH_EVERY: Duration = Duration::from_secs(1);

/// How often accounts are looked for whose held jobs nobody released.
const RELEASE_EVERY: Duration = Duration::from_secs(5);

/// How often whoever releases an account's jobs looks.
const ROUNDS: usize = 2;

/// How many rows are claimed at a time.
const BATCH: u32 = 100;

/// The relay; clones share it.
#[derive(Debug, Clone)]
pub struct Relay {
    store: Store,
    broker: Broker,
    clock: Clock,
    wake: Arc<Notify>,
    turns: Turns,
    left: Left,
}

impl Relay {
    /// A relay between these two.
    pub fn new(store: Store, broker: Broker, clock: Clock) -> Self {
        Self {
            store,
            broker,
            clock,
            wake: Arc::new(Notify::new()),
            turns: Turns::default(),
            left: Left::default(),
        }
    }

    /// Asks [`Self::run`] to look for rows now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Publishes and releases until `draining`. An outage costs time only: the next tick tries again.
    pub async fn run(self, draining: CancellationToken) {
        let [mut publish, mut release] = [PUBLISH_EVERY, RELEASE_EVERY].map(|every| {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        loop {
            let done = tokio::select! {
                biased;
                () = draining.cancelled() => return,
                _ = release.tick() => self.release_held().await,
                _ = publish.tick() => self.publish_queued().await,
                () = self.wake.notified() => self.publish_queued().await,
                accounts = self.left.taken() => self.release_all(accounts).await,
            };
            if let Err(error) = done {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::warn!(error, "the relay can't reach the store; it will try again");
            }
        }
    }

    /// Publishes every queued job that nobody holds a claim on.
    pub async fn publish_queued(&self) -> Result<(), StoreError> {
        loop {
            let claimed = self.store.claim_queued(BATCH, self.clock.now()).await?;
            let last = claimed.len() < BATCH as usize;
            let all_taken = self.publish(claimed).await?;
            if last || !all_taken {
                return Ok(());
            }
        }
    }

    /// Releases the held jobs of every account that has some, as far as their caps allow.
    pub async fn release_held(&self) -> Result<(), StoreError> {
        let accounts = self.store.accounts_with_held().await?;
        self.release_all(accounts).await
    }

    async fn release_all(&self, accounts: Vec<AccountId>) -> Result<(), StoreError> {
        for account in accounts {
            self.release(account).await?;
        }
        Ok(())
    }

    /// Releases an account's held jobs as far as its cap allows, and publishes them. While somebody else
    /// does just that, it is left to them, and they look once more: many jobs that end together cost few
    /// looks. With others coming all the time it is left to [`Self::run`], so that nobody is kept for long.
    pub async fn release(&self, account: AccountId) -> Result<(), StoreError> {
        let Some(mut turn) = self.turns.take(account) else {
            return Ok(());
        };
        for _ in 0..ROUNDS {
            let released = self.store.release(account, self.clock.now()).await?;
            self.publish(released).await?;
            turn = match turn.end() {
                Some(turn) => turn,
                None => return Ok(()),
            };
        }
        drop(turn);
        self.left.leave(account);
        Ok(())
    }

    /// Publishes jobs whose rows are claimed; `false` if the broker did not take all of them. What
    /// it did not take is published when the claim has run out.
    async fn publish(&self, claimed: Vec<JobMessage>) -> Result<bool, StoreError> {
        // Before they are: a renderer may begin before its publisher hears that the broker has the job.
        let now = self.clock.now();
        // All at once: the server confirms many with one write to its disk.
        let publishing = claimed.into_iter().map(async |mut message| {
            let job = message.job;
            message.published_at = Some(now);
            let taken = self.broker.publish_job(message).await;
            taken.inspect_err(
                |error| tracing::debug!(%error, job.id = %job, "a job has to wait for its claim's end"),
            )?;
            Ok::<_, PublishError>(job)
        });
        let published = join_all(publishing).await;
        let count = published.len();
        let taken: Vec<JobId> = published.into_iter().filter_map(Result::ok).collect();
        // Those that have ended already are left as they are.
        self.store.mark_all_published(&taken, now).await?;
        Ok(taken.len() == count)
    }
}
