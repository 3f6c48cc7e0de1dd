//! Consuming: one task and one channel for each source, made anew whenever anything ends them, and from
//! time to time.
//!
//! After a restart or a change of leader a quorum queue may hold messages as sent to a channel that never
//! got them (rabbitmq/rabbitmq-server issues 11228 and 15473). Nobody can see that from outside, and only
//! the end of that channel frees them; so no channel lives much longer than its messages.

mod receipt;
mod subject;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Queue};
use rand::Rng as _;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::session::{Lost, Session};
use super::supervisor::{self, Supervisor};
use super::{Broken, carrier, topology};
use crate::broker::Incoming;
use crate::broker::metrics::DeadLetter;
use crate::message::Carried;
use crate::retry::Pauses;

pub(crate) use self::receipt::Receipt;
use self::receipt::Tally;
pub(super) use self::subject::Subject;

/// How many times later than it should a consumer begins anew that is never idle. It then takes nothing
/// more until its hands are empty, so it must not be often.
const OVERDUE: u32 = 10;

/// The longest that giving back what nobody took may take.
const GIVE_BACK: Duration = Duration::from_secs(2);

/// The connection that consumers share, while there is one.
pub(super) type Link = watch::Receiver<Option<Arc<Session>>>;

/// Holds the link: shows each connection in turn until it breaks, or the broker is closed and its
/// consumers have ended.
pub(super) async fn hold(
    mut supervisor: Supervisor,
    link: watch::Sender<Option<Arc<Session>>>,
    consumers: tokio_util::task::TaskTracker,
) {
    while let Some(connection) = supervisor.connect().await {
        let session = Arc::new(Session::new(connection));
        link.send_replace(Some(Arc::clone(&session)));
        supervisor.lost(session.connection()).await;
        link.send_replace(None);
        if session.is_up() {
            consumers.close();
            drop(timeout(GIVE_BACK * 2, consumers.wait()).await);
        }
        session.give_up();
        supervisor.part(session.connection()).await;
    }
}

/// The receiving end of a consumer.
#[derive(Debug)]
pub struct Deliveries<M> {
    receiver: mpsc::Receiver<Incoming<M>>,
    stopping: CancellationToken,
}

impl<M> Deliveries<M> {
    pub(crate) async fn next(&mut self) -> Option<Incoming<M>> {
        loop {
            let incoming = self.receiver.recv().await?;
            // What came by a channel that is gone comes again by the next one.
            if incoming.can_be_acked() {
                return Some(incoming);
            }
        }
    }

    /// Lets the consumer end once it has passed on what the server sent ahead.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
    }
}

/// Consumes for one source.
pub(super) struct Consumer<M> {
    link: Link,
    subject: Subject,
    prefetch: u16,
    renew_every: Duration,
    sender: mpsc::Sender<Incoming<M>>,
    stopping: CancellationToken,
    closing: CancellationToken,
    held: Tally,
}

/// How consuming on one channel has ended well.
enum Served {
    /// Nothing more is wanted.
    Finished,
    /// It goes on with the next channel.
    Relieved,
}

