//! Publishing: one task owns the channel, many callers wait for their confirms at the same time.
//!
//! Shared by tasks, a channel could tell one caller what the server said about another's message.

mod flight;

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use lapin::options::ConfirmSelectOptions;
use lapin::{Connection, Event};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, interval};
use tokio_util::sync::CancellationToken;

use self::flight::Flight;
use super::supervisor::Supervisor;
use super::{Broken, carrier, topology};
use crate::broker::{PublishError, metrics};
use crate::message::Carried;
use crate::telemetry::TraceContext;

/// Messages that callers may have handed over before any of them waits for its turn.
const WAITING: usize = 1024;

/// How long a caller waits for a confirm; what it does after that, it does for a message that may
/// have been taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often an idle connection is tried: the server tells of an alarm only those that publish.
const PROBE: Duration = Duration::from_secs(1);

/// Whether messages are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is no connection.
    Away,
    /// The server is short of memory or disk and reads nothing from publishers.
    Blocked,
    Ready,
}

/// Hands messages to the task that owns the channel; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Publisher {
    orders: mpsc::Sender<Order>,
    state: watch::Receiver<State>,
}

/// How the publishing connection stands; keeps nothing alive.
#[derive(Debug, Clone)]
pub(super) struct Standing(watch::Receiver<State>);

impl Standing {
    /// Whether there is a connection, be it blocked.
    pub(super) fn is_connected(&self) -> bool {
        *self.0.borrow() != State::Away
    }

    /// Whether the server takes nothing.
    pub(super) fn is_blocked(&self) -> bool {
        *self.0.borrow() == State::Blocked
    }
}

/// Where a message goes.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) exchange: &'static str,
    pub(super) routing_key: String,
    /// Whether it is an error if no queue takes it.
    pub(super) mandatory: bool,
}

/// A message, and who waits to hear of it.
#[derive(Debug)]
struct Order {
    target: Target,
    body: Vec<u8>,
    trace: Option<TraceContext>,
    reply: oneshot::Sender<Result<(), PublishError>>,
}

impl Publisher {
    /// The publisher, and the task that must run for it.
    pub(super) fn new(
        supervisor: Supervisor,
        closing: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (orders, taken) = mpsc::channel(WAITING);
        let (tell, state) = watch::channel(State::Away);
        let owner = Owner {
            orders: taken,
            state: tell,
            closing,
        };
        (Self { orders, state }, owner.run(supervisor))
    }

    pub(super) fn is_ready(&self) -> bool {
        *self.state.borrow() == State::Ready
    }

    /// How the connection stands, now and later.
    pub(super) fn standing(&self) -> Standing {
        Standing(self.state.clone())
    }

    /// Waits until there is a connection, or the broker is closed. One that takes nothing at the moment
    /// will do: what has to be consumed may be what the server's alarm is about.
    pub(super) async fn connected(&self) {
        let mut state = self.state.clone();
        // An error means that the owner has ended.
        drop(state.wait_for(|state| *state != State::Away).await);
    }

    /// Publishes; `Ok` means that the server has the message, on disk where its queue is durable.
    pub(super) async fn publish<M: Serialize + Carried + Sync>(
        &self,
        target: Target,
        message: &M,
    ) -> Result<(), PublishError> {
        let mut state = self.state.clone();
        if *state.borrow_and_update() != State::Ready {
            return Err(PublishError::Away);
        }
        let body = carrier::encode(message).map_err(|error| {
            tracing::error!(%error, target.exchange, "a message has no JSON");
            PublishError::Away
        })?;
        let (reply, answer) = oneshot::channel();
        let order = Order {
            target,
            body,
            trace: message.trace(),
            reply,
        };
        let began = Instant::now();
        let taken = async {
            let handed = self.orders.send(order).await;
            handed.map_err(|_| PublishError::Away)?;
            let answer = answer.await.unwrap_or(Err(PublishError::Away));
            if answer.is_ok() {
                metrics::confirmed(began.elapsed());
            }
            answer
        };
        tokio::select! {
            biased;
            done = taken => done,
            _ = state.wait_for(|state| *state != State::Ready) => Err(PublishError::Away),
            () = tokio::time::sleep(PATIENCE) => {
                tracing::warn!("RabbitMQ did not confirm a message in time");
                Err(PublishError::Away)
            }
        }
    }
}

/// Owns the publishing channel of each connection in turn.
struct Owner {
    orders: mpsc::Receiver<Order>,
    state: watch::Sender<State>,
    closing: CancellationToken,
}

impl Owner {
    async fn run(mut self, mut supervisor: Supervisor) {
        while let Some(connection) = supervisor.connect().await {
            let served = tokio::select! {
                biased;
                served = self.serve(&connection) => served,
                // Nothing that is asked of a connection that breaks is sure to be answered.
                () = supervisor.lost(&connection) => Err(Broken::Closed),
            };
            if let Err(error) = served {
                tracing::warn!(%error, "publishing to RabbitMQ is interrupted");
            }
            self.state.send_replace(State::Away);
            supervisor.part(&connection).await;
        }
    }

    /// Publishes on one connection until it breaks, or the broker is closed.
    async fn serve(&mut self, connection: &Connection) -> Result<(), Broken> {
        let mut events = pin!(connection.events_listener());
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let mut flight = Flight::new(channel);
        let mut pulse = interval(PROBE);
        loop {
            let ready = *self.state.borrow() == State::Ready;
            tokio::select! {
                biased;
                () = self.closing.cancelled() => return Ok(()),
                event = events.next() => self.note(event.ok_or(Broken::Closed)?)?,
                landed = flight.landed(), if !flight.is_empty() => {
                    let unroutable = flight.answer(landed)?;
                    if unroutable {
                        tracing::error!("a queue of RabbitMQ is gone; declaring all again");
                        topology::declare_again(connection).await?;
                    }
                    if !connection.status().blocked() {
                        self.show(State::Ready);
                    }
                }
                _ = pulse.tick() => {
                    let blocked = connection.status().blocked();
                    if !connection.status().connected() || (!blocked && flight.is_stuck()) {
                        return Err(Broken::Silent);
                    }
                    if flight.is_empty() && !blocked {
                        flight.take_off(probe());
                    }
                }
                order = self.orders.recv(), if ready && flight.has_room() => match order {
                    Some(order) if order.reply.is_closed() => {}
                    Some(order) => flight.take_off(order),
                    None => return Ok(()),
                },
            }
        }
    }

    fn note(&self, event: Event) -> Result<(), Broken> {
        match event {
            Event::ConnectionBlocked(reason) => {
                tracing::warn!(%reason, "RabbitMQ takes no messages");
                self.show(State::Blocked);
            }
            Event::ConnectionUnblocked => {
                tracing::info!("RabbitMQ takes messages again");
                self.show(State::Ready);
            }
            Event::Error(error) => return Err(error.into()),
            // Flow control and whatever a later version of the library reports.
            other @ (Event::Connected | Event::SendFlow(_) | _) => {
                tracing::debug!(event = ?other, "RabbitMQ reports");
            }
        }
        Ok(())
    }

    fn show(&self, state: State) {
        self.state.send_if_modified(|now| {
            let changed = *now != state;
            *now = state;
            changed
        });
    }
}

/// A message that goes nowhere.
fn probe() -> Order {
    Order {
        target: Target {
            exchange: topology::SETTLED,
            routing_key: String::new(),
            mandatory: false,
        },
        body: Vec::new(),
        trace: None,
        reply: oneshot::channel().0,
    }
}
