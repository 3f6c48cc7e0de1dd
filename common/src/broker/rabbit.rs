//! The broker of many machines: RabbitMQ. What it promises beyond the embedded one: a message that it
//! took is on disk, comes again until it is acked, and is kept apart when it crashes its workers.
//!
//! `topology` says which queues there are, `publisher` and `consumer` move messages, `supervisor`
//! keeps their two connections up: publishing has its own, since an alarm blocks it, and acks must
//! pass all the same.

mod carrier;
mod config;
mod consumer;
mod publisher;
mod quarantine;
mod session;
mod supervisor;
mod topology;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::consumer::{Consumer, Link, Subject};
use self::publisher::{Publisher, Target};
use self::session::Session;
use self::supervisor::Supervisor;
use super::{Incoming, PublishError, Route, Routes, metrics};
use crate::job::{Lane, Mode};
use crate::message::{Carried, Completion, DeliveryDue, JobMessage, Settled};

pub use self::config::{AmqpUrl, Config, InvalidUrl};
pub use self::consumer::Deliveries;
pub(super) use self::consumer::Receipt;
pub(super) use self::quarantine::Turn;

/// Answers are small and quickly taken.
const ANSWERS: u16 = 256;

/// The longest that closing may take.
const CLOSING: Duration = Duration::from_secs(10);

/// Why a connection or channel is given up.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Amqp(#[from] lapin::Error),
    #[error("the server cancelled the consumer")]
    Cancelled,
    #[error("the connection is gone")]
    Closed,
    #[error("the server does not confirm messages")]
    Unconfirmed,
    #[error("the server has gone silent")]
    Silent,
}

/// A handle to RabbitMQ; clones share its connections, which end with the last of them.
#[derive(Clone)]
pub struct Rabbit(Arc<Shared>);

struct Shared {
    publisher: Publisher,
    link: Link,
    renew_every: Duration,
    consumers: TaskTracker,
    tasks: TaskTracker,
    closing: CancellationToken,
    _end: DropGuard,
}

impl Rabbit {
    pub(super) async fn connect(config: &Config) -> Result<Self, InvalidUrl> {
        let server = config.amqp_url.parse()?;
        let closing = CancellationToken::new();
        let end = closing.clone().drop_guard();
        let (tasks, consumers) = (TaskTracker::new(), TaskTracker::new());
        let supervisor = |role| Supervisor::new(role, server.clone(), closing.clone());

        let (publisher, owner) = Publisher::new(supervisor("publishing"), closing.clone());
        tasks.spawn(owner);
        let (show, mut link) = watch::channel(None);
        // Also while the server is waited for.
        measure(&publisher, &link);
        publisher.connected().await;
        let holder = consumer::hold(supervisor("consuming"), show, consumers.clone());
        tasks.spawn(holder);
        drop(link.wait_for(Option::is_some).await);
        Ok(Self(Arc::new(Shared {
            publisher,
            link,
            renew_every: config.amqp_renew_every,
            consumers,
            tasks,
            closing,
            _end: end,
        })))
    }