impl<M: DeserializeOwned + Carried + Send + 'static> Consumer<M> {
    /// A consumer that holds at most `prefetch` messages that are not acked, and begins anew about that
    /// often, when nothing is in hand: with something in hand it would take more than its share. One
    /// that always has something in hand lays it down first, [`OVERDUE`] times as seldom.
    pub(super) fn new(
        link: Link,
        subject: Subject,
        (prefetch, renew_every): (u16, Duration),
        closing: CancellationToken,
    ) -> (Self, Deliveries<M>) {
        let (sender, receiver) = mpsc::channel(usize::from(prefetch.max(1)));
        let stopping = CancellationToken::new();
        let consumer = Self {
            link,
            subject,
            prefetch: prefetch.max(1),
            renew_every,
            sender,
            stopping: stopping.clone(),
            closing,
            held: Tally::default(),
        };
        let deliveries = Deliveries { receiver, stopping };
        (consumer, deliveries)
    }

    /// Consumes until it is stopped, nobody receives any more, or the broker is closed.
    pub(super) async fn run(mut self) {
        let mut pauses = Pauses::default();
        loop {
            let Some(session) = self.session().await else {
                return;
            };
            let began = Instant::now();
            let served = session.lost().or(self.serve(&session)).await;
            drop(session);
            self.subject.withdraw();
            let error = match served {
                Ok(Served::Finished) => return,
                Ok(Served::Relieved) => continue,
                Err(error) => error,
            };
            let source = self.subject.name();
            tracing::warn!(%error, source, "consuming is interrupted; it goes on by itself");
            if began.elapsed() > supervisor::WELL {
                pauses = Pauses::default();
            }
            let pause = sleep(pauses.next());
            if self.stopping.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    async fn session(&mut self) -> Option<Arc<Session>> {
        tokio::select! {
            biased;
            () = self.closing.cancelled() => None,
            () = self.stopping.cancelled() => None,
            () = self.sender.closed() => None,
            up = self.link.wait_for(Option::is_some) => up.ok().and_then(|up| up.clone()),
        }
    }

    async fn serve(&mut self, session: &Session) -> Result<Served, Broken> {
        let connection = session.connection();
        let channel = connection.create_channel().await?;
        // Deliveries are buffered without bound, so the bound must be there before the first.
        channel
            .basic_qos(self.prefetch, BasicQosOptions::default())
            .await?;
        let queue = self.subject.prepare(&channel).await?;
        let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
        let consuming = channel.basic_consume(queue.as_str().into(), "".into(), options, none);
        let mut consumer = match consuming.await {
            Ok(consumer) => consumer,
            Err(error) => {
                // The likeliest reason is a queue that is gone.
                topology::declare_again(connection).await?;
                return Err(error.into());
            }
        };
        self.subject.announce(&queue);
        let mut renewal = pin!(self.renewal());
        loop {
            tokio::select! {
                biased;
                () = self.closing.cancelled() => break,
                () = self.sender.closed() => break,
                () = self.stopping.cancelled() => {
                    self.finish(&channel, consumer, session.lost()).await?;
                    return Ok(Served::Finished);
                }
                () = &mut renewal => {
                    self.finish(&channel, consumer, session.lost()).await?;
                    tokio::select! {
                        () = self.held.is_none() => {}
                        () = self.closing.cancelled() => {}
                        () = self.sender.closed() => {}
                    }
                    return Ok(Served::Relieved);
                }
                delivery = consumer.next() => {
                    let delivery = delivery.ok_or(Broken::Cancelled)??;
                    self.pass_on(delivery, &channel, session.lost()).await?;
                }
            }
        }
        if timeout(GIVE_BACK, give_back(&channel, consumer))
            .await
            .is_err()
        {
            tracing::debug!(queue, "what nobody took goes back with its channel");
        }
        Ok(Served::Finished)
    }

    /// Ends when it is time to begin anew and nothing is in hand, or when that is overdue; a little
    /// earlier or later so that not all do it at once. A queue that goes with its consumer is never left.
    fn renewal(&self) -> impl Future<Output = ()> + use<M> {
        let part = rand::rng().random_range(0.75..=1.25);
        let after = match self.subject {
            Subject::Queue(_) => Some(self.renew_every.mul_f64(part)),
            Subject::Answers { .. } => None,
        };
        let held = self.held.clone();
        async move {
            match after {
                Some(after) => {
                    sleep(after).await;
                    tokio::select! {
                        () = held.is_none() => {}
                        () = sleep(after * OVERDUE) => {}
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// Stops consuming and passes on what was sent ahead.
    async fn finish(
        &self,
        channel: &Channel,
        mut consumer: lapin::Consumer,
        lost: &Lost,
    ) -> Result<(), Broken> {
        let tag = consumer.tag();
        let options = BasicCancelOptions::default();
        channel.basic_cancel(tag, options).await?;
        while let Some(delivery) = consumer.next().await {
            self.pass_on(delivery?, channel, lost).await?;
        }
        Ok(())
    }

    async fn pass_on(
        &self,
        delivery: Delivery,
        channel: &Channel,
        lost: &Lost,
    ) -> Result<(), Broken> {
        let (source, held) = (self.subject.name(), Some(&self.held));
        let Some(incoming) = read(delivery, (channel, lost), source, held).await? else {
            return Ok(());
        };
        // The prefetch is the room that there is; leftovers of the last channel may take some of it.
        tokio::select! {
            () = self.closing.cancelled() => {}
            sent = self.sender.send(incoming) => drop(sent),
        }
        Ok(())
    }
}

/// Looks at a queue without changing it; that there is none is an error.
pub(super) async fn inspect(channel: &Channel, queue: &str) -> lapin::Result<Queue> {
    let options = QueueDeclareOptions::durable().passive();
    let none = FieldTable::default();
    channel.queue_declare(queue.into(), options, none).await
}

/// How many messages wait in all of these queues; those in somebody's hands are not counted.
pub(super) async fn waiting(session: &Session, queues: &[String]) -> Result<u64, Broken> {
    let counting = async {
        let channel = session.connection().create_channel().await?;
        let mut waiting = 0;
        for queue in queues {
            waiting += u64::from(inspect(&channel, queue).await?.message_count());
        }
        Ok::<_, lapin::Error>(waiting)
    };
    session.lost().or(counting).await
}

/// Reads a message; one that can't be read goes to the dead letters.
pub(super) async fn read<M: DeserializeOwned + Carried>(
    delivery: Delivery,
    (channel, lost): (&Channel, &Lost),
    source: &str,
    tally: Option<&Tally>,
) -> Result<Option<Incoming<M>>, Broken> {
    match carrier::decode(&delivery.data, &delivery.properties) {
        Ok(message) => {
            let (channel, held) = (channel.clone(), tally.map(Tally::hold));
            let receipt = Receipt::new(
                delivery.acker,
                (channel, lost.clone()),
                delivery.redelivered,
                held,
            );
            Ok(Some(Incoming::with_receipt(message, receipt)))
        }
        Err(error) => {
            let bytes = delivery.data.len();
            tracing::error!(%error, source, bytes, "an unreadable message goes to the dead letters");
            DeadLetter::from_queue(source).count();
            delivery
                .reject(BasicRejectOptions { requeue: false })
                .await?;
            Ok(None)
        }
    }
}

/// Stops consuming and returns what was sent ahead. Up to RabbitMQ 4.2 that counts as a crash; from 4.3
/// on not, if it is a nack and no rejection.
async fn give_back(channel: &Channel, mut consumer: lapin::Consumer) -> lapin::Result<()> {
    let tag = consumer.tag();
    channel
        .basic_cancel(tag, BasicCancelOptions::default())
        .await?;
    while let Some(delivery) = consumer.next().await {
        let options = BasicNackOptions {
            requeue: true,
            ..BasicNackOptions::default()
        };
        delivery?.nack(options).await?;
    }
    Ok(())
}
