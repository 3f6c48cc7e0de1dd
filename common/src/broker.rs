//! The broker: carries work to whoever does it and wakes whoever waits. The database is the truth,
//! so a broker may lose or double anything.
//!
//! Services see [`Broker`] and [`Source`], never what lies beneath: `embedded` (channels of one
//! process) or [`rabbit`] (RabbitMQ, for services on many machines).

mod embedded;
pub mod metrics;
pub mod rabbit;
mod source;
mod trace;

use tokio::sync::watch;
use tracing::Instrument as _;

use crate::job::{Lane, Mode};
use crate::message::{Completion, DeliveryDue, JobMessage, Settled};

pub use source::{Incoming, Source};

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The queue is full; what the row says is published later by the relay.
    #[error("the queue is full")]
    Full,
    /// The broker is away or blocked. It may have the message all the same.
    #[error("the broker is away")]
    Away,
    /// The broker has no queue for the message, and makes it anew.
    #[error("no queue takes this message")]
    Unroutable,
}

/// Where the answer for a waiting caller goes; kept in the job's row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
pub struct Route(pub String);

/// Where the answers for this instance's waiting callers go at present; every connection to the
/// broker has its own.
#[derive(Debug, Clone)]
pub struct Routes(watch::Receiver<Option<Route>>);

impl Routes {
    /// The route for a caller that begins to wait now; none while the broker is away, and the caller
    /// then depends on its row alone.
    pub fn current(&self) -> Option<Route> {
        self.0.borrow().clone()
    }

    /// Waits until there is a route that is not `old`; `None` once the broker is gone for good.
    pub async fn other_than(&mut self, old: Option<&Route>) -> Option<Route> {
        let other = |now: &Option<Route>| now.is_some() && now.as_ref() != old;
        self.0.wait_for(other).await.ok()?.clone()
    }
}

