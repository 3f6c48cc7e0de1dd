//! What both brokers promise.

use std::collections::HashSet;

use common::broker::Broker;
use futures::FutureExt as _;
use futures::future::join_all;
use platen_tests::rabbit::{Rabbit, VirtualHost};

use super::*;

/// A broker with nothing in it.
struct Bench {
    broker: Broker,
    host: Option<VirtualHost<'static>>,
}

impl Bench {
    async fn embedded() -> Self {
        Self {
            broker: Broker::embedded(64),
            host: None,
        }
    }

    async fn rabbit() -> Self {
        let host = Rabbit::shared().host();
        Self {
            broker: host.broker().await,
            host: Some(host),
        }
    }

    /// Lets the queues hold little.
    fn shorten(&mut self) {
        match &self.host {
            None => self.broker = Broker::embedded(2),
            Some(host) => host.limit_length("^platen.jobs.browser", 2),
        }
    }
}

macro_rules! on_both {
    ($($claim:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                super::$claim(super::Bench::embedded().await).await;
            })+
        }
        mod rabbit {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                super::$claim(super::Bench::rabbit().await).await;
            })+
        }
    };
}

on_both!(
    a_job_reaches_the_workers_of_its_lane_and_mode_only,
    every_message_arrives_as_it_was_sent,
    consumers_of_a_queue_share_its_messages,
    an_answer_reaches_the_waiting_gateway,
    an_answer_for_nobody_is_no_error,
    a_full_queue_refuses_and_recovers,
    waiting_can_be_given_up_without_loss,
    nobody_is_suspected_of_crashing_workers,
    a_stopped_source_ends_and_leaves_the_rest_to_others,
);

async fn a_job_reaches_the_workers_of_its_lane_and_mode_only(bench: Bench) {
    let lanes = Lane::ALL.iter().flat_map(|&lane| {
        let modes = Mode::ALL.iter();
        modes.map(move |&mode| job(lane, mode))
    });
    let sent: Vec<JobMessage> = lanes.collect();
    for message in &sent {
        bench.broker.publish_job(message.clone()).await.unwrap();
    }
    for message in sent {
        let mut source = bench.broker.jobs(message.lane, message.mode, 4);
        let got = next(&mut source).await;
        assert_eq!(got.message, message);
        assert!(got.ack().await);
        assert!(source.next().now_or_never().is_none());
    }
}

async fn every_message_arrives_as_it_was_sent(bench: Bench) {
    let (sent, other) = (completion(success()), completion(failure()));
    let mut completions = bench.broker.completions(4);
    for message in [&sent, &other] {
        let published = bench.broker.publish_completion(message.clone()).await;
        published.unwrap();
        let got = next(&mut completions).await;
        assert_eq!(&got.message, message);
        assert!(got.ack().await);
    }
    let (sent, mut deliveries) = (due(), bench.broker.deliveries(4));
    bench.broker.publish_delivery(sent.clone()).await.unwrap();
    assert_eq!(next(&mut deliveries).await.message, sent);
}

async fn consumers_of_a_queue_share_its_messages(bench: Bench) {
    const EACH: usize = 20;
    let take = async |mut source: Source<JobMessage>| {
        let mut taken = Vec::new();
        for _ in 0..EACH {
            let got = next(&mut source).await;
            taken.push(got.message.job);
            assert!(got.ack().await);
        }
        taken
    };
    let source = || bench.broker.jobs(Lane::Browser, Mode::Async, 1);
    let consumers = join_all([take(source()), take(source())]);
    let publishers = join_all((0..2 * EACH).map(|_| async {
        let message = bulk();
        bench.broker.publish_job(message.clone()).await.unwrap();
        message.job
    }));
    let (taken, sent) = tokio::join!(consumers, publishers);
    let taken = taken.concat();
    assert_eq!(taken.len(), sent.len());
    assert_eq!(HashSet::<JobId>::from_iter(taken), HashSet::from_iter(sent));
}

async fn an_answer_reaches_the_waiting_gateway(bench: Bench) {
    let (mut routes, mut answers) = bench.broker.settled();
    let route = within("a route", routes.other_than(None)).await.unwrap();
    assert_eq!(routes.current().as_ref(), Some(&route));
    let sent = settled();
    let published = bench.broker.publish_settled(&route, sent.clone()).await;
    published.unwrap();
    let got = next(&mut answers).await;
    assert_eq!(got.message, sent);
    assert!(got.ack().await);
}

async fn an_answer_for_nobody_is_no_error(bench: Bench) {
    let (mut routes, answers) = bench.broker.settled();
    let route = within("a route", routes.other_than(None)).await.unwrap();
    drop(answers);
    let published = bench.broker.publish_settled(&route, settled()).await;
    assert_eq!(published, Ok(()));
}

async fn a_full_queue_refuses_and_recovers(mut bench: Bench) {
    bench.shorten();
    // RabbitMQ lets a few more in while its left hand does not know what its right hand does.
    let mut taken = 0_u16;
    let refused = within("a refusal", async {
        loop {
            match bench.broker.publish_job(bulk()).await {
                Ok(()) => taken += 1,
                Err(refused) => return refused,
            }
        }
    });
    assert_eq!(refused.await, PublishError::Full);
    assert!((2..50).contains(&taken), "{taken} were taken");
    let other = job(Lane::Native, Mode::Async);
    assert_eq!(bench.broker.publish_job(other).await, Ok(()));

    let mut source = bench.broker.jobs(Lane::Browser, Mode::Async, 4);
    for _ in 0..taken {
        assert!(next(&mut source).await.ack().await);
    }
    insist(&bench.broker, &bulk()).await;
}

async fn waiting_can_be_given_up_without_loss(bench: Bench) {
    let mut source = bench.broker.jobs(Lane::Browser, Mode::Async, 4);
    for _ in 0..20 {
        let sent = bulk();
        assert!(source.next().now_or_never().is_none());
        bench.broker.publish_job(sent.clone()).await.unwrap();
        let got = next(&mut source).await;
        assert_eq!(got.message, sent);
        assert!(got.ack().await);
    }
}

async fn nobody_is_suspected_of_crashing_workers(bench: Bench) {
    bench.broker.publish_job(bulk()).await.unwrap();
    assert_eq!(bench.broker.count_quarantined(Lane::Browser).await, 0);
    assert!(bench.broker.take_quarantined(Lane::Browser).await.is_none());
    assert!(bench.broker.dead_jobs(1).next().now_or_never().is_none());
    assert!(bench.broker.is_ready() && bench.broker.is_connected());
}

async fn a_stopped_source_ends_and_leaves_the_rest_to_others(bench: Bench) {
    let mut sent = HashSet::new();
    for _ in 0..8 {
        let message = bulk();
        sent.insert(message.job);
        bench.broker.publish_job(message).await.unwrap();
    }
    let mut source = bench.broker.jobs(Lane::Browser, Mode::Async, 2);
    let first = next(&mut source).await;
    source.stop();
    let mut taken = vec![first];
    while let Some(ahead) = within("the end", source.next()).await {
        taken.push(ahead);
    }
    assert!(taken.len() <= 2);
    assert!(within("the end", source.next()).await.is_none());
    let mut other = bench.broker.jobs(Lane::Browser, Mode::Async, 8);
    while taken.len() < sent.len() {
        taken.push(next(&mut other).await);
    }
    let taken: HashSet<JobId> = taken.iter().map(|got| got.message.job).collect();
    assert_eq!(taken, sent);
}
