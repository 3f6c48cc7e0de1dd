//! Messages that have been sent and not yet been confirmed.

use std::collections::HashSet;

use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation};
use tokio::sync::oneshot;
use tokio::time::{Duration, Instant};

use super::Order;
use crate::broker::PublishError;
use crate::broker::rabbit::{Broken, carrier};

/// The most messages in the air: enough that the server syncs many with one write to its disk.
const WINDOW: usize = 512;

/// A server that has confirmed nothing for so long, while something was in the air, is stuck.
const STUCK: Duration = Duration::from_secs(30);

pub(super) struct Flight {
    channel: Channel,
    in_air: FuturesUnordered<BoxFuture<'static, Landed>>,
    last_id: u64,
    /// Messages that no queue took, and whose confirm is still to come.
    returned: HashSet<u64>,
    last_landing: Instant,
}

pub(super) struct Landed {
    id: u64,
    reply: oneshot::Sender<Result<(), PublishError>>,
    confirmation: lapin::Result<Confirmation>,
}

impl Flight {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            channel,
            in_air: FuturesUnordered::new(),
            last_id: 0,
            returned: HashSet::new(),
            last_landing: Instant::now(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_air.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.in_air.len() < WINDOW
    }

    pub(super) fn is_stuck(&self) -> bool {
        !self.in_air.is_empty() && self.last_landing.elapsed() > STUCK
    }

    /// Sends a message. Everything in the air is polled by one task, so tags and frames go out in
    /// the same order.
    pub(super) fn take_off(&mut self, order: Order) {
        if self.in_air.is_empty() {
            self.last_landing = Instant::now();
        }
        self.last_id += 1;
        let (id, channel) = (self.last_id, self.channel.clone());
        self.in_air.push(fly(channel, id, order).boxed());
    }

    /// Waits for the next confirm, and takes all that are there by then: the library hands a returned
    /// message to whoever is confirmed next, which may be another, but never a later one.
    pub(super) async fn landed(&mut self) -> Vec<Landed> {
        let mut landed = Vec::new();
        landed.extend(self.in_air.next().await);
        while let Some(Some(next)) = self.in_air.next().now_or_never() {
            landed.push(next);
        }
        landed
    }

    /// Tells callers what became of their messages; `true` if one of them found no queue.
    pub(super) fn answer(&mut self, landed: Vec<Landed>) -> Result<bool, Broken> {
        self.last_landing = Instant::now();
        let returned = landed
            .iter()
            .filter_map(|landed| returned(&landed.confirmation));
        self.returned.extend(returned);
        let (mut unroutable, mut broken) = (false, None);
        for Landed {
            id,
            reply,
            confirmation,
        } in landed
        {
            let answer = match confirmation {
                Ok(Confirmation::Ack(_) | Confirmation::Nack(_)) if self.returned.remove(&id) => {
                    unroutable = true;
                    Err(PublishError::Unroutable)
                }
                Ok(Confirmation::Ack(_)) => Ok(()),
                Ok(Confirmation::Nack(_)) => Err(PublishError::Full),
                Ok(Confirmation::NotRequested) => {
                    broken = Some(Broken::Unconfirmed);
                    Err(PublishError::Away)
                }
                Err(error) => {
                    broken = Some(error.into());
                    Err(PublishError::Away)
                }
            };
            if reply.send(answer).is_err() {
                tracing::trace!(id, "the caller of a publish has gone");
            }
        }
        broken.map_or(Ok(unroutable), Err)
    }
}

async fn fly(channel: Channel, id: u64, order: Order) -> Landed {
    let Order {
        target,
        body,
        trace,
        reply,
    } = order;
    let options = BasicPublishOptions {
        mandatory: target.mandatory,
        ..BasicPublishOptions::default()
    };
    let (exchange, routing_key) = (target.exchange.into(), target.routing_key.into());
    let properties = carrier::properties(id, trace);
    let sent = channel.basic_publish(exchange, routing_key, options, &body, properties);
    let confirmation = match sent.await {
        Ok(confirm) => confirm.await,
        Err(error) => Err(error),
    };
    Landed {
        id,
        reply,
        confirmation,
    }
}

fn returned(confirmation: &lapin::Result<Confirmation>) -> Option<u64> {
    let Ok(Confirmation::Ack(Some(message)) | Confirmation::Nack(Some(message))) = confirmation
    else {
        return None;
    };
    let id = message.properties.message_id().as_ref()?;
    id.as_str().parse().ok()
}
