//! What the process has in hand: every job from its message to its ack. And how all of it is laid down
//! at times, for a job that must be alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use common::id::JobId;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, watch};
use tokio::time::Instant;

/// All that the process has in hand; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hands(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    held: watch::Sender<Held>,
    /// Whether somebody wants everything laid down.
    wanted: watch::Sender<bool>,
    /// Lanes share it while they take jobs; writers come first.
    taking: RwLock<()>,
}

#[derive(Debug, Default)]
struct Held {
    jobs: BTreeMap<u64, Job>,
    taken: u64,
}

#[derive(Debug)]
struct Job {
    id: JobId,
    /// When the work must have come to an end, one way or the other; none once it has.
    deadline: Option<Instant>,
}

/// A job in hand, until it is dropped.
#[derive(Debug)]
pub(crate) struct InHand {
    hands: Hands,
    number: u64,
}

/// A lane that takes jobs.
pub(crate) type Taking<'a> = RwLockReadGuard<'a, ()>;

/// Nothing is in hand, and no lane takes anything, until this is dropped.
#[derive(Debug)]
pub(crate) struct Empty<'a> {
    // In this order: lanes that begin again must not find the wish still there.
    _wish: Wish<'a>,
    _taking: RwLockWriteGuard<'a, ()>,
}

#[derive(Debug)]
struct Wish<'a>(&'a watch::Sender<bool>);

impl Hands {
    /// Notes a job whose work ends within `limit` unless it is stuck.
    pub(crate) fn take(&self, id: JobId, limit: Duration) -> InHand {
        let deadline = Some(Instant::now() + limit);
        let mut number = 0;
        self.0.held.send_modify(|held| {
            held.taken += 1;
            number = held.taken;
            held.jobs.insert(number, Job { id, deadline });
        });
        let hands = self.clone();
        InHand { hands, number }
    }

    /// The jobs whose work should have ended before `now`.
    pub(crate) fn stuck(&self, now: Instant) -> Vec<JobId> {
        let is_late = |job: &&Job| job.deadline.is_some_and(|deadline| deadline < now);
        let held = self.0.held.borrow();
        held.jobs
            .values()
            .filter(is_late)
            .map(|job| job.id)
            .collect()
    }

    /// Waits until lanes may take jobs; a lane keeps what it gets for as long as it does.
    pub(crate) async fn open(&self) -> Taking<'_> {
        self.0.taking.read().await
    }

    /// Waits until everything is to be laid down: a lane then takes no more, and lets go of what
    /// [`Self::open`] gave once all that it was sent is in hand.
    pub(crate) async fn wanted(&self) {
        // The sender is here, so there is no error.
        drop(self.0.wanted.subscribe().wait_for(|&wanted| wanted).await);
    }

    /// Has everything laid down, and waits until nothing is in hand.
    pub(crate) async fn emptied(&self) -> Empty<'_> {
        let wish = Wish::new(&self.0.wanted);
        let taking = self.0.taking.write().await;
        let mut held = self.0.held.subscribe();
        drop(held.wait_for(|held| held.jobs.is_empty()).await);
        Empty {
            _wish: wish,
            _taking: taking,
        }
    }
}

impl InHand {
    /// The work is done. Telling so may take as long as the broker is away, and is not stuck by that.
    pub(crate) fn done(&self) {
        self.hands.0.held.send_modify(|held| {
            if let Some(job) = held.jobs.get_mut(&self.number) {
                job.deadline = None;
            }
        });
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        let number = self.number;
        self.hands.0.held.send_modify(|held| {
            held.jobs.remove(&number);
        });
    }
}

impl<'a> Wish<'a> {
    fn new(wanted: &'a watch::Sender<bool>) -> Self {
        wanted.send_replace(true);
        Self(wanted)
    }
}

impl Drop for Wish<'_> {
    fn drop(&mut self) {
        self.0.send_replace(false);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn hands_are_empty_when_no_lane_takes_and_every_job_is_let_go() {
        let hands = Hands::default();
        let taking = hands.open().await;
        assert!(hands.wanted().now_or_never().is_none());
        let mut emptied = Box::pin(hands.emptied());
        assert!(emptied.as_mut().now_or_never().is_none());
        hands.wanted().await;
        let job = hands.take(JobId::new(), Duration::from_secs(1));
        drop(taking);
        assert!(emptied.as_mut().now_or_never().is_none());
        drop(job);
        let empty = emptied.await;
        assert!(hands.open().now_or_never().is_none());
        drop(empty);
        drop(hands.open().await);
        assert!(hands.wanted().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_wish_that_is_given_up_stops_no_lane() {
        let hands = Hands::default();
        let taking = hands.open().await;
        assert!(hands.emptied().now_or_never().is_none());
        assert!(hands.wanted().now_or_never().is_none());
        drop(taking);
        drop(hands.open().await);
    }

    #[tokio::test]
    async fn a_job_is_stuck_once_its_work_is_late_but_not_while_it_is_told() {
        let hands = Hands::default();
        let (late, done) = (JobId::new(), JobId::new());
        let limit = Duration::from_mins(1);
        let (stuck, told) = (hands.take(late, limit), hands.take(done, limit));
        let now = Instant::now();
        assert_eq!(hands.stuck(now + limit / 2), []);
        assert_eq!(hands.stuck(now + limit * 2), [late, done]);
        told.done();
        assert_eq!(hands.stuck(now + limit * 2), [late]);
        drop((stuck, told));
        assert_eq!(hands.stuck(now + limit * 2), []);
    }
}
