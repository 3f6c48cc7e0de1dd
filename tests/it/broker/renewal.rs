//! Consumers that begin anew on another channel from time to time.

use std::collections::HashSet;
use std::time::Duration;

use futures::FutureExt as _;
use platen_tests::rabbit::Rabbit;

use super::*;

const EVERY: Duration = Duration::from_millis(20);
const QUEUE: &str = "platen.jobs.browser.async.v1";

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_has_nothing_in_hand_begins_anew_and_its_old_channel_ends() {
    let host = Rabbit::shared().host();
    let broker = host.renewing_broker(EVERY).await;
    let baseline = host.channels();
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 2);
    broker.publish_job(bulk()).await.unwrap();
    assert!(next(&mut source).await.ack().await);
    let first = host.consumers_of(QUEUE);
    eventually("another channel to consume by", || async {
        (host.consumers(QUEUE) == 1 && host.consumers_of(QUEUE) != first).then_some(())
    })
    .await;
    eventually("the end of all others", || async {
        (host.channels() == baseline + 1).then_some(())
    })
    .await;
    let sent = bulk();
    broker.publish_job(sent.clone()).await.unwrap();
    assert_eq!(next(&mut source).await.message, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_never_idle_lays_down_its_work_once_in_a_while_and_begins_anew() {
    let host = Rabbit::shared().host();
    let broker = host.renewing_broker(EVERY).await;
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 2);
    let publish = async || broker.publish_job(bulk()).await.unwrap();
    publish().await;
    let mut in_hand = Some(next(&mut source).await);
    let first = host.consumers_of(QUEUE);
    let work = async {
        loop {
            // There is always more to take, and something in hand while that is taken.
            publish().await;
            // Nothing comes once the consumer lays down its work.
            let taken = tokio::time::timeout(Duration::from_secs(1), next(&mut source)).await;
            let before = std::mem::replace(&mut in_hand, taken.ok());
            if let Some(before) = before {
                assert!(before.ack().await);
            }
        }
    };
    let anew = eventually("another channel to consume by", || async {
        (host.consumers(QUEUE) == 1 && host.consumers_of(QUEUE) != first).then_some(())
    });
    tokio::select! {
        () = anew => {}
        () = work => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_with_its_hands_full_takes_no_more_and_leaves_the_rest_to_others() {
    let host = Rabbit::shared().host();
    let broker = host.renewing_broker(EVERY).await;
    let mut busy = broker.jobs(Lane::Browser, Mode::Async, 1);
    broker.publish_job(bulk()).await.unwrap();
    let in_hand = next(&mut busy).await;
    let mut idle = broker.jobs(Lane::Browser, Mode::Async, 1);
    // Over many times that after which the busy one would begin anew.
    for _ in 0..50 {
        let sent = bulk();
        broker.publish_job(sent.clone()).await.unwrap();
        let got = next(&mut idle).await;
        assert_eq!(got.message, sent);
        assert!(got.ack().await);
    }
    assert!(in_hand.ack().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_begins_anew_all_the_time_loses_nothing_and_takes_nothing_twice() {
    const JOBS: usize = 1000;
    let host = Rabbit::shared().host();
    let broker = host.renewing_broker(EVERY).await;
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 8);
    let publishing = {
        let broker = broker.clone();
        tokio::spawn(async move {
            let mut sent = HashSet::new();
            for _ in 0..JOBS {
                let message = bulk();
                sent.insert(message.job);
                insist(&broker, &message).await;
            }
            sent
        })
    };
    let (mut taken, mut in_hand): (_, Vec<Incoming<_>>) = (Vec::new(), Vec::new());
    while taken.len() < JOBS {
        // As many at once as there are.
        let got = match source.next().now_or_never() {
            Some(got) => got.unwrap(),
            None => {
                for held in in_hand.drain(..) {
                    assert!(held.ack().await);
                }
                next(&mut source).await
            }
        };
        taken.push(got.message.job);
        in_hand.push(got);
    }
    for held in in_hand {
        assert!(held.ack().await);
    }
    let sent = publishing.await.unwrap();
    let once: HashSet<JobId> = taken.iter().copied().collect();
    assert_eq!((once.len(), once), (JOBS, sent));
    let waiting = broker.waiting(Lane::Browser, Mode::Async).await;
    assert_eq!(waiting, Some(0));
}
