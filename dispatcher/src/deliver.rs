//! Takes due deliveries: find a place, lease the row, call the endpoint, write down what came of it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::broker::Source;
use common::clock::Clock;
use common::fetch::Client;
use common::job::{DeliveryState, Dialect};
use common::link::Links;
use common::message::DeliveryDue;
use common::objects::{ObjectError, Objects};
use common::retry::{insist, until_done};
use common::store::{AttemptRecord, Delivery, Job, Leased, Next, Store};
use rand::Rng as _;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::attempt::{self, Call};
use crate::hosts::{Hosts, Place};
use crate::schedule::Schedule;
use crate::{Config, Parts, payload};

/// How much longer a lease lasts than the call may: time to write down what came of it.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// The most bytes of a result that travels inside of its payload.
const RESULT_LIMIT: u64 = 256 * 1024 * 1024;

/// Memory for such results and their payloads, over all deliveries, in KiB.
const ROOM_KIB: u32 = 512 * 1024;

/// Delivers webhooks.
#[derive(Debug)]
pub(crate) struct Deliverer {
    store: Store,
    clock: Clock,
    links: Links,
    objects: Objects,
    room: Semaphore,
    client: Client,
    schedule: Schedule,
    timeout: Duration,
    concurrency: NonZeroUsize,
    hosts: Arc<Hosts>,
}

/// A payload, ready to be sent.
struct Letter<'a> {
    dialect: Dialect,
    body: Vec<u8>,
    _held: Option<SemaphorePermit<'a>>,
}

