//! A renderer on RabbitMQ: what has crashed renderers it does with nothing else in hand.

use std::num::NonZeroUsize;
use std::time::Duration;

use common::clock::Clock;
use common::lifecycle::Lifecycle;
use common::objects::Objects;
use common::seal::SealKey;
use common::task::layers::{
    Canvas, CanvasSize, Content, Corners, FileSource, Image, Layer, PictureFormat,
};
use common::task::{CanvasWork, Work};
use lapin::options::{BasicGetOptions, BasicPublishOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use platen_tests::eventually;
use platen_tests::rabbit::Rabbit;
use platen_tests::site::{Gate, Reply, Site};

use super::*;

const SYNC: &str = "platen.jobs.native.sync.v1";
const BULK: &str = "platen.jobs.native.async.v1";
const QUARANTINE: &str = "platen.jobs.quarantine.native.v1";

/// Jobs that are in somebody's hands while their files are held back, and a hand that puts one into
/// quarantine.
struct Scene {
    host: VirtualHost<'static>,
    broker: Broker,
    channel: lapin::Channel,
    completions: Source<Completion>,
    site: Site,
    neighbours: Gate,
    suspect: Gate,
    _connection: lapin::Connection,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let host = Rabbit::shared().host();
        let broker = host.broker().await;
        let (connection, channel) = meddler(&host).await;
        let (neighbours, suspect) = (Gate::default(), Gate::default());
        let site = Site::start().await;
        site.reply("/neighbour", Reply::pixels().behind(&neighbours))
            .reply("/suspect", Reply::pixels().behind(&suspect));
        Self {
            completions: broker.completions(16),
            host,
            broker,
            channel,
            site,
            neighbours,
            suspect,
            _connection: connection,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A renderer with two slots and connections of its own.
    async fn renderer(&self) -> (Broker, Lifecycle) {
        let (broker, lifecycle) = (self.host.broker().await, Lifecycle::default());
        let config = renderer::Config {
            lanes: vec![Lane::Native],
            native_slots: NonZeroUsize::new(2),
            quarantine_every: Duration::from_millis(100),
            ..renderer::Config::default()
        };
        let parts = renderer::Parts {
            broker: broker.clone(),
            objects: Objects::local(self.folder.path()).unwrap(),
            clock: Clock::system(),
            seal: seal(),
            egress: common::egress::Policy::new(vec!["127.0.0.0/8".parse().unwrap()]),
        };
        renderer::start(config, parts, &lifecycle).await.unwrap();
        (broker, lifecycle)
    }

    /// A picture that needs a file of the site.
    fn picture(&self, path: &str, mode: Mode) -> JobMessage {
        let image = Image {
            file: FileSource::Url(self.site.url(path).parse().unwrap()),
            smart_crop: false,
            remove_background: false,
            corners: Corners::default(),
        };
        let canvas = Canvas {
            size: CanvasSize::new(8, 8).unwrap(),
            format: PictureFormat::Png,
            layers: vec![Layer::new(Content::Image(image))],
            fonts: Vec::new(),
        };
        let work = Work::Canvas(CanvasWork::Inline(Box::new(canvas)));
        let mut message = job(Lane::Native, mode);
        message.task = seal().seal(message.job, &work).unwrap();
        message.expires_at = Clock::system().now() + Duration::from_hours(1);
        message
    }

    /// Publishes such jobs.
    async fn publish(&self, path: &str, mode: Mode, count: usize) {
        for _ in 0..count {
            let message = self.picture(path, mode);
            self.broker.publish_job(message).await.unwrap();
        }
    }

    /// Puts a job where the broker puts those that have crashed their renderers.
    async fn accuse(&self) -> JobId {
        let message = self.picture("/suspect", Mode::Sync);
        let body = serde_json::to_vec(&message).unwrap();
        let publishing = self.channel.basic_publish(
            "platen.jobs.quarantine".into(),
            "native.sync".into(),
            BasicPublishOptions::default(),
            &body,
            lapin::BasicProperties::default(),
        );
        drop(publishing.await.unwrap());
        message.job
    }

    /// How many messages of a queue are in nobody's hands, and how many consumers get them.
    async fn queue(&self, name: &str) -> (u32, usize) {
        let options = QueueDeclareOptions::durable().passive();
        let declaring = self
            .channel
            .queue_declare(name.into(), options, FieldTable::default());
        let ready = declaring.await.unwrap().message_count();
        (ready, self.host.consumers(name))
    }

    /// Waits until both queues of the lane are so.
    async fn queues(&self, sync: (u32, usize), bulk: (u32, usize)) {
        eventually("the queues", || async {
            let now = (self.queue(SYNC).await, self.queue(BULK).await);
            (now == (sync, bulk)).then_some(())
        })
        .await;
    }

    /// The next runs that have ended; all of them well.
    async fn done(&mut self, count: usize) -> Vec<JobId> {
        let mut jobs = Vec::new();
        for _ in 0..count {
            let ended = next(&mut self.completions).await;
            let outcome = &ended.message.outcome;
            assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
            jobs.push(ended.message.job);
            assert!(ended.ack().await);
        }
        jobs
    }
}

fn seal() -> SealKey {
    SealKey::new(b"key")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspect_is_taken_with_empty_hands_and_then_work_goes_on() {
    let mut scene = Scene::new().await;
    let (_broker, lifecycle) = scene.renderer().await;
    scene.publish("/neighbour", Mode::Sync, 4).await;
    scene.publish("/neighbour", Mode::Async, 3).await;
    // Two are worked on, one more was sent ahead, the others wait for somebody.
    scene.queues((2, 1), (2, 1)).await;
    scene.site.wait_for("/neighbour", 2).await;

    let suspect = scene.accuse().await;
    scene.queues((2, 0), (2, 0)).await;
    scene.neighbours.open();
    scene.site.wait_for("/suspect", 1).await;
    // All three were done first, and nothing has been taken since.
    let neighbours = scene.done(3).await;
    assert!(!neighbours.contains(&suspect));
    assert_eq!(scene.site.seen("/neighbour").len(), 3);
    scene.queues((2, 0), (2, 0)).await;
    assert_eq!(lifecycle.health.is_ready().await, Ok(()));

    scene.suspect.open();
    assert_eq!(scene.done(1).await, [suspect]);
    scene.done(4).await;
    scene.queues((0, 1), (0, 1)).await;
    assert_eq!(scene.queue(QUARANTINE).await, (0, 0));
    lifecycle.draining.cancel();
    within("the end", lifecycle.finished()).await;
    // What was acked does not come again when its channel is gone.
    assert_eq!(scene.queue(QUARANTINE).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_with_a_suspect_in_hand_counts_against_it_alone() {
    let mut scene = Scene::new().await;
    let (broker, lifecycle) = scene.renderer().await;
    scene.publish("/neighbour", Mode::Sync, 3).await;
    scene.site.wait_for("/neighbour", 2).await;
    scene.accuse().await;
    scene.queues((1, 0), (0, 0)).await;
    scene.neighbours.open();
    scene.site.wait_for("/suspect", 1).await;
    scene.done(2).await;

    // What the server sees of a crash.
    broker.close().await;
    lifecycle.aborting.cancel();
    let options = BasicGetOptions { no_ack: true };
    let suspect = eventually("the suspect", || async {
        let got = scene.channel.basic_get(QUARANTINE.into(), options).await;
        got.unwrap()
    });
    let suspect = suspect.await.delivery;
    let headers = suspect.properties.headers().clone().unwrap_or_default();
    let count = headers.inner().get("x-delivery-count");
    assert_eq!(count, Some(&AMQPValue::LongLongInt(1)));
    let waiting = scene.channel.basic_get(SYNC.into(), options).await;
    assert!(!waiting.unwrap().unwrap().delivery.redelivered);
    assert_eq!(scene.queue(SYNC).await, (0, 0));
    // The next renderer need not wait for the turn of one that is gone.
    eventually("the turn", || scene.broker.quarantine_turn(Lane::Native)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_renderer_is_alone_with_a_suspect_another_does_the_rest() {
    let mut scene = Scene::new().await;
    let renderers = [scene.renderer().await, scene.renderer().await];
    scene.queues((0, 2), (0, 2)).await;
    let suspect = scene.accuse().await;
    scene.site.wait_for("/suspect", 1).await;
    scene.queues((0, 1), (0, 1)).await;
    // A second suspect stays where it is, and stops nobody.
    let second = scene.accuse().await;
    scene.neighbours.open();
    scene.publish("/neighbour", Mode::Async, 20).await;
    let done = scene.done(20).await;
    assert!(!done.contains(&suspect) && !done.contains(&second));
    assert_eq!(scene.queue(SYNC).await.1, 1);
    assert_eq!(scene.site.seen("/suspect").len(), 1);

    scene.suspect.open();
    assert_eq!(scene.done(2).await, [suspect, second]);
    scene.queues((0, 2), (0, 2)).await;
    drop(renderers);
}