    pub(super) async fn close(&self) {
        self.0.closing.cancel();
        self.0.tasks.close();
        if timeout(CLOSING, self.0.tasks.wait()).await.is_err() {
            tracing::warn!("RabbitMQ did not let go in time");
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.0.publisher.is_ready()
    }

    /// Whether both connections are there.
    pub(super) fn is_connected(&self) -> bool {
        self.0.publisher.standing().is_connected() && is_linked(&self.0.link)
    }

    pub(super) async fn publish_job(&self, message: &JobMessage) -> Result<(), PublishError> {
        let target = Target {
            exchange: topology::JOBS,
            routing_key: topology::routing_key(message.lane, message.mode),
            mandatory: true,
        };
        self.0.publisher.publish(target, message).await
    }

    pub(super) async fn publish_completion(
        &self,
        message: &Completion,
    ) -> Result<(), PublishError> {
        let target = Target::fanout(topology::COMPLETIONS);
        self.0.publisher.publish(target, message).await
    }

    pub(super) async fn publish_delivery(&self, message: &DeliveryDue) -> Result<(), PublishError> {
        let target = Target::fanout(topology::DELIVERIES);
        self.0.publisher.publish(target, message).await
    }

    pub(super) async fn publish_settled(
        &self,
        route: &Route,
        message: &Settled,
    ) -> Result<(), PublishError> {
        let target = Target {
            exchange: topology::SETTLED,
            routing_key: route.0.clone(),
            // The gateway may be gone, or connected anew.
            mandatory: false,
        };
        self.0.publisher.publish(target, message).await
    }

    pub(super) fn jobs(&self, lane: Lane, mode: Mode, prefetch: u16) -> Deliveries<JobMessage> {
        self.consume(Subject::Queue(topology::jobs(lane, mode)), prefetch)
    }

    pub(super) fn dead_jobs(&self, prefetch: u16) -> Deliveries<JobMessage> {
        self.consume(Subject::Queue(topology::dead_jobs()), prefetch)
    }

    pub(super) fn completions(&self, prefetch: u16) -> Deliveries<Completion> {
        self.consume(Subject::Queue(topology::completions()), prefetch)
    }

    pub(super) fn deliveries(&self, prefetch: u16) -> Deliveries<DeliveryDue> {
        self.consume(Subject::Queue(topology::deliveries()), prefetch)
    }

    pub(super) fn settled(&self) -> (Routes, Deliveries<Settled>) {
        let (route, routes) = watch::channel(None);
        let answers = Subject::Answers {
            name: format!("settled.{}", Uuid::new_v4().simple()),
            epoch: 0,
            route,
        };
        (Routes(routes), self.consume(answers, ANSWERS))
    }

    /// How many messages wait on the way of such a job; `None` while the server is away.
    pub(super) async fn waiting(&self, lane: Lane, mode: Mode) -> Option<u64> {
        self.waiting_in(&[
            topology::jobs(lane, mode),
            topology::quarantine(lane),
            topology::dead_jobs(),
            topology::completions(),
        ])
        .await
    }

    /// How many deliveries nobody has taken; `None` while the server is away.
    pub(super) async fn waiting_deliveries(&self) -> Option<u64> {
        self.waiting_in(&[topology::deliveries()]).await
    }

    async fn waiting_in(&self, queues: &[String]) -> Option<u64> {
        let session = self.session()?;
        let waiting = consumer::waiting(&session, queues).await;
        waiting
            .inspect_err(|error| tracing::warn!(%error, ?queues, "the queues can't be looked at"))
            .ok()
    }

    /// How many jobs of the lane wait in quarantine; none while the server is away.
    pub(super) async fn count_quarantined(&self, lane: Lane) -> u32 {
        let Some(session) = self.session() else {
            return 0;
        };
        let counted = quarantine::count(&session, lane).await;
        counted.unwrap_or_else(|error| {
            tracing::warn!(%error, %lane, "the quarantine can't be looked at");
            0
        })
    }

    /// Takes a job out of quarantine, if there is one.
    pub(super) async fn take_quarantined(&self, lane: Lane) -> Option<Incoming<JobMessage>> {
        let session = self.session()?;
        let taken = quarantine::take(&session, lane).await;
        taken.unwrap_or_else(|error| {
            tracing::warn!(%error, %lane, "nothing can be taken out of quarantine");
            None
        })
    }

    /// The turn to do so, unless another has it or the server is away.
    pub(super) async fn quarantine_turn(&self, lane: Lane) -> Option<Turn> {
        let session = self.session()?;
        let turn = quarantine::turn(&session, lane).await;
        turn.unwrap_or_else(|error| {
            tracing::warn!(%error, %lane, "it can't be told whose turn the quarantine is");
            None
        })
    }

    fn session(&self) -> Option<Arc<Session>> {
        self.0.link.borrow().clone()
    }

    fn consume<M>(&self, subject: Subject, prefetch: u16) -> Deliveries<M>
    where
        M: DeserializeOwned + Carried + Send + 'static,
    {
        let (link, closing) = (self.0.link.clone(), self.0.closing.clone());
        let bounds = (prefetch, self.0.renew_every);
        let (consumer, deliveries) = Consumer::new(link, subject, bounds, closing);
        self.0.consumers.spawn(consumer.run());
        deliveries
    }
}

/// Shows how the two connections stand to whoever reads the metrics, for as long as they are made.
fn measure(publisher: &Publisher, link: &Link) {
    let (standing, link) = (publisher.standing(), link.clone());
    let blocked = standing.clone();
    metrics::watch(
        move || standing.is_connected() && is_linked(&link),
        move || blocked.is_blocked(),
    );
}

fn is_linked(link: &Link) -> bool {
    link.borrow()
        .as_ref()
        .is_some_and(|session| session.is_up())
}

impl Target {
    fn fanout(exchange: &'static str) -> Self {
        Self {
            exchange,
            routing_key: String::new(),
            mandatory: true,
        }
    }
}

impl fmt::Debug for Rabbit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rabbit").finish_non_exhaustive()
    }
}
