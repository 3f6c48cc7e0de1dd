//! Finds jobs that were handed to the broker and of which nothing was heard again, because the broker
//! lost them: they are published once more, a few times, and then ended as errors. It runs in every
//! dispatcher: each repair is a compare-and-set, so two of them never repair the same thing twice.
//!
//! Deliveries need no such look: the scheduler publishes each again a minute after it was published,
//! unless somebody has leased it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use common::broker::Broker;
use common::clock::{Clock, Timestamp};
use common::job::{FailureKind, Lane, Mode};
use common::relay::Relay;
use common::store::{Settlement, Store, StoreError, Stuck};
use common::task::LONGEST_IN_HAND;
use tokio_util::sync::CancellationToken;

use crate::aftermath::Aftermath;
use crate::metrics::Repairing;
use crate::{Parts, periodic};

const EVERY: Duration = Duration::from_secs(30);
const BATCH: u32 = 100;

/// So often a job is published again.
const TIMES: u32 = 3;

const MESSAGE: &str = "Internal: the job was handed to the renderers several times and none has told what became of it";

/// Looks for such jobs.
#[derive(Debug)]
pub(crate) struct Reconciler {
    store: Store,
    broker: Broker,
    clock: Clock,
    relay: Relay,
    aftermath: Aftermath,
    metrics: Repairing,
    /// When nobody had to wait for a lane's workers, oldest first.
    empty: Mutex<HashMap<(Lane, Mode), VecDeque<Timestamp>>>,
}

/// What a look has repaired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Repairs {
    /// Jobs that are published again.
    pub(crate) republished: u64,
    /// Jobs that were ended.
    pub(crate) given_up: u64,
}

impl Reconciler {
    pub(crate) fn new(parts: &Parts, relay: Relay, aftermath: Aftermath) -> Self {
        Self {
            store: parts.store.clone(),
            broker: parts.broker.clone(),
            clock: parts.clock.clone(),
            relay,
            aftermath,
            metrics: Repairing::new(),
            empty: Mutex::default(),
        }
    }

    /// Looks from time to time, until `draining`.
    pub(crate) async fn run(self, draining: CancellationToken) {
        periodic::repeat("look for lost jobs", EVERY, &draining, || self.step()).await;
    }

    /// Repairs what there is to repair now.
    pub(crate) async fn step(&self) -> Result<Repairs, StoreError> {
        let mut repairs = Repairs::default();
        for &lane in Lane::ALL {
            for &mode in Mode::ALL {
                self.look(lane, mode, &mut repairs).await?;
            }
        }
        if repairs != Repairs::default() {
            let (republished, given_up) = (repairs.republished, repairs.given_up);
            tracing::warn!(
                republished,
                given_up,
                "the broker has lost jobs; they were repaired"
            );
        }
        if repairs.republished > 0 {
            self.relay.wake();
        }
        Ok(repairs)
    }

    async fn look(&self, lane: Lane, mode: Mode, repairs: &mut Repairs) -> Result<(), StoreError> {
        let Some(before) = self.must_have_ended(lane, mode).await else {
            return Ok(());
        };
        for stuck in self.store.stuck_jobs(lane, mode, before, BATCH).await? {
            if stuck.republished < TIMES {
                let done = self
                    .store
                    .republish(&stuck, before, self.clock.now())
                    .await?;
                repairs.republished += u64::from(done);
                self.metrics.repaired(done.into(), 0);
            } else {
                let done = self.give_up(&stuck).await?;
                repairs.given_up += u64::from(done);
                self.metrics.repaired(0, done.into());
            }
        }
        Ok(())
    }

    /// Jobs of that kind which were published until then must have ended by now. In a backlog nothing is
    /// lost: it waits its turn. But when nobody waited, each was in somebody's hands or lost, and whoever
    /// had one in hand so long ago has had to end it.
    async fn must_have_ended(&self, lane: Lane, mode: Mode) -> Option<Timestamp> {
        let now = self.clock.now();
        let is_empty = self.broker.waiting(lane, mode).await == Some(0);
        let mut empty = self.empty.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = empty.entry((lane, mode)).or_default();
        if is_empty {
            seen.push_back(now);
        }
        let long_ago = now - LONGEST_IN_HAND;
        // Only the newest of those that are long ago matters.
        while seen.get(1).is_some_and(|next| *next <= long_ago) {
            seen.pop_front();
        }
        seen.front().copied().filter(|first| *first <= long_ago)
    }

    async fn give_up(&self, stuck: &Stuck) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let failed = self
            .store
            .fail(stuck.job, FailureKind::Internal, MESSAGE, now);
        let Settlement::Settled(end) = failed.await? else {
            return Ok(false);
        };
        self.aftermath.follow(&end).await;
        Ok(true)
    }
}
