//! Takes due deliveries: find a place, write and sign what is to be said, lease the row, call the
//! endpoint, write down what came of it.

pub(crate) mod attempt;
mod batch;
mod letter;
mod standing;
mod trace;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use common::broker::Source;
use common::broker::metrics::DeadLetter;
use common::clock::Clock;
use common::fetch::Client;
use common::job::{AttemptOutcome, DeliveryState};
use common::link::Links;
use common::message::DeliveryDue;
use common::objects::{ObjectError, Objects};
use common::retry::{insist, until_done};
use common::signature::WebhookKey;
use common::store::{
    AttemptRecord, Delivery, Job, LeaseRequest, Leased, MadeAttempt, Next, Outgoing, Store,
};
use common::telemetry::{TraceContext, spans};
use rand::Rng as _;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

use self::attempt::Call;
use self::batch::Batch;
use self::standing::Standing;
use crate::hosts::{Breaker, Hosts, Place};
use crate::metrics::Delivering;
use crate::payload::Payload;
use crate::schedule::{Schedule, Verdict};
use crate::{Config, Parts};

pub(crate) use self::letter::Letter;

/// How much longer a lease lasts than the call may: time to write down what came of it, at the second
/// try too when the first was a statement that the database never answered (`--database-timeout`).
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// A delivery that breakers have put off for so long is tried all the same, and one whose result can't
/// be read for so long goes without it, so that each ends.
const LONG: Duration = Duration::from_hours(24);

/// How long a delivery is put off whose result can't be read.
const UNREAD: Duration = Duration::from_secs(15);

/// A call that begins later after its signature is signed anew: receivers refuse old ones.
const FRESH: Duration = Duration::from_mins(2);

/// Delivers webhooks.
#[derive(Debug)]
pub(crate) struct Deliverer {
    store: Store,
    clock: Clock,
    links: Links,
    objects: Objects,
    secrets: WebhookKey,
    client: Client,
    schedule: Schedule,
    timeout: Duration,
    inline_limit: u64,
    parking: Duration,
    concurrency: NonZeroUsize,
    hosts: Arc<Hosts>,
    standing: Standing,
    metrics: Delivering,
    leases: Batch<LeaseRequest, Option<Leased>>,
    finishes: Batch<MadeAttempt, bool>,
}

/// What is to become of the message that asked for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has done its work.
    Done,
    /// Its delivery was given up: it goes to the dead letters, where operators see it.
    Dead,
}

