//! Every exchange and every queue: declared by whoever connects first, checked by all others.
//!
//! Arguments can't be changed later, so another argument means another version in the queue's name.
//! They are kept to what RabbitMQ 3.10 knows and 4.x, by its documentation, still allows: durable
//! quorum queues, each with a delivery limit of its own, since a missing one means 20 on 4.x.

use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ExchangeKind};
use tokio::time::sleep;

use crate::job::{Lane, Mode};

pub(super) const JOBS: &str = "platen.jobs";
pub(super) const COMPLETIONS: &str = "platen.completions";
pub(super) const DELIVERIES: &str = "platen.deliveries";
pub(super) const SETTLED: &str = "platen.settled";
const QUARANTINE: &str = "platen.jobs.quarantine";
const DEAD_JOBS: &str = "platen.jobs.dead";
const DEAD_COMPLETIONS: &str = "platen.settle.dead";
const DEAD_DELIVERIES: &str = "platen.deliver.dead";

/// So many times may a job come again because its worker crashed, before it is kept apart from other
/// jobs; and so many times once more, before it is given up.
const CRASHES: u32 = 3;

/// For queues whose messages are never to blame for a crash. Neither "no limit" (unset, or -1) means
/// the same on every version.
const UNLIMITED: u32 = 1_000_000;

/// Above what the accounts' caps allow: only a flood reaches it, and the rows wait in its stead.
const LANE_MESSAGES: i64 = 100_000;
const LANE_BYTES: i64 = 4 * 1024 * 1024 * 1024;

/// How long a queue that was deleted is gone at least.
const MOURNING: Duration = Duration::from_secs(1);

/// Dead letters that are kept; the rows are the truth.
const DEAD_MESSAGES: i64 = 100_000;
const DEAD_DELIVERIES_FOR_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// The queue of a lane's jobs.
pub(super) fn jobs(lane: Lane, mode: Mode) -> String {
    format!("{JOBS}.{}.v1", routing_key(lane, mode))
}

/// The queue of a lane's jobs that have crashed too many workers. One for each lane, since a worker
/// takes only what it can do.
pub(super) fn quarantine(lane: Lane) -> String {
    format!("{QUARANTINE}.{lane}.v1")
}

/// The queue by whose name it is known whose turn a lane's quarantine is; it never holds a message.
pub(super) fn quarantine_turn(lane: Lane) -> String {
    format!("{QUARANTINE}.{lane}.turn")
}

/// The queue of jobs that crashed their worker even when they were alone.
pub(super) fn dead_jobs() -> String {
    format!("{DEAD_JOBS}.v1")
}

/// The queue of ended runs.
pub(super) fn completions() -> String {
    "platen.settle.v1".to_owned()
}

/// The queue of due deliveries.
pub(super) fn deliveries() -> String {
    "platen.deliver.v1".to_owned()
}

/// How a job finds its queue.
pub(super) fn routing_key(lane: Lane, mode: Mode) -> String {
    format!("{lane}.{mode}")
}

/// Declares everything, on a channel of its own: a difference closes the channel.
pub(super) async fn declare(connection: &Connection) -> lapin::Result<()> {
    let channel = connection.create_channel().await?;
    let exchanges = [
        (JOBS, ExchangeKind::Topic),
        (QUARANTINE, ExchangeKind::Topic),
        (DEAD_JOBS, ExchangeKind::Fanout),
        (COMPLETIONS, ExchangeKind::Fanout),
        (DEAD_COMPLETIONS, ExchangeKind::Fanout),
        (DELIVERIES, ExchangeKind::Fanout),
        (DEAD_DELIVERIES, ExchangeKind::Fanout),
        (SETTLED, ExchangeKind::Direct),
    ];
    for (name, kind) in exchanges {
        let options = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        let none = FieldTable::default();
        channel
            .exchange_declare(name.into(), kind, options, none)
            .await?;
    }
    for queue in queues() {
        queue.declare(&channel).await?;
    }
    channel.close(200, "declared".into()).await
}

/// Declares everything again, since a queue is gone; not at once, so that its consumers hear of the
/// loss first: RabbitMQ 3.10 quietly moves them to a new queue of the same name, where they get nothing.
pub(super) async fn declare_again(connection: &Connection) -> lapin::Result<()> {
    sleep(MOURNING).await;
    declare(connection).await
}

