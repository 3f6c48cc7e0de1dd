//! The duty to tell the server what became of a message.

use std::fmt;

use lapin::options::{BasicAckOptions, BasicRejectOptions};
use lapin::{Acker, Channel};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::broker::rabbit::Broken;
use crate::broker::rabbit::session::Lost;

/// Of one message. Dropped without a verdict it gives the message back, to come again, which counts
/// as a crash of its consumer.
pub(crate) struct Receipt {
    acker: Acker,
    /// Kept since a channel closes with its last owner, and a closed one takes no acks.
    channel: Channel,
    lost: Lost,
    redelivered: bool,
    told: bool,
    _held: Option<Held>,
}

/// How many messages of one consumer are in somebody's hands; clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::broker::rabbit) struct Tally(watch::Sender<usize>);

/// One of them, until this is dropped.
#[derive(Debug)]
pub(super) struct Held(Tally);

impl Tally {
    /// One more.
    pub(super) fn hold(&self) -> Held {
        self.0.send_modify(|held| *held += 1);
        Held(self.clone())
    }

    /// Waits until there is none.
    pub(super) async fn is_none(&self) {
        // The sender is here, so there is no error.
        drop(self.0.subscribe().wait_for(|&held| held == 0).await);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.send_modify(|held| *held -= 1);
    }
}

impl Receipt {
    pub(super) fn new(
        acker: Acker,
        (channel, lost): (Channel, Lost),
        redelivered: bool,
        held: Option<Held>,
    ) -> Self {
        Self {
            acker,
            channel,
            lost,
            redelivered,
            told: false,
            _held: held,
        }
    }

    /// Whether the channel that the message came by is still there.
    pub(crate) fn is_valid(&self) -> bool {
        !self.lost.is_lost() && self.acker.usable()
    }

    /// Whether the message was given out before.
    pub(crate) fn is_redelivered(&self) -> bool {
        self.redelivered
    }

    /// Done; `false` if the server can't be told, and gives the message out again.
    pub(crate) async fn ack(mut self) -> bool {
        self.told = true;
        let told = self.acker.ack(BasicAckOptions::default());
        heard(self.lost.or(told).await)
    }

    /// Never to be done: to the dead letters; `false` as in [`Self::ack`].
    pub(crate) async fn reject(mut self) -> bool {
        self.told = true;
        let options = BasicRejectOptions { requeue: false };
        heard(self.lost.or(self.acker.reject(options)).await)
    }
}

fn heard(told: Result<bool, Broken>) -> bool {
    told.unwrap_or_else(|error| {
        tracing::debug!(%error, "RabbitMQ can't be told what became of a message");
        false
    })
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if self.told || !self.is_valid() {
            return;
        }
        // Without a runtime the process ends, and the server gives the message out again by itself.
        if let Ok(runtime) = Handle::try_current() {
            let (acker, channel) = (self.acker.clone(), self.channel.clone());
            let lost = self.lost.clone();
            runtime.spawn(async move {
                let told = acker.reject(BasicRejectOptions { requeue: true });
                heard(lost.or(told).await);
                drop(channel);
            });
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.channel.id();
        f.debug_struct("Receipt")
            .field("channel", &id)
            .finish_non_exhaustive()
    }
}
