//! Consumers that end with a message in hand.

use lapin::options::QueueDeleteOptions;
use platen_tests::eventually;
use platen_tests::rabbit::Rabbit;

use super::*;

/// What a crash looks like from the server: the connection ends, the message was not acked.
async fn crash(broker: Broker, in_hand: Incoming<JobMessage>) {
    broker.close().await;
    drop(in_hand);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_crashes_its_workers_is_kept_apart_and_then_given_up() {
    let host = Rabbit::shared().host();
    let watcher = host.broker().await;
    let poison = bulk();
    watcher.publish_job(poison.clone()).await.unwrap();

    // The first time, and three times again.
    for _ in 0..4 {
        let broker = host.broker().await;
        let got = next(&mut broker.jobs(Lane::Browser, Mode::Async, 1)).await;
        assert_eq!(got.message, poison);
        crash(broker, got).await;
    }
    let suspects = eventually("the quarantine", || async {
        let count = watcher.count_quarantined(Lane::Browser).await;
        (count > 0).then_some(count)
    });
    assert_eq!(suspects.await, 1);
    // Another lane's workers could do nothing with it.
    assert_eq!(watcher.count_quarantined(Lane::Office).await, 0);

    let mut dead = watcher.dead_jobs(1);
    for _ in 0..4 {
        let broker = host.broker().await;
        let got = eventually("the suspect", || broker.take_quarantined(Lane::Browser));
        let got = got.await;
        assert_eq!(got.message, poison);
        crash(broker, got).await;
    }
    let got = next(&mut dead).await;
    assert_eq!(got.message, poison);
    assert!(got.ack().await);
    assert_eq!(watcher.count_quarantined(Lane::Browser).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_innocent_job_leaves_quarantine_by_being_done() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let sent = bulk();
    broker.publish_job(sent.clone()).await.unwrap();
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 1);
    assert!(next(&mut source).await.reject().await);
    let suspect = eventually("the suspect", || broker.take_quarantined(Lane::Browser));
    let suspect = suspect.await;
    assert_eq!(suspect.message, sent);
    assert!(suspect.ack().await);
    assert_eq!(broker.count_quarantined(Lane::Browser).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_dropped_without_a_verdict_comes_again() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let sent = completion(failure());
    broker.publish_completion(sent.clone()).await.unwrap();
    let mut source = broker.completions(1);
    for _ in 0..10 {
        assert_eq!(next(&mut source).await.message, sent);
    }
    assert!(next(&mut source).await.ack().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_consumer_held_ahead_goes_to_others_when_it_stops() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let mut greedy = broker.completions(10);
    let in_hand = {
        broker
            .publish_completion(completion(success()))
            .await
            .unwrap();
        next(&mut greedy).await
    };
    let sent = completion(failure());
    broker.publish_completion(sent.clone()).await.unwrap();
    drop(greedy);
    assert_eq!(next(&mut broker.completions(1)).await.message, sent);
    // What was in hand can be acked all the same.
    assert!(in_hand.ack().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ack_by_a_lost_connection_says_that_the_message_comes_again() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let sent = bulk();
    broker.publish_job(sent.clone()).await.unwrap();
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 4);
    let first = next(&mut source).await;
    host.close_connections();
    let again = next(&mut source).await;
    assert_eq!(again.message, sent);
    assert!(!first.ack().await);
    assert!(again.ack().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_survives_the_loss_of_its_queue() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let mut source = broker.completions(4);
    let first = completion(success());
    broker.publish_completion(first.clone()).await.unwrap();
    assert!(next(&mut source).await.ack().await);

    let (_connection, channel) = meddler(&host).await;
    let options = QueueDeleteOptions::default();
    let queue = "platen.settle.v1".into();
    channel.queue_delete(queue, options).await.unwrap();
    let sent = completion(failure());
    within("a publish", async {
        while broker.publish_completion(sent.clone()).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(next(&mut source).await.message, sent);
}
