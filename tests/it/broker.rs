//! The contract of the broker, claim by claim, in one process and on RabbitMQ; and what RabbitMQ
//! promises beyond it.

mod alone;
mod answers;
mod contract;
mod crash;
mod outage;
mod publishing;
mod quarantine;
mod renewal;

use common::artifact::Artifact;
use common::broker::{Broker, Incoming, PublishError, Source};
use common::clock::Timestamp;
use common::id::{AccountId, DeliveryId, JobId, RunId};
use common::job::{FailureKind, JobState, Lane, Mode};
use common::message::{Completion, DeliveryDue, JobMessage, Outcome, SealedTask, Settled};
use common::objects::ObjectKey;
use common::report::Report;
use platen_tests::rabbit::VirtualHost;
use platen_tests::{eventually, within};

/// Travels along with every message that belongs to a trace.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn job(lane: Lane, mode: Mode) -> JobMessage {
    JobMessage {
        job: JobId::new(),
        account: AccountId::new(),
        lane,
        mode,
        task: SealedTask(vec![0, 1, 254, 255]),
        expires_at: Timestamp::from_micros(1_700_000_000_000_001),
        trace: TRACE.parse().ok(),
        published_at: Some(Timestamp::from_micros(1_700_000_000_000_000)),
    }
}

fn bulk() -> JobMessage {
    job(Lane::Browser, Mode::Async)
}

fn completion(outcome: Outcome) -> Completion {
    Completion {
        job: JobId::new(),
        run: RunId::new(),
        outcome,
        started_at: Timestamp::from_micros(1),
        finished_at: Timestamp::from_micros(2),
        worker: "näher".to_owned(),
        report: Report::default(),
        trace: TRACE.parse().ok(),
    }
}

fn success() -> Outcome {
    let artifact = Artifact {
        key: ObjectKey::artifact(JobId::new(), RunId::new(), "result.pdf"),
        content_type: "application/pdf".to_owned(),
        extension: "pdf".to_owned(),
        size: u64::MAX,
    };
    Outcome::Success {
        preview: Some(artifact.clone()),
        artifact,
    }
}

fn failure() -> Outcome {
    Outcome::Failure {
        kind: FailureKind::Navigation,
        message: "Navigation: \"quoted\"\nand broken".to_owned(),
    }
}

fn due() -> DeliveryDue {
    DeliveryDue {
        delivery: DeliveryId::new(),
        attempt: 3,
    }
}

fn settled() -> Settled {
    Settled {
        job: JobId::new(),
        state: JobState::Success,
    }
}

/// The next message of a source.
async fn next<M: Clone + Send + 'static>(source: &mut Source<M>) -> Incoming<M> {
    within("a message", source.next())
        .await
        .expect("the broker is there")
}

/// Publishes as services do: again until it is taken.
async fn insist(broker: &Broker, message: &JobMessage) {
    eventually("a publish", || async {
        broker.publish_job(message.clone()).await.ok()
    })
    .await;
}

/// A channel of the bare protocol, to look and meddle behind the broker's back.
async fn meddler(host: &VirtualHost<'_>) -> (lapin::Connection, lapin::Channel) {
    let properties = lapin::ConnectionProperties::default();
    let connection = lapin::Connection::connect(&host.url(), properties)
        .await
        .expect("RabbitMQ is there");
    let channel = connection.create_channel().await.expect("a channel");
    (connection, channel)
}

/// Takes the next message of a queue, once there is one.
async fn taken_from(channel: &lapin::Channel, queue: &str) -> Vec<u8> {
    let options = lapin::options::BasicGetOptions { no_ack: true };
    let got = eventually(queue, || async {
        let got = channel.basic_get(queue.into(), options).await;
        got.expect("the queue is there")
    });
    got.await.delivery.data
}
