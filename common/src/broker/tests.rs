use super::*;
use crate::clock::Timestamp;
use crate::id::{AccountId, JobId};
use crate::job::JobState;
use crate::message::SealedTask;

fn message(mode: Mode) -> JobMessage {
    JobMessage {
        job: JobId::new(),
        account: AccountId::new(),
        lane: Lane::Browser,
        mode,
        task: SealedTask(vec![1, 2, 3]),
        expires_at: Timestamp::from_micros(1),
    }
}

#[tokio::test]
async fn a_job_reaches_the_workers_of_its_lane_and_mode_only() {
    let broker = Broker::embedded(4);
    let sent = message(Mode::Async);
    broker.publish_job(sent.clone()).await.unwrap();
    broker.publish_job(message(Mode::Sync)).await.unwrap();
    let got = broker
        .jobs(Lane::Browser, Mode::Async)
        .next()
        .await
        .unwrap();
    assert_eq!(got.message, sent);
    assert!(got.ack().await);
}

#[tokio::test]
async fn a_full_queue_refuses_and_recovers() {
    let broker = Broker::embedded(1);
    broker.publish_job(message(Mode::Sync)).await.unwrap();
    assert_eq!(
        broker.publish_job(message(Mode::Sync)).await,
        Err(PublishError::Full)
    );
    broker.jobs(Lane::Browser, Mode::Sync).next().await.unwrap();
    broker.publish_job(message(Mode::Sync)).await.unwrap();
}

#[tokio::test]
async fn an_answer_reaches_the_waiting_gateway() {
    let broker = Broker::embedded(4);
    let (route, mut answers) = broker.settled();
    let settled = Settled {
        job: JobId::new(),
        state: JobState::Success,
    };
    broker
        .publish_settled(&route, settled.clone())
        .await
        .unwrap();
    assert_eq!(answers.next().await.unwrap().message, settled);
}
