//! Where messages come from, and a message in hand.

use super::{embedded, rabbit};

/// Where messages of one kind come from.
#[derive(Debug)]
pub enum Source<M> {
    /// A queue of this process, shared by its consumers.
    Embedded(embedded::Queue<M>),
    /// A topic of this process, of which every subscriber gets all.
    Broadcast(tokio::sync::broadcast::Receiver<M>),
    /// A queue of RabbitMQ.
    Rabbit(rabbit::Deliveries<M>),
    /// Nothing ever comes.
    Never,
    /// It was stopped.
    Stopped,
}

impl<M: Clone + Send + 'static> Source<M> {
    /// The next message; `None` once the broker is gone for good, or the source was stopped and
    /// nothing is left of what was sent ahead. Safe to drop while waiting.
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
            Self::Rabbit(deliveries) => deliveries.next().await,
            Self::Never => std::future::pending().await,
            Self::Stopped => None,
        }
    }

    /// Takes nothing more. What the broker has sent ahead still comes, and then `None`: handed back,
    /// it would count as if its consumer had crashed. Dropping the source instead does hand it back.
    pub fn stop(&mut self) {
        match self {
            Self::Rabbit(deliveries) => deliveries.stop(),
            Self::Embedded(_) | Self::Broadcast(_) | Self::Never | Self::Stopped => {
                *self = Self::Stopped;
            }
        }
    }
}

/// A message in hand. Dropped without a verdict, it comes again where the broker outlives the
/// process, and that counts as a crash of whoever had it.
#[derive(Debug)]
pub struct Incoming<M> {
    /// What it says.
    pub message: M,
    pub(super) receipt: Option<rabbit::Receipt>,
}

impl<M> Incoming<M> {
    fn new(message: M) -> Self {
        Self {
            message,
            receipt: None,
        }
    }

    pub(super) fn with_receipt(message: M, receipt: rabbit::Receipt) -> Self {
        Self {
            message,
            receipt: Some(receipt),
        }
    }

    /// Whether an ack can still reach the broker.
    pub(super) fn can_be_acked(&self) -> bool {
        self.receipt.as_ref().is_none_or(rabbit::Receipt::is_valid)
    }

    /// Whether it was given out before, to somebody who did not ack it.
    pub(super) fn is_redelivered(&self) -> bool {
        self.receipt
            .as_ref()
            .is_some_and(rabbit::Receipt::is_redelivered)
    }

    /// Tells the broker to forget the message: what it asked for is done, or written to the
    /// database. `false` means that the message will come again, and the work with it.
    pub async fn ack(self) -> bool {
        match self.receipt {
            Some(receipt) => receipt.ack().await,
            None => true,
        }
    }

    /// Tells the broker that no repetition helps: the message goes to the dead letters, where there
    /// are any. `false` means that it will come again instead.
    pub async fn reject(self) -> bool {
        match self.receipt {
            Some(receipt) => receipt.reject().await,
            None => true,
        }
    }
}
