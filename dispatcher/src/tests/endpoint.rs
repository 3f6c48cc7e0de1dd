//! Stored endpoints: signed calls, standing, parking, and pings.

use std::time::Duration;

use common::fetch::EXCERPT_LIMIT;
use common::id::JobId;
use common::job::{AttemptOutcome, DeliveryState, Dialect, Mode, OffReason};
use common::signature::{SecretVersion, Signer};
use common::store::Endpoint;

use super::receiver::{Received, Receiver, answer};
use super::world::{DAY, START, World};

/// Longer than every step of the default schedule.
const LONG: Duration = Duration::from_hours(2);

/// An installation whose account has this endpoint.
async fn with_endpoint(receiver: &Receiver) -> World {
    let world = World::new().await;
    let url = receiver.url();
    let set = world.parts.store.set_webhook(world.account, Some(&url));
    assert!(set.await.unwrap());
    world
}

/// A job that has just ended, for the account's endpoint to know.
async fn ended(world: &World) -> JobId {
    let job = world.accept(&world.new_job(Mode::Async, None)).await;
    world.settle(&world.success(job).await).await;
    job
}

async fn standing(world: &World) -> Endpoint {
    world
        .parts
        .store
        .endpoint(world.account)
        .await
        .unwrap()
        .unwrap()
}

/// What each secret that signs at the moment of a call signs of it.
fn expected_signature(world: &World, request: &Received, version: SecretVersion) -> String {
    let secrets = world
        .parts
        .secrets
        .secrets(world.account, version, world.now());
    let id = request.header("webhook-id").unwrap();
    let mut signer = Signer::new(&secrets, id, world.now());
    signer.update(&request.raw);
    signer.finish()
}

