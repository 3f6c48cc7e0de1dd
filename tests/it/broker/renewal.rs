//! Consumers that begin anew on another channel from time to time.

use std::collections::HashSet;
use std::time::Duration;

use platen_tests::rabbit::Rabbit;

use super::*;

const EVERY: Duration = Duration::from_millis(20);
const QUEUE: &str = "platen.jobs.browser.async.v1";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_hand_can_be_acked_after_its_consumer_has_begun_anew() {
    let host = Rabbit::shared().host();
    let broker = host.renewing_broker(EVERY).await;
    let mut source = broker.jobs(Lane::Browser, Mode::Async, 2);
    broker.publish_job(bulk()).await.unwrap();
    let first = next(&mut source).await;
    let before = host.channels();
    eventually("a channel beside that of the message in hand", || async {
        (host.channels() > before).then_some(())
    })
    .await;
    let second = bulk();
    broker.publish_job(second.clone()).await.unwrap();
    let got = next(&mut source).await;
    assert_eq!(got.message, second);
    assert!(first.ack().await && got.ack().await);
    eventually("the old channel's end", || async {
        (host.channels() <= before && host.consumers(QUEUE) == 1).then_some(())
    })
    .await;
    let waiting = broker.waiting(Lane::Browser, Mode::Async).await;
    assert_eq!(waiting, Some(0));
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
    let (mut taken, mut in_hand) = (Vec::new(), Vec::new());
    while taken.len() < JOBS {
        let got = next(&mut source).await;
        taken.push(got.message.job);
        in_hand.push(got);
        // Some are held over several beginnings.
        if in_hand.len() == 8 || taken.len() == JOBS {
            for held in in_hand.drain(..) {
                assert!(held.ack().await);
            }
        }
    }
    let sent = publishing.await.unwrap();
    let once: HashSet<JobId> = taken.iter().copied().collect();
    assert_eq!((once.len(), once), (JOBS, sent));
    let waiting = broker.waiting(Lane::Browser, Mode::Async).await;
    assert_eq!(waiting, Some(0));
}
