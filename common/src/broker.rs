//! The broker: carries work to whoever does it and wakes whoever waits. The database is the truth,
//! so a broker may lose or double anything.
//!
//! Services see [`Broker`] and [`Source`], never what lies beneath. Beneath is `embedded` (channels
//! of one process); RabbitMQ is the second engine to come.

mod embedded;

use crate::job::{Lane, Mode};
use crate::message::{Completion, DeliveryDue, JobMessage, Settled};

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The queue is full; what the row says is published later by the relay.
    #[error("the queue is full")]
    Full,
    /// The broker is away or blocked.
    #[error("the broker is away")]
    Away,
}

/// Where the answer for a waiting caller goes; kept in the job's row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
pub struct Route(pub String);

/// A handle to the broker; clones share it.
#[derive(Debug, Clone)]
pub enum Broker {
    /// Channels of this process.
    Embedded(embedded::Embedded),
}

#[expect(
    clippy::unused_async,
    reason = "RabbitMQ answers later; channels of one process answer at once"
)]
impl Broker {
    /// A broker that lives in this process alone; each queue holds at most `capacity` messages.
    pub fn embedded(capacity: usize) -> Self {
        Self::Embedded(embedded::Embedded::new(capacity))
    }

    /// Hands a job to the workers of its lane; `Ok` means that the broker has it.
    pub async fn publish_job(&self, message: JobMessage) -> Result<(), PublishError> {
        match self {
            Self::Embedded(embedded) => embedded.publish_job(message),
        }
    }

    /// Tells the dispatchers that a run has ended; waits while their queue is full.
    pub async fn publish_completion(&self, message: Completion) -> Result<(), PublishError> {
        match self {
            Self::Embedded(embedded) => embedded.publish_completion(message).await,
        }
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
        }
    }

    /// Wakes a dispatcher to make an attempt.
    pub async fn publish_delivery(&self, message: DeliveryDue) -> Result<(), PublishError> {
        match self {
            Self::Embedded(embedded) => embedded.publish_delivery(message),
        }
    }

    /// Whether a publish would be taken now; decided before a charge.
    pub fn is_ready(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
        }
    }

    /// The jobs of one lane, of one mode.
    pub fn jobs(&self, lane: Lane, mode: Mode) -> Source<JobMessage> {
        match self {
            Self::Embedded(embedded) => Source::Embedded(embedded.jobs(lane, mode)),
        }
    }

    /// The runs that have ended.
    pub fn completions(&self) -> Source<Completion> {
        match self {
            Self::Embedded(embedded) => Source::Embedded(embedded.completions()),
        }
    }

    /// The deliveries whose time has come.
    pub fn deliveries(&self) -> Source<DeliveryDue> {
        match self {
            Self::Embedded(embedded) => Source::Embedded(embedded.deliveries()),
        }
    }

    /// The answers for this instance's waiting callers, with the route to keep in their rows.
    /// A subscriber that lags misses some, so a waiter also reads its row again from time to time.
    pub fn settled(&self) -> (Route, Source<Settled>) {
        match self {
            Self::Embedded(embedded) => {
                let (route, source) = embedded.settled();
                (route, Source::Broadcast(source))
            }
        }
    }
}

/// Where messages of one kind come from.
#[derive(Debug)]
pub enum Source<M> {
    /// A queue of this process, shared by its consumers.
    Embedded(embedded::Queue<M>),
    /// A topic of this process, of which every subscriber gets all.
    Broadcast(tokio::sync::broadcast::Receiver<M>),
}

impl<M: Clone + Send + 'static> Source<M> {
    /// The next message; `None` once the broker is gone for good. Safe to drop while waiting.
    pub async fn next(&mut self) -> Option<Incoming<M>> {
        use tokio::sync::broadcast::error::RecvError;
        match self {
            Self::Embedded(queue) => queue.next().await.map(Incoming::new),
            Self::Broadcast(receiver) => loop {
                match receiver.recv().await {
                    Ok(message) => return Some(Incoming::new(message)),
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "a waiting gateway lags behind the answers");
                    }
                    Err(RecvError::Closed) => return None,
                }
            },
        }
    }
}

/// A message in hand.
#[derive(Debug)]
pub struct Incoming<M> {
    /// What it says.
    pub message: M,
}

#[expect(clippy::unused_async, reason = "RabbitMQ waits for the socket")]
impl<M> Incoming<M> {
    fn new(message: M) -> Self {
        Self { message }
    }

    /// Tells the broker to forget the message: what it asked for is done, or written to the
    /// database. `false` means that the message will come again, and the work with it.
    pub async fn ack(self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