impl Deliverer {
    pub(crate) fn new(parts: &Parts, config: &Config, client: Client, hosts: Arc<Hosts>) -> Self {
        let (store, clock) = (parts.store.clone(), parts.clock.clone());
        let leases = Batch::start(move |requests: Vec<LeaseRequest>| {
            let (store, now) = (store.clone(), clock.now());
            async move { store.lease(&requests, now).await }
        });
        let (store, clock) = (parts.store.clone(), parts.clock.clone());
        let finishes = Batch::start(move |done: Vec<MadeAttempt>| {
            let (store, now) = (store.clone(), clock.now());
            async move { store.finish_attempts(&done, now).await }
        });
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            links: parts.links.clone(),
            objects: parts.objects.clone(),
            secrets: parts.secrets.clone(),
            client,
            schedule: config.webhook_retry_schedule.clone(),
            timeout: config.webhook_timeout,
            inline_limit: config.webhook_inline_limit,
            parking: config.webhook_parking,
            concurrency: config.webhook_concurrency,
            hosts,
            standing: Standing::new(parts, config),
            metrics: Delivering::new(),
            leases,
            finishes,
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
                        match this.deliver(&incoming.message, &stop).await {
                            Fate::Done => incoming.ack().await,
                            Fate::Dead => incoming.reject().await,
                        };
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
    pub(crate) async fn deliver(&self, due: &DeliveryDue, stop: &CancellationToken) -> Fate {
        let log = tracing::error_span!(
            target: spans::LOG,
            "delivery",
            delivery.id = %due.delivery,
            job.id = Empty,
            account.id = Empty,
            trace_id = Empty,
        );
        let fate = self.attempt(due, stop).instrument(log).await;
        fate.unwrap_or(Fate::Done)
    }

    /// The attempt; `None` as soon as there is none to make.
    async fn attempt(&self, due: &DeliveryDue, stop: &CancellationToken) -> Option<Fate> {
        let (outgoing, place) = self.place(due, stop).await?;
        let log = Span::current();
        log.record("job.id", display(outgoing.delivery.job));
        log.record("account.id", display(outgoing.delivery.account));
        // Before the lease, so that it does not run while a long result is read.
        let letter = self.letter(&outgoing, stop).await?;
        let within = letter.within(self.timeout);
        let request = LeaseRequest {
            delivery: due.delivery,
            attempt: due.attempt,
            lease_for: within + LEASE_MARGIN,
        };
        let lease = || self.leases.run(request);
        let leased = until_done("lease a delivery", stop, lease).await??;
        let now = self.clock.now();
        let span = trace::attempt(&outgoing.delivery, leased.number, now);
        spans::show(&span, &log);
        let (record, verdict) = if now.since(letter.timestamp) > FRESH {
            not_made("its signature had grown old while the database was away")
        } else {
            self.metrics.called(now.since(outgoing.delivery.due_at));
            let calling = self.call(&outgoing.delivery, &letter, within);
            calling.instrument(span.clone()).await
        };
        trace::note(&span, &record);
        match record.outcome {
            AttemptOutcome::Delivered | AttemptOutcome::Rejected => place.note(true),
            AttemptOutcome::Timeout | AttemptOutcome::Connection => place.note(false),
            AttemptOutcome::Refused | AttemptOutcome::Interrupted => {}
        }
        drop(place);
        let next = self.next(&outgoing.delivery, leased.number, verdict);
        let done = MadeAttempt {
            leased,
            record,
            next,
            trace: TraceContext::of(&span),
        };
        drop(span);
        let outcome = done.record.outcome;
        let kept = self.finish(done).await;
        self.metrics.attempted(if kept {
            outcome
        } else {
            AttemptOutcome::Interrupted
        });
        self.standing.after(&outgoing, verdict).await;
        let given_up = kept && next == Next::Failed;
        if given_up {
            DeadLetter::Delivery.count();
        }
        Some(if given_up { Fate::Dead } else { Fate::Done })
    }

    /// What becomes of the delivery.
    fn next(&self, delivery: &Delivery, attempt: u32, verdict: Verdict) -> Next {
        let verdict = if verdict == Verdict::Ours && self.is_old(delivery) {
            // Also what is our fault ends.
            Verdict::Failed { retry_after: None }
        } else {
            verdict
        };
        let (now, jitter) = (self.clock.now(), rand::rng().random_range(-1.0..=1.0));
        let next = self.schedule.after(attempt, verdict, now, jitter);
        if next == Next::Failed && verdict == Verdict::Gone && !delivery.own {
            // It waits for its endpoint, even if this was its last attempt.
            return Next::AgainAt(now);
        }
        next
    }

    /// A place for the call; `None` if there is none at the moment, which puts the delivery off, if
    /// its endpoint is switched off, which parks it, or if the message is stale.
    async fn place(
        &self,
        due: &DeliveryDue,
        stop: &CancellationToken,
    ) -> Option<(Outgoing, Place)> {
        let read = || self.store.outgoing(due.delivery);
        let outgoing = until_done("read a delivery", stop, read).await??;
        let (delivery, now) = (&outgoing.delivery, self.clock.now());
        let is_due = delivery.state == DeliveryState::Pending
            && delivery.attempts.checked_add(1) == Some(due.attempt)
            && delivery.due_at <= now;
        if !is_due {
            return None;
        }
        if !delivery.own && outgoing.endpoint.off.is_some() {
            tracing::debug!("a delivery is parked until its endpoint is switched on");
            let park = || self.store.park(due.delivery, now + self.parking, now);
            until_done("park a delivery", stop, park).await;
            return None;
        }
        let breaker = if self.is_old(delivery) {
            Breaker::Passed
        } else {
            Breaker::Heeded
        };
        let again = match self.hosts.enter(&delivery.url, delivery.account, breaker) {
            Ok(place) => return Some((outgoing, place)),
            Err(again) => again,
        };
        tracing::debug!(%again, "a delivery waits for its host or account");
        let put_off = || self.store.postpone(due.delivery, again);
        until_done("put a delivery off", stop, put_off).await;
        None
    }

    /// What is to be said, signed.
    async fn letter(&self, outgoing: &Outgoing, stop: &CancellationToken) -> Option<Letter> {
        let delivery = &outgoing.delivery;
        let job = until_done("read a delivery's job", stop, || {
            self.store.job_by_id(delivery.job)
        });
        let Some(job) = job.await? else {
            tracing::error!("a delivery's job is gone");
            return None;
        };
        let payload = Payload::of(&job, &self.links, self.inline_limit);
        let error = match self.sign(&job, payload, outgoing).await {
            Ok(letter) => return Some(letter),
            Err(error) => error,
        };
        if self.is_old(delivery) || matches!(error, ObjectError::Missing(_)) {
            let without = Payload::without_result(&job, &self.links);
            // Nothing of it is in the store, so that signing it can't fail.
            return self.sign(&job, without, outgoing).await.ok();
        }
        // Its place is for others meanwhile.
        tracing::warn!(%error, "a result can't be read for its webhook, which is put off");
        let again = self.clock.now() + UNREAD;
        let put_off = || self.store.postpone(delivery.id, again);
        until_done("put a delivery off", stop, put_off).await;
        None
    }

    fn is_old(&self, delivery: &Delivery) -> bool {
        self.clock.now().since(delivery.created_at) > LONG
    }

    async fn sign(
        &self,
        job: &Job,
        payload: Payload,
        outgoing: &Outgoing,
    ) -> Result<Letter, ObjectError> {
        let (delivery, now) = (&outgoing.delivery, self.clock.now());
        let secret = outgoing.endpoint.secret;
        let secrets = self.secrets.secrets(delivery.account, secret, now);
        let id = delivery.message.to_string();
        Letter::sign((job.dialect, payload), &secrets, id, now, &self.objects).await
    }

    /// Calls the endpoint. A result that can't be read (any more) is no fault of the endpoint's.
    async fn call(
        &self,
        delivery: &Delivery,
        letter: &Letter,
        within: Duration,
    ) -> (AttemptRecord, Verdict) {
        let unread = || not_made("the result could not be read from the object store");
        let started = Instant::now();
        let opened = tokio::time::timeout(within, letter.body(&self.objects)).await;
        let Ok(Ok((body, reading))) = opened else {
            tracing::warn!("a result can't be read for its webhook");
            return unread();
        };
        let url = &delivery.url;
        let trace = TraceContext::of(&Span::current());
        let call = Call {
            url,
            letter,
            body,
            trace,
        };
        let left = within.saturating_sub(started.elapsed());
        let (record, verdict) = attempt::make(&self.client, call, left, self.clock.now()).await;
        if reading.explains(record.outcome) {
            return unread();
        }
        (record, verdict)
    }

    /// Writes the attempt's end, also while the process drains: the endpoint has been called.
    /// False if the lease was lost.
    async fn finish(&self, done: MadeAttempt) -> bool {
        let finished = insist("finish an attempt", || self.finishes.run(done.clone()));
        let kept = tokio::time::timeout(LEASE_MARGIN, finished).await;
        if !matches!(kept, Ok(true)) {
            tracing::warn!("the lease ran out; the attempt counts as interrupted");
            return false;
        }
        let (attempt, outcome) = (done.leased.number, done.record.outcome);
        match done.next {
            Next::Delivered => {
                tracing::info!(attempt, "a webhook was delivered");
            }
            Next::RetryAt(at) | Next::AgainAt(at) => {
                tracing::info!(attempt, %outcome, %at, "a webhook failed and will be sent again");
            }
            Next::Failed => {
                tracing::warn!(attempt, %outcome, "a webhook was given up");
            }
        }
        true
    }
}

/// An attempt that came to nothing for a reason of ours.
fn not_made(why: &str) -> (AttemptRecord, Verdict) {
    (attempt::not_made(why.to_owned()), Verdict::Ours)
}

fn log_panic(done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a delivery was dropped; its lease will run out");
    }
}
