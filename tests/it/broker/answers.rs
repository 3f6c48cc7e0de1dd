//! How answers find the gateway whose caller waits, across RabbitMQ.

use futures::FutureExt as _;
use platen_tests::rabbit::Rabbit;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reaches_the_right_gateway_of_several() {
    let host = Rabbit::shared().host();
    let (one, other) = tokio::join!(host.broker(), host.broker());
    let (mut routes, mut answers) = one.settled();
    let (mut other_routes, mut other_answers) = other.settled();
    let route = routes.other_than(None).await.unwrap();
    let other_route = other_routes.other_than(None).await.unwrap();

    let (sent, other_sent) = (settled(), settled());
    // Each is told by the other, as a dispatcher would.
    other.publish_settled(&route, sent.clone()).await.unwrap();
    one.publish_settled(&other_route, other_sent.clone())
        .await
        .unwrap();
    let (got, other_got) = (next(&mut answers).await, next(&mut other_answers).await);
    assert_eq!((&got.message, &other_got.message), (&sent, &other_sent));
    // One that is dropped comes again.
    assert!(got.ack().await && other_got.ack().await);
    assert!(answers.next().now_or_never().is_none());
    assert!(other_answers.next().now_or_never().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connection_has_a_route_of_its_own() {
    let host = Rabbit::shared().host();
    let broker = host.broker().await;
    let (mut routes, mut answers) = broker.settled();
    let old = routes.other_than(None).await.unwrap();
    host.close_connections();
    let new = within("a new route", routes.other_than(Some(&old))).await;
    let new = new.unwrap();
    assert_ne!(new, old);

    let sent = settled();
    within("a publish", async {
        while broker.publish_settled(&new, sent.clone()).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(next(&mut answers).await.message, sent);
    // A row may still name the old one; its caller reads the row.
    assert_eq!(broker.publish_settled(&old, settled()).await, Ok(()));
}
