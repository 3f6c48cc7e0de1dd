//! RabbitMQ goes away, comes back, or is short of memory.

use std::collections::HashSet;
use std::time::Duration;

use platen_tests::eventually;
use platen_tests::rabbit::Rabbit;
use tokio::sync::watch;

use super::*;

async fn readiness(broker: &Broker, ready: bool) {
    let what = if ready { "readiness" } else { "unreadiness" };
    eventually(what, || async {
        (broker.is_ready() == ready).then_some(())
    })
    .await;
}

/// Takes jobs until all of these have come; some may come twice.
async fn take_all(source: &mut Source<JobMessage>, mut missing: HashSet<JobId>) {
    while !missing.is_empty() {
        let got = next(source).await;
        missing.remove(&got.message.job);
        // A lost ack only makes the job come again.
        got.ack().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_connections_are_cut() {
    const JOBS: usize = 600;
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let jobs: Vec<JobMessage> = (0..JOBS).map(|_| bulk()).collect();
    let missing = jobs.iter().map(|message| message.job).collect();
    let (progress, mut published) = watch::channel(0);

    let publisher = broker.clone();
    let publishing = tokio::spawn(async move {
        for message in jobs {
            insist(&publisher, &message).await;
            progress.send_modify(|count| *count += 1);
        }
    });
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 16);
    let consuming = tokio::spawn(async move { take_all(&mut source, missing).await });
    for cut_at in [JOBS / 4, JOBS / 2] {
        let reached = published.wait_for(|&count| count >= cut_at);
        drop(within("progress", reached).await.unwrap());
        host.close_connections();
    }
    within("all publishes", publishing).await.unwrap();
    within("all jobs", consuming).await.unwrap();
}

/// The AMQP library never answers some acks that are given at the very moment when their connection ends:
/// whoever waited for one would take nothing more, ever.
#[tokio::test(flavor = "multi_thread")]
async fn an_ack_ends_even_if_its_connection_ends_at_that_moment() {
    const ROUNDS: usize = 25;
    const IN_HAND: u16 = 256;
    const AT_ONCE: usize = 8;
    let host = Rabbit::shared().host();
    let cable = host.cable().await;
    for _ in 0..ROUNDS {
        let broker = host.broker_over(&cable).await;
        let mut source = broker.completions(IN_HAND);
        let publishing = (0..IN_HAND).map(|_| broker.publish_completion(completion(success())));
        futures::future::join_all(publishing).await;
        let mut hands: Vec<Vec<_>> = (0..AT_ONCE).map(|_| Vec::new()).collect();
        for number in 0..usize::from(IN_HAND) {
            hands[number % AT_ONCE].push(next(&mut source).await);
        }
        let acking = hands.into_iter().map(|hand| {
            tokio::spawn(async move {
                let mut lost = 0;
                for in_hand in hand {
                    lost += usize::from(!in_hand.ack().await);
                }
                lost
            })
        });
        let acking: Vec<_> = acking.collect();
        cable.cut();
        let lost = within("the end of all acks", futures::future::join_all(acking)).await;
        let lost: usize = lost.into_iter().map(Result::unwrap).sum();
        assert!(lost > 0, "the cut came when all were acked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_keeps_what_it_confirmed_and_is_found_again() {
    let server = Rabbit::start();
    let host = server.host();
    let broker = host.broker().await;
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 4);
    let early: Vec<JobMessage> = (0..40).map(|_| bulk()).collect();
    for message in &early {
        broker.publish_job(message.clone()).await.unwrap();
    }
    let in_hand = next(&mut source).await;

    server.kill();
    readiness(&broker, false).await;
    assert!(!broker.is_connected());
    assert_eq!(broker.publish_job(bulk()).await, Err(PublishError::Away));
    assert!(!in_hand.ack().await);

    server.start_again();
    readiness(&broker, true).await;
    let late: Vec<JobMessage> = (0..40).map(|_| bulk()).collect();
    for message in &late {
        insist(&broker, message).await;
    }
    let missing = early.iter().chain(&late).map(|message| message.job);
    take_all(&mut source, missing.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn services_may_start_before_their_broker() {
    let server = Rabbit::start();
    let host = server.host();
    server.stop();
    let waiting = host.broker();
    tokio::pin!(waiting);
    assert!(futures::poll!(&mut waiting).is_pending());
    server.start_again();
    let broker = waiting.await;
    assert!(broker.is_ready());
    broker.publish_job(bulk()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_short_of_memory_refuses_work_and_takes_acks() {
    let server = Rabbit::start();
    let host = server.host();
    let broker = host.broker().await;
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 1);
    let jobs = [bulk(), bulk(), bulk()];
    for message in &jobs {
        broker.publish_job(message.clone()).await.unwrap();
    }
    let first = next(&mut source).await;

    server.starve(true);
    readiness(&broker, false).await;
    let refused = tokio::time::timeout(Duration::from_secs(2), broker.publish_job(bulk()));
    assert_eq!(refused.await, Ok(Err(PublishError::Away)));
    assert!(broker.is_connected());
    // Who comes only now takes messages too: that may be what the server needs.
    let late = host.broker().await;
    let taken = next(&mut late.jobs(Lane::Browser, Mode::Async, 1)).await;
    assert_eq!(taken.message, jobs[1]);
    assert!(taken.ack().await);
    // With one at a time, the next comes only when the server has read the first one's ack.
    assert!(first.ack().await);
    let last = next(&mut source).await;
    assert_eq!(last.message, jobs[2]);
    assert!(last.ack().await);

    server.starve(false);
    readiness(&broker, true).await;
    let sent = bulk();
    insist(&broker, &sent).await;
    assert_eq!(next(&mut source).await.message, sent);
}