#[tokio::test]
async fn every_call_is_signed_with_its_own_time_and_the_secrets_of_the_moment() {
    let mut receiver = Receiver::start(vec![answer(500), answer(200)]).await;
    let world = with_endpoint(&receiver).await;
    let job = ended(&world).await;
    assert_eq!(world.deliver().await, 1);
    let first = receiver.taken().unwrap();
    let version = standing(&world).await.secret;
    let signature = first.header("webhook-signature").unwrap();
    assert_eq!(signature, expected_signature(&world, &first, version));

    world.parts.clock.advance(Duration::from_secs(18));
    let until = Some(world.now() + DAY);
    let store = &world.parts.store;
    let rotated = store.rotate_webhook_secret(world.account, until).await;
    let version = rotated.unwrap().unwrap();
    assert_eq!(world.deliver().await, 1);
    let second = receiver.taken().unwrap();
    assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
    let time = (world.now().as_secs()).to_string();
    assert_eq!(second.header("webhook-timestamp"), Some(time.as_str()));
    let signature = second.header("webhook-signature").unwrap();
    assert_eq!(signature, expected_signature(&world, &second, version));
    assert_eq!(signature.split(' ').count(), 2, "both secrets sign");
    assert_eq!(world.delivery(job).await.0.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_410_switches_a_stored_endpoint_off_and_its_deliveries_wait() {
    let mut receiver = Receiver::start(vec![answer(410), answer(200)]).await;
    let world = with_endpoint(&receiver).await;
    let (first, second) = (ended(&world).await, ended(&world).await);
    let due = world.due().await;
    world.deliver_one(&due[0]).await;
    assert_eq!(standing(&world).await.off.unwrap().reason, OffReason::Gone);
    // The other one finds it off, and the first one when its retry comes.
    world.deliver_one(&due[1]).await;
    world.parts.clock.advance(LONG);
    world.deliver().await;
    for job in [first, second] {
        assert_eq!(world.delivery(job).await.0.state, DeliveryState::Parked);
    }
    assert!(receiver.taken().is_some());
    assert!(receiver.taken().is_none(), "nobody calls it any more");

    let store = &world.parts.store;
    assert!(store.switch_on(world.account).await.unwrap());
    assert_eq!(
        store
            .release_parked(world.account, world.now())
            .await
            .unwrap(),
        2
    );
    assert_eq!(world.deliver().await, 2);
    for job in [first, second] {
        assert_eq!(world.delivery(job).await.0.state, DeliveryState::Delivered);
    }
}

#[tokio::test]
async fn a_410_of_a_requests_own_address_is_a_failed_attempt() {
    let receiver = Receiver::start(vec![answer(410), answer(200)]).await;
    let world = with_endpoint(&receiver).await;
    let job = world.succeeded(receiver.url()).await;
    assert_eq!(world.deliver().await, 1);
    assert_eq!(standing(&world).await.off, None);
    world.parts.clock.advance(LONG);
    assert_eq!(world.deliver().await, 1);
    let (delivery, attempts) = world.delivery(job).await;
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!(attempts[0].status, Some(410));
}

#[tokio::test]
async fn an_endpoint_that_fails_for_five_days_is_switched_off_and_one_success_starts_anew() {
    let receiver = Receiver::start(vec![answer(500), answer(200), answer(500)]).await;
    let world = with_endpoint(&receiver).await;
    ended(&world).await;
    world.deliver().await;
    assert_eq!(standing(&world).await.failing_since, Some(START));
    world.parts.clock.advance(LONG);
    world.deliver().await;
    assert_eq!(standing(&world).await.failing_since, None);
    let since = world.now();
    for day in 0..5 {
        ended(&world).await;
        world.deliver().await;
        let standing = standing(&world).await;
        assert_eq!(
            (standing.failing_since, standing.off),
            (Some(since), None),
            "{day}"
        );
        world.parts.clock.advance(DAY);
    }
    let job = ended(&world).await;
    world.deliver().await;
    let off = standing(&world).await.off.unwrap();
    assert_eq!((off.reason, off.at), (OffReason::Failing, world.now()));
    world.parts.clock.advance(LONG);
    world.deliver().await;
    assert_eq!(world.delivery(job).await.0.state, DeliveryState::Parked);
    // Nobody switches it on.
    world.parts.clock.advance(DAY * 7);
    world.sweep_parked().await;
    assert_eq!(world.delivery(job).await.0.state, DeliveryState::Failed);
}

#[tokio::test]
async fn a_host_that_is_not_reached_is_left_alone_after_ten_calls() {
    let mut world = World::new().await;
    world.config.webhook_timeout = Duration::from_secs(2);
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", gone.local_addr().unwrap());
    drop(gone);
    let mut jobs = Vec::new();
    for _ in 0..12 {
        jobs.push(world.succeeded(url.clone()).await);
    }
    let deliverer = world.deliverer();
    for due in world.due().await {
        world.deliver_by(&deliverer, &due).await;
    }
    let mut tried = 0;
    for &job in &jobs {
        let (delivery, attempts) = world.delivery(job).await;
        assert_eq!(delivery.state, DeliveryState::Pending);
        assert!(delivery.due_at > world.now());
        tried += attempts.len();
        let outcomes = attempts
            .iter()
            .all(|a| a.outcome == Some(AttemptOutcome::Connection));
        assert!(outcomes, "{attempts:?}");
    }
    assert_eq!(tried, 10, "a skip is no attempt");
    // What has waited for a day is tried all the same, so that it ends.
    world.parts.clock.advance(DAY + LONG);
    for due in world.due().await {
        world.deliver_by(&deliverer, &due).await;
    }
    for &job in &jobs {
        assert!(!world.delivery(job).await.1.is_empty());
    }
}

#[tokio::test]
async fn a_ping_is_signed_and_what_came_of_it_is_written_down() {
    let mut answer = b"HTTP/1.1 500 Oh\r\ncontent-length: 9000\r\n\r\n".to_vec();
    answer.extend([b'x'; 9000]);
    let mut receiver = Receiver::start(vec![answer]).await;
    let world = with_endpoint(&receiver).await;
    let (store, account) = (&world.parts.store, world.account);
    let (url, dialect) = (receiver.url(), Dialect::IterationLayer);
    let id = store.create_ping(account, &url, dialect, world.now()).await;
    let id = id.unwrap();
    world.send_pings().await;
    let request = receiver.taken().unwrap();
    assert_eq!(request.header("webhook-id"), Some(id.to_string().as_str()));
    let version = standing(&world).await.secret;
    let signature = request.header("webhook-signature").unwrap();
    assert_eq!(signature, expected_signature(&world, &request, version));
    assert_eq!(request.body["api"], "image_generation");
    let record = store
        .read_ping(account, id)
        .await
        .unwrap()
        .unwrap()
        .record
        .unwrap();
    assert_eq!(
        (record.outcome, record.status),
        (AttemptOutcome::Rejected, Some(500))
    );
    assert_eq!(record.excerpt.unwrap().len(), EXCERPT_LIMIT);
    assert_eq!(
        standing(&world).await.failing_since,
        None,
        "a ping is no delivery"
    );
}
