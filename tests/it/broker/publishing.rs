//! Whom RabbitMQ tells what about a message.

use futures::future::join_all;
use lapin::options::QueueDeleteOptions;
use platen_tests::rabbit::Rabbit;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_unroutable_message_is_the_error_of_its_publisher_alone() {
    const PUBLISHERS: usize = 200;
    const UNLUCKY: usize = 77;
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let (_connection, channel) = meddler(&host).await;
    let options = QueueDeleteOptions::default();
    let queue = "platen.jobs.office.sync.v1".into();
    channel.queue_delete(queue, options).await.unwrap();

    let publish = |number| {
        let broker = broker.clone();
        let message = match number {
            UNLUCKY => job(Lane::Office, Mode::Sync),
            _ => bulk(),
        };
        tokio::spawn(async move { broker.publish_job(message).await })
    };
    let told = join_all((0..PUBLISHERS).map(publish)).await;
    for (number, told) in told.into_iter().enumerate() {
        let expected = match number {
            UNLUCKY => Err(PublishError::Unroutable),
            _ => Ok(()),
        };
        assert_eq!(told.unwrap(), expected, "publisher {number}");
    }

    // The queue is made anew without anybody's help.
    let sent = job(Lane::Office, Mode::Sync);
    insist(&broker, &sent).await;
    let mut source = broker.jobs(Lane::Office, Mode::Sync, 1);
    assert_eq!(next(&mut source).await.message, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_message_goes_to_the_dead_letters() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let (_connection, channel) = meddler(&host).await;
    let mut completions = broker.completions(4);
    let junk = async |exchange: &str, routing_key: &str| {
        let options = lapin::options::BasicPublishOptions::default();
        let (exchange, key) = (exchange.into(), routing_key.into());
        let properties = lapin::BasicProperties::default();
        let published = channel.basic_publish(exchange, key, options, b"junk", properties);
        published.await.unwrap().await.unwrap();
    };

    junk("platen.completions", "").await;
    let good = completion(success());
    broker.publish_completion(good.clone()).await.unwrap();
    let got = next(&mut completions).await;
    assert_eq!(got.message, good);
    assert!(got.ack().await);
    assert_eq!(taken_from(&channel, "platen.settle.dead.v1").await, b"junk");

    let _jobs = broker.jobs(Lane::Native, Mode::Sync, 4);
    junk("platen.jobs", "native.sync").await;
    assert_eq!(
        taken_from(&channel, "platen.jobs.quarantine.native.v1").await,
        b"junk"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_delivery_is_kept_as_a_dead_letter() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let (_connection, channel) = meddler(&host).await;
    let sent = due();
    broker.publish_delivery(sent.clone()).await.unwrap();
    let got = next(&mut broker.deliveries(1)).await;
    assert!(got.reject().await);
    let letter = taken_from(&channel, "platen.deliver.dead.v1").await;
    let letter: DeliveryDue = serde_json::from_slice(&letter).unwrap();
    assert_eq!(letter, sent);
}