impl Deliverer {
    pub(crate) fn new(parts: &Parts, config: &Config, client: Client) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            links: parts.links.clone(),
            objects: parts.objects.clone(),
            room: Semaphore::new(ROOM_KIB as usize),
            client,
            schedule: config.webhook_retry_schedule.clone(),
            timeout: config.webhook_timeout,
            concurrency: config.webhook_concurrency,
            hosts: Arc::new(Hosts::new(config.webhook_concurrency, parts.clock.clone())),
        }
    }

    /// Delivers until `draining`, and finishes the calls in hand.
    pub(crate) async fn run(
        self: Arc<Self>,
        mut deliveries: Source<DeliveryDue>,
        draining: CancellationToken,
    ) {
        let mut in_hand = JoinSet::new();
        loop {
            let full = in_hand.len() >= self.concurrency.get();
            tokio::select! {
                biased;
                () = draining.cancelled() => break,
                Some(done) = in_hand.join_next() => log_panic(done),
                next = deliveries.next(), if !full => {
                    let Some(incoming) = next else {
                        break;
                    };
                    let (this, stop) = (Arc::clone(&self), draining.clone());
                    in_hand.spawn(async move {
                        this.deliver(&incoming.message, &stop).await;
                        incoming.ack().await;
                    });
                }
            }
        }
        while let Some(done) = in_hand.join_next().await {
            log_panic(done);
        }
    }

    /// Makes the attempt that is due, if it still is and nobody else makes it. Whatever is left
    /// undone because `stop` came while the store was away, the lease's end gives to somebody else.
    pub(crate) async fn deliver(&self, due: &DeliveryDue, stop: &CancellationToken) {
        let Some((delivery, _place)) = self.place(due, stop).await else {
            return;
        };
        // Before the lease, so that it does not run while the result's store or memory is waited for.
        let Some(letter) = self.letter(&delivery, stop).await else {
            return;
        };
        let leased = until_done("lease a delivery", stop, || {
            let lease = self.timeout + LEASE_MARGIN;
            self.store
                .lease(due.delivery, due.attempt, lease, self.clock.now())
        });
        let Some(Some(leased)) = leased.await else {
            return;
        };
        let call = Call {
            delivery: delivery.id,
            url: delivery.url,
            dialect: letter.dialect,
            body: letter.body,
        };
        let (record, verdict) =
            attempt::make(&self.client, call, self.timeout, self.clock.now()).await;
        let now = self.clock.now();
        let jitter = rand::rng().random_range(-1.0..=1.0);
        let next = self.schedule.after(leased.number, verdict, now, jitter);
        self.finish(&leased, &record, next).await;
    }

    /// A place for the call; `None` if there is none at the moment, which puts the delivery off, or
    /// if the message is stale.
    async fn place(
        &self,
        due: &DeliveryDue,
        stop: &CancellationToken,
    ) -> Option<(Delivery, Place)> {
        let read = || self.store.delivery(due.delivery);
        let delivery = until_done("read a delivery", stop, read).await??;
        let is_due = delivery.state == DeliveryState::Pending
            && delivery.attempts.checked_add(1) == Some(due.attempt)
            && delivery.due_at <= self.clock.now();
        if !is_due {
            return None;
        }
        let again = match self.hosts.enter(&delivery.url, delivery.account) {
            Ok(place) => return Some((delivery, place)),
            Err(again) => again,
        };
        tracing::debug!(delivery.id = %delivery.id, %again, "a delivery waits for its host or account");
        let put_off = || self.store.postpone(due.delivery, again);
        until_done("put a delivery off", stop, put_off).await;
        None
    }

    /// What is to be said, and the memory that it takes.
    async fn letter(&self, delivery: &Delivery, stop: &CancellationToken) -> Option<Letter<'_>> {
        let job = until_done("read a delivery's job", stop, || {
            self.store.job_by_id(delivery.job)
        });
        let Some(job) = job.await? else {
            tracing::error!(delivery.id = %delivery.id, job.id = %delivery.job, "a delivery's job is gone");
            return None;
        };
        let held = self.room(&job).await;
        let result = self.result(&job, stop).await?;
        Some(Letter {
            dialect: job.dialect,
            body: payload::body(&job, &self.links, result.as_deref()),
            _held: held,
        })
    }

    /// Memory for a result that travels inside of its payload, and for the payload.
    async fn room(&self, job: &Job) -> Option<SemaphorePermit<'_>> {
        let size = payload::inlined(job)?.size.saturating_mul(3) / 1024;
        let wanted = u32::try_from(size).unwrap_or(ROOM_KIB).min(ROOM_KIB);
        self.room.acquire_many(wanted).await.ok()
    }

    /// The bytes of such a result; `Some(None)` when there is none, or it is gone.
    async fn result(&self, job: &Job, stop: &CancellationToken) -> Option<Option<Bytes>> {
        let Some(asset) = payload::inlined(job) else {
            return Some(None);
        };
        until_done("read a result for a webhook", stop, || async {
            match self.objects.read(&asset.key, RESULT_LIMIT).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(ObjectError::Missing(_)) => Ok(None),
                Err(
                    error @ (ObjectError::TooLong { .. }
                    | ObjectError::Store(_)
                    | ObjectError::Refused(_)
                    | ObjectError::Folder { .. }),
                ) => Err(error),
            }
        })
        .await
    }

    /// Writes the attempt's end, also while the process drains: the endpoint has been called.
    async fn finish(&self, leased: &Leased, record: &AttemptRecord, next: Next) {
        let finished = insist("finish an attempt", || {
            self.store
                .finish_attempt(leased, record, next, self.clock.now())
        });
        let kept = tokio::time::timeout(LEASE_MARGIN, finished).await;
        let (delivery, job) = (leased.delivery.id, leased.delivery.job);
        if !matches!(kept, Ok(true)) {
            tracing::warn!(delivery.id = %delivery, "the lease ran out; the attempt counts as interrupted");
            return;
        }
        let attempt = leased.number;
        let outcome = record.outcome;
        match next {
            Next::Delivered => {
                tracing::info!(delivery.id = %delivery, job.id = %job, attempt, "a webhook was delivered");
            }
            Next::RetryAt(at) => {
                tracing::info!(delivery.id = %delivery, job.id = %job, attempt, %outcome, %at, "a webhook failed and will be sent again");
            }
            Next::Failed => {
                tracing::warn!(delivery.id = %delivery, job.id = %job, attempt, %outcome, "a webhook was given up");
            }
        }
    }
}

fn log_panic(done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a delivery was dropped; its lease will run out");
    }
}
