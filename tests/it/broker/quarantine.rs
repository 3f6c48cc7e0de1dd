//! Whose turn the quarantine is, and sources that are stopped for its sake.

use lapin::options::BasicGetOptions;
use platen_tests::eventually;
use platen_tests::rabbit::Rabbit;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn one_process_at_a_time_has_the_turn() {
    let host = Rabbit::shared().host();
    let (one, other) = (host.broker().await, host.broker().await);
    let turn = one.quarantine_turn(Lane::Browser).await;
    assert!(turn.is_some());
    assert!(other.quarantine_turn(Lane::Browser).await.is_none());
    // Each lane has a turn of its own.
    let native = other.quarantine_turn(Lane::Native).await;
    assert!(native.is_some());
    drop(turn);
    let turn = eventually("the turn", || other.quarantine_turn(Lane::Browser)).await;
    assert!(one.quarantine_turn(Lane::Browser).await.is_none());
    // A process that ends takes no turn along.
    other.close().await;
    drop(eventually("the turn", || one.quarantine_turn(Lane::Browser)).await);
    drop(turn);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stopped_source_leaves_was_never_in_hand() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let sent: Vec<JobMessage> = (0..6).map(|_| bulk()).collect();
    for message in &sent {
        broker.publish_job(message.clone()).await.unwrap();
    }
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 3);
    let mut taken = vec![next(&mut source).await];
    source.stop();
    while let Some(ahead) = within("the end", source.next()).await {
        taken.push(ahead);
    }
    // The last of what was sent ahead is still to be acked, though its consumer is gone.
    let mut jobs = Vec::new();
    for incoming in taken {
        jobs.push(incoming.message.job);
        assert!(incoming.ack().await);
    }
    assert!((1..=3).contains(&jobs.len()), "{jobs:?}");

    let (_connection, channel) = meddler(&host).await;
    let options = BasicGetOptions { no_ack: true };
    while let Some(got) = channel
        .basic_get("platen.jobs.browser.async.v1".into(), options)
        .await
        .unwrap()
    {
        assert!(!got.delivery.redelivered);
        let left: JobMessage = serde_json::from_slice(&got.delivery.data).unwrap();
        jobs.push(left.job);
    }
    let all: Vec<JobId> = sent.iter().map(|message| message.job).collect();
    assert_eq!(jobs, all);
}
