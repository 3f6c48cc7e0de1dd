//! The broker of a single process: bounded channels, no acks, no dead letters. What a crash loses,
//! the rows give again at the next start.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, broadcast, mpsc};

use super::{PublishError, Route};
use crate::job::{Lane, Mode};
use crate::message::{Completion, DeliveryDue, JobMessage, Settled};

/// All queues of one process.
#[derive(Debug, Clone)]
pub struct Embedded(Arc<Queues>);

#[derive(Debug)]
struct Queues {
    jobs: HashMap<(Lane, Mode), Channel<JobMessage>>,
    completions: Channel<Completion>,
    deliveries: Channel<DeliveryDue>,
    settled: broadcast::Sender<Settled>,
}

/// The consuming end of a queue; clones take turns.
#[derive(Debug, Clone)]
pub struct Queue<M>(Arc<Mutex<mpsc::Receiver<M>>>);

#[derive(Debug)]
struct Channel<M> {
    sender: mpsc::Sender<M>,
    queue: Queue<M>,
}

impl Embedded {
    pub(super) fn new(capacity: usize) -> Self {
        let lanes = Lane::ALL
            .iter()
            .flat_map(|&lane| Mode::ALL.iter().map(move |&mode| (lane, mode)));
        Self(Arc::new(Queues {
            jobs: lanes.map(|key| (key, Channel::new(capacity))).collect(),
            completions: Channel::new(capacity),
            deliveries: Channel::new(capacity),
            settled: broadcast::channel(capacity).0,
        }))
    }

    pub(super) fn publish_job(&self, message: JobMessage) -> Result<(), PublishError> {
        let channel = self
            .0
            .jobs
            .get(&(message.lane, message.mode))
            .ok_or(PublishError::Away)?;
        channel.offer(message)
    }

    pub(super) async fn publish_completion(&self, message: Completion) -> Result<(), PublishError> {
        self.0
            .completions
            .sender
            .send(message)
            .await
            .map_err(|_| PublishError::Away)
    }

    pub(super) fn publish_delivery(&self, message: DeliveryDue) -> Result<(), PublishError> {
        self.0.deliveries.offer(message)
    }

    /// There is one gateway in the process, so every answer goes to it, whatever the route.
    pub(super) fn publish_settled(&self, _route: &Route, message: Settled) {
        let listening = self.0.settled.send(message).is_ok();
        tracing::trace!(listening, "settled");
    }

    #[expect(
        clippy::expect_used,
        reason = "`new` makes a queue for every lane and mode"
    )]
    pub(super) fn jobs(&self, lane: Lane, mode: Mode) -> Queue<JobMessage> {
        self.0
            .jobs
            .get(&(lane, mode))
            .expect("every lane and mode has its queue")
            .queue
            .clone()
    }

    pub(super) fn waiting(&self, lane: Lane, mode: Mode) -> u64 {
        let jobs = self.0.jobs.get(&(lane, mode));
        jobs.map_or(0, Channel::waiting) + self.0.completions.waiting()
    }

    pub(super) fn waiting_deliveries(&self) -> u64 {
        self.0.deliveries.waiting()
    }

    pub(super) fn completions(&self) -> Queue<Completion> {
        self.0.completions.queue.clone()
    }

    pub(super) fn deliveries(&self) -> Queue<DeliveryDue> {
        self.0.deliveries.queue.clone()
    }

    pub(super) fn settled(&self) -> (Route, broadcast::Receiver<Settled>) {
        (Route("embedded".to_owned()), self.0.settled.subscribe())
    }
}

impl<M> Queue<M> {
    pub(super) async fn next(&self) -> Option<M> {
        self.0.lock().await.recv().await
    }
}

impl<M> Channel<M> {
    fn new(capacity: usize) -> Self {
        let (sender, receiver) = mpsc::channel(capacity);
        Self {
            sender,
            queue: Queue(Arc::new(Mutex::new(receiver))),
        }
    }

    /// How many messages nobody has taken.
    fn waiting(&self) -> u64 {
        let taken = self.sender.max_capacity() - self.sender.capacity();
        u64::try_from(taken).unwrap_or(u64::MAX)
    }

    fn offer(&self, message: M) -> Result<(), PublishError> {
        self.sender.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => PublishError::Full,
            TrySendError::Closed(_) => PublishError::Away,
        })
    }
}