/// Declares the queue of one connection's answers and binds it. It goes with its connection, and the
/// next connection makes another: the server may hold on to this one's name for some time.
pub(super) async fn declare_answers(channel: &Channel, name: &str) -> lapin::Result<()> {
    let mut arguments = FieldTable::default();
    // Said, since a virtual host may have another default; quorum queues are never exclusive.
    arguments.insert("x-queue-type".into(), text("classic"));
    arguments.insert("x-max-length".into(), DEAD_MESSAGES.into());
    let options = QueueDeclareOptions::exclusive().auto_delete();
    channel
        .queue_declare(name.into(), options, arguments)
        .await?;
    bind(channel, name, SETTLED, name).await
}

/// Declares a queue that is its connection's alone; refused while another connection has it.
pub(super) async fn declare_alone(channel: &Channel, name: &str) -> lapin::Result<()> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("classic"));
    let options = QueueDeclareOptions::exclusive();
    let declaring = channel.queue_declare(name.into(), options, arguments);
    declaring.await.map(drop)
}

struct Queue {
    name: String,
    exchange: &'static str,
    routing_key: String,
    deliveries: u32,
    dead_letters: Option<&'static str>,
    bounds: Vec<(&'static str, AMQPValue)>,
}

fn queues() -> Vec<Queue> {
    let modes = |lane: Lane| Mode::ALL.iter().map(move |&mode| (lane, mode));
    let lanes = Lane::ALL.iter().copied().flat_map(modes);
    let mut queues: Vec<Queue> = lanes
        .map(|(lane, mode)| {
            Queue::new(jobs(lane, mode), JOBS, CRASHES)
                .routing_key(routing_key(lane, mode))
                .dead_letters(QUARANTINE)
                .bound("x-max-length", LANE_MESSAGES.into())
                .bound("x-max-length-bytes", LANE_BYTES.into())
        })
        .collect();
    queues.extend(Lane::ALL.iter().map(|&lane| {
        Queue::new(quarantine(lane), QUARANTINE, CRASHES)
            .routing_key(format!("{lane}.*"))
            .dead_letters(DEAD_JOBS)
    }));
    queues.extend([
        Queue::new(dead_jobs(), DEAD_JOBS, UNLIMITED),
        Queue::new(completions(), COMPLETIONS, UNLIMITED).dead_letters(DEAD_COMPLETIONS),
        Queue::new(
            format!("{DEAD_COMPLETIONS}.v1"),
            DEAD_COMPLETIONS,
            UNLIMITED,
        )
        .bound("x-max-length", DEAD_MESSAGES.into())
        .bound("x-overflow", text("reject-publish")),
        Queue::new(deliveries(), DELIVERIES, UNLIMITED).dead_letters(DEAD_DELIVERIES),
        Queue::new(format!("{DEAD_DELIVERIES}.v1"), DEAD_DELIVERIES, UNLIMITED)
            .bound("x-max-length", DEAD_MESSAGES.into())
            .bound("x-overflow", text("drop-head"))
            .bound("x-message-ttl", DEAD_DELIVERIES_FOR_MS.into()),
    ]);
    queues
}

impl Queue {
    fn new(name: String, exchange: &'static str, deliveries: u32) -> Self {
        Self {
            name,
            exchange,
            routing_key: String::new(),
            deliveries,
            dead_letters: None,
            bounds: Vec::new(),
        }
    }

    fn routing_key(self, routing_key: String) -> Self {
        Self {
            routing_key,
            ..self
        }
    }

    fn dead_letters(self, exchange: &'static str) -> Self {
        Self {
            dead_letters: Some(exchange),
            ..self
        }
    }

    fn bound(mut self, argument: &'static str, value: AMQPValue) -> Self {
        self.bounds.push((argument, value));
        self
    }

    async fn declare(self, channel: &Channel) -> lapin::Result<()> {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), text("quorum"));
        arguments.insert("x-delivery-limit".into(), i64::from(self.deliveries).into());
        if let Some(exchange) = self.dead_letters {
            arguments.insert("x-dead-letter-exchange".into(), text(exchange));
            // With any other overflow this strategy silently falls back to "at most once".
            arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
            arguments.insert("x-overflow".into(), text("reject-publish"));
        }
        for (argument, value) in self.bounds {
            arguments.insert(argument.into(), value);
        }
        let options = QueueDeclareOptions::durable();
        channel
            .queue_declare(self.name.as_str().into(), options, arguments)
            .await?;
        bind(channel, &self.name, self.exchange, &self.routing_key).await
    }
}

async fn bind(
    channel: &Channel,
    queue: &str,
    exchange: &str,
    routing_key: &str,
) -> lapin::Result<()> {
    let (options, none) = (QueueBindOptions::default(), FieldTable::default());
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            routing_key.into(),
            options,
            none,
        )
        .await
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