/// The turn to take a lane's jobs out of quarantine: one process at a time has it, until it drops this
/// or its connection ends. So not every renderer lays down its work for the same job.
#[derive(Debug)]
pub struct QuarantineTurn(#[expect(dead_code, reason = "held for what its end does")] rabbit::Turn);

/// A handle to the broker; clones share it.
#[derive(Debug, Clone)]
pub enum Broker {
    /// Channels of this process.
    Embedded(embedded::Embedded),
    /// RabbitMQ.
    Rabbit(rabbit::Rabbit),
}

impl Broker {
    /// A broker that lives in this process alone; each queue holds at most `capacity` messages.
    pub fn embedded(capacity: usize) -> Self {
        metrics::begin();
        Self::Embedded(embedded::Embedded::new(capacity))
    }

    /// RabbitMQ; waits for the server, however long that takes, and says in the log for what.
    pub async fn rabbit(config: &rabbit::Config) -> Result<Self, rabbit::InvalidUrl> {
        rabbit::Rabbit::connect(config).await.map(Self::Rabbit)
    }

    /// Takes leave of the server. Everything in hand should be acked by now: what is not comes again.
    pub async fn close(&self) {
        match self {
            Self::Embedded(_) => {}
            Self::Rabbit(rabbit) => rabbit.close().await,
        }
    }

    /// Hands a job to the workers of its lane; `Ok` means that the broker has it.
    pub async fn publish_job(&self, mut message: JobMessage) -> Result<(), PublishError> {
        let span = self.publishing(&mut message);
        let publish = async {
            match self {
                Self::Embedded(embedded) => embedded.publish_job(message),
                Self::Rabbit(rabbit) => rabbit.publish_job(&message).await,
            }
        };
        let published = publish.instrument(span.clone()).await;
        trace::note(&span, published);
        published
    }

    /// Tells the dispatchers that a run has ended; waits while their queue is full.
    pub async fn publish_completion(&self, mut message: Completion) -> Result<(), PublishError> {
        let span = self.publishing(&mut message);
        let publish = async {
            match self {
                Self::Embedded(embedded) => embedded.publish_completion(message).await,
                Self::Rabbit(rabbit) => rabbit.publish_completion(&message).await,
            }
        };
        let published = publish.instrument(span.clone()).await;
        trace::note(&span, published);
        published
    }

    /// Tells the gateway behind `route` that a job it waits for is final. Nobody there is no error.
    pub async fn publish_settled(
        &self,
        route: &Route,
        message: Settled,
    ) -> Result<(), PublishError> {
        match self {
            Self::Embedded(embedded) => {
                embedded.publish_settled(route, message);
                Ok(())
            }
            Self::Rabbit(rabbit) => rabbit.publish_settled(route, &message).await,
        }
    }

    /// Wakes a dispatcher to make an attempt.
    pub async fn publish_delivery(&self, message: DeliveryDue) -> Result<(), PublishError> {
        match self {
            Self::Embedded(embedded) => embedded.publish_delivery(message),
            Self::Rabbit(rabbit) => rabbit.publish_delivery(&message).await,
        }
    }

    /// Whether a publish would be taken now; decided before a charge.
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Rabbit(rabbit) => rabbit.is_ready(),
        }
    }

    /// Whether the broker is there, to publish and to consume; an alarm that blocks publishing is no
    /// loss of connection.
    pub fn is_connected(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Rabbit(rabbit) => rabbit.is_connected(),
        }
    }

    /// The jobs of one lane, of one mode; the source holds at most `prefetch` that are not acked.
    pub fn jobs(&self, lane: Lane, mode: Mode, prefetch: u16) -> Source<JobMessage> {
        match self {
            Self::Embedded(embedded) => Source::Embedded(embedded.jobs(lane, mode)),
            Self::Rabbit(rabbit) => Source::Rabbit(rabbit.jobs(lane, mode, prefetch)),
        }
    }

    /// How many messages wait on the way of such a job: for its lane's workers, in quarantine, or, once
    /// it has run, for a dispatcher. Those in somebody's hands are not counted. `None` if that can't be
    /// told at the moment.
    pub async fn waiting(&self, lane: Lane, mode: Mode) -> Option<u64> {
        match self {
            Self::Embedded(embedded) => Some(embedded.waiting(lane, mode)),
            Self::Rabbit(rabbit) => rabbit.waiting(lane, mode).await,
        }
    }

    /// How many deliveries wait for a dispatcher to take them. `None` if that can't be told at the moment.
    pub async fn waiting_deliveries(&self) -> Option<u64> {
        match self {
            Self::Embedded(embedded) => Some(embedded.waiting_deliveries()),
            Self::Rabbit(rabbit) => rabbit.waiting_deliveries().await,
        }
    }

    /// How many jobs of the lane are suspected to crash their workers, and wait for one that has
    /// nothing else in hand.
    pub async fn count_quarantined(&self, lane: Lane) -> u32 {
        match self {
            Self::Embedded(_) => 0,
            Self::Rabbit(rabbit) => rabbit.count_quarantined(lane).await,
        }
    }

    /// The turn to take such jobs, unless another process has it, or there is no quarantine.
    pub async fn quarantine_turn(&self, lane: Lane) -> Option<QuarantineTurn> {
        match self {
            Self::Embedded(_) => None,
            Self::Rabbit(rabbit) => rabbit.quarantine_turn(lane).await.map(QuarantineTurn),
        }
    }

    /// Takes such a job, if there is one. The caller must have nothing else in hand, or a crash is
    /// counted against innocents.
    pub async fn take_quarantined(&self, lane: Lane) -> Option<Incoming<JobMessage>> {
        match self {
            Self::Embedded(_) => None,
            Self::Rabbit(rabbit) => rabbit.take_quarantined(lane).await,
        }
    }

    /// Jobs that have crashed their workers even when they were alone: to be settled as errors.
    pub fn dead_jobs(&self, prefetch: u16) -> Source<JobMessage> {
        match self {
            Self::Embedded(_) => Source::Never,
            Self::Rabbit(rabbit) => Source::Rabbit(rabbit.dead_jobs(prefetch)),
        }
    }

    /// The runs that have ended; the source holds at most `prefetch` that are not acked.
    pub fn completions(&self, prefetch: u16) -> Source<Completion> {
        match self {
            Self::Embedded(embedded) => Source::Embedded(embedded.completions()),
            Self::Rabbit(rabbit) => Source::Rabbit(rabbit.completions(prefetch)),
        }
    }

    /// The deliveries whose time has come; the source holds at most `prefetch` that are not acked.
    pub fn deliveries(&self, prefetch: u16) -> Source<DeliveryDue> {
        match self {
            Self::Embedded(embedded) => Source::Embedded(embedded.deliveries()),
            Self::Rabbit(rabbit) => Source::Rabbit(rabbit.deliveries(prefetch)),
        }
    }

    /// The answers for this instance's waiting callers, with the routes to keep in their rows.
    /// A subscriber that lags misses some, so a waiter also reads its row again from time to time.
    pub fn settled(&self) -> (Routes, Source<Settled>) {
        match self {
            Self::Embedded(embedded) => {
                let (route, source) = embedded.settled();
                (
                    Routes(watch::channel(Some(route)).1),
                    Source::Broadcast(source),
                )
            }
            Self::Rabbit(rabbit) => {
                let (routes, source) = rabbit.settled();
                (routes, Source::Rabbit(source))
            }
        }
    }
}
