use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use common::egress::Policy;
use common::job::{AttemptOutcome, DeliveryState, Mode};
use common::store::{Attempt, LeaseRequest};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::receiver::{Receiver, answer};
use super::world::{START, World};

/// Longer than every step of the default schedule.
const LONG: Duration = Duration::from_hours(2);

fn outcomes(attempts: &[Attempt]) -> Vec<AttemptOutcome> {
    attempts
        .iter()
        .map(|attempt| attempt.outcome.unwrap())
        .collect()
}

/// Delivers to one endpoint until nothing more is due, and gives the end.
async fn delivered_to(answers: Vec<Vec<u8>>) -> (DeliveryState, Vec<Attempt>) {
    let receiver = Receiver::start(answers).await;
    let world = World::new().await;
    let job = world.succeeded(receiver.url()).await;
    while world.deliver().await > 0 {
        world.parts.clock.advance(LONG);
    }
    let (delivery, attempts) = world.delivery(job).await;
    (delivery.state, attempts)
}

#[tokio::test]
async fn a_success_is_told_once_with_its_payload_and_headers() {
    let mut receiver = Receiver::start(vec![answer(200)]).await;
    let world = World::new().await;
    let job = world.succeeded(receiver.url()).await;
    assert_eq!(world.deliver().await, 1);

    let request = receiver.taken().unwrap();
    assert!(
        request.head.starts_with("POST /hook HTTP/1.1"),
        "{}",
        request.head
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    let agent = format!("Platen/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(agent.as_str()));
    let (delivery, attempts) = world.delivery(job).await;
    assert_eq!(
        request.header("webhook-id"),
        Some(delivery.id.to_string().as_str())
    );
    assert_eq!(request.header("webhook-timestamp"), Some("1705314600"));
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(request.body["jobId"], json!(job));
    assert_eq!(request.body["status"], json!("success"));
    let url = request.body["assetUrl"].as_str().unwrap();
    assert!(
        url.starts_with("https://pdf.example.com/assets/ast_"),
        "{url}"
    );

    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!(outcomes(&attempts), [AttemptOutcome::Delivered]);
    world.parts.clock.advance(LONG);
    assert_eq!(world.deliver().await, 0);
}

#[tokio::test]
async fn a_failure_is_told_with_the_customers_text() {
    let mut receiver = Receiver::start(vec![answer(200)]).await;
    let world = World::new().await;
    let job = world
        .accept(&world.new_job(Mode::Async, Some(receiver.url())))
        .await;
    world.settle(&world.failure(job)).await;
    assert_eq!(world.deliver().await, 1);
    let body = receiver.taken().unwrap().body;
    assert_eq!(body["status"], json!("error"));
    assert_eq!(
        body["error"],
        json!("Timeout: page took longer than 30000ms to load")
    );
    assert_eq!(body.get("assetUrl"), None);
}

#[tokio::test]
async fn an_endpoint_that_keeps_failing_gets_four_attempts_with_growing_pauses() {
    let mut receiver = Receiver::start(vec![answer(500)]).await;
    let world = World::new().await;
    let job = world.succeeded(receiver.url()).await;
    for seconds in [15, 300, 3600] {
        assert_eq!(world.deliver().await, 1);
        let step = Duration::from_secs(seconds);
        world.parts.clock.advance(step.mul_f64(0.79));
        assert_eq!(world.deliver().await, 0, "before {seconds} s");
        world.parts.clock.advance(step.mul_f64(0.42));
    }
    assert_eq!(world.deliver().await, 1);
    world.parts.clock.advance(LONG);
    assert_eq!(world.deliver().await, 0);

    let (delivery, attempts) = world.delivery(job).await;
    assert_eq!(delivery.state, DeliveryState::Failed);
    assert_eq!(outcomes(&attempts), [AttemptOutcome::Rejected; 4]);
    assert_eq!(attempts[3].status, Some(500));
    let store = &world.parts.store;
    let dead = store.count_dead_letters(world.account, START).await;
    assert_eq!(dead.unwrap(), 1);
    let requests = std::iter::from_fn(|| receiver.taken()).count();
    assert_eq!(requests, 4);
}

#[tokio::test]
async fn an_endpoint_that_recovers_gets_no_further_attempt() {
    let (state, attempts) = delivered_to(vec![answer(503), answer(404), answer(200)]).await;
    assert_eq!(state, DeliveryState::Delivered);
    let expected = [
        AttemptOutcome::Rejected,
        AttemptOutcome::Rejected,
        AttemptOutcome::Delivered,
    ];
    assert_eq!(outcomes(&attempts), expected);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_201_is_no_success() {
    let redirect = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let (_, attempts) = delivered_to(vec![redirect.to_vec(), answer(201), answer(200)]).await;
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(302), Some(201), Some(200)]);
}

#[tokio::test]
async fn a_huge_answer_is_cut() {
    let mut huge = b"HTTP/1.1 500 Oh\r\ncontent-length: 100000000\r\n\r\n".to_vec();
    huge.extend(vec![b'x'; 1_000_000]);
    let (_, attempts) = delivered_to(vec![huge, answer(200)]).await;
    assert_eq!(attempts[0].excerpt.as_deref().map(str::len), Some(4096));
}

#[tokio::test]
async fn an_endpoint_that_stalls_is_a_timeout() {
    let receiver = Receiver::start(vec![Vec::new()]).await;
    let mut world = World::new().await;
    world.config.webhook_timeout = Duration::from_millis(100);
    let job = world.succeeded(receiver.url()).await;
    world.deliver().await;
    let (delivery, attempts) = world.delivery(job).await;
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(outcomes(&attempts), [AttemptOutcome::Timeout]);
}

#[tokio::test]
async fn an_address_that_is_not_open_is_never_called() {
    let mut receiver = Receiver::start(vec![answer(200)]).await;
    let world = World::with(Policy::default()).await;
    for scheme in ["http", "https"] {
        let job = world
            .succeeded(format!("{scheme}://{}/", receiver.address))
            .await;
        world.deliver().await;
        let (_, attempts) = world.delivery(job).await;
        assert_eq!(outcomes(&attempts), [AttemptOutcome::Refused]);
        let error = attempts[0].error.as_deref().unwrap();
        assert!(error.contains("--allow-network"), "{error}");
    }
    assert!(receiver.taken().is_none());
}

#[tokio::test]
async fn two_workers_with_the_same_message_send_once() {
    let mut receiver = Receiver::start(vec![answer(200)]).await;
    let world = World::new().await;
    let job = world.succeeded(receiver.url()).await;
    let due = world.due().await;
    let (one, two) = (world.deliverer(), world.deliverer());
    let stop = CancellationToken::new();
    tokio::join!(one.deliver(&due[0], &stop), two.deliver(&due[0], &stop));
    one.deliver(&due[0], &stop).await;
    assert!(receiver.taken().is_some());
    assert!(receiver.taken().is_none());
    assert_eq!(world.delivery(job).await.1.len(), 1);
}

#[tokio::test]
async fn an_attempt_that_a_crash_cut_off_costs_no_retry() {
    let receiver = Receiver::start(vec![answer(500)]).await;
    let world = World::new().await;
    let job = world.succeeded(receiver.url()).await;
    let due = world.due().await;
    let lease = Duration::from_secs(45);
    let request = LeaseRequest {
        delivery: due[0].delivery,
        attempt: due[0].attempt,
        lease_for: lease,
    };
    let leased = world.parts.store.lease(&[request], world.now()).await;
    assert!(leased.unwrap()[0].is_some());
    assert_eq!(world.deliver().await, 0, "another worker has it");
    world.parts.clock.advance(LONG);
    while world.deliver().await > 0 {
        world.parts.clock.advance(LONG);
    }
    let (delivery, attempts) = world.delivery(job).await;
    assert_eq!(delivery.state, DeliveryState::Failed);
    let mut expected = vec![AttemptOutcome::Interrupted];
    expected.extend([AttemptOutcome::Rejected; 4]);
    assert_eq!(outcomes(&attempts), expected);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_keeps_no_place_of_the_others() {
    let mut silent = Receiver::start(vec![Vec::new()]).await;
    let mut quick = Receiver::start(vec![answer(200)]).await;
    let mut world = World::new().await;
    world.config.webhook_concurrency = NonZeroUsize::new(64).unwrap();
    let [first, second] = [
        world.succeeded(silent.url()).await,
        world.succeeded(silent.url()).await,
    ];
    let third = world.succeeded(quick.url()).await;
    let due = world.due().await;
    let deliverer = Arc::new(world.deliverer());
    let stop = CancellationToken::new();
    let hanging = tokio::spawn({
        let (deliverer, stop, due) = (Arc::clone(&deliverer), stop.clone(), due[0].clone());
        async move { deliverer.deliver(&due, &stop).await }
    });
    silent.next().await;
    for due in &due[1..] {
        deliverer.deliver(due, &stop).await;
    }
    assert!(quick.taken().is_some());
    let (delivery, attempts) = world.delivery(second).await;
    assert!(delivery.due_at > world.now() && attempts.is_empty());
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(
        world.delivery(third).await.0.state,
        DeliveryState::Delivered
    );
    assert_eq!(world.delivery(first).await.1.len(), 1);
    hanging.abort();
    assert!(hanging.await.is_err());
    // It comes again, and finds the place free.
    world.parts.clock.advance(LONG);
    let again = world.due().await;
    assert!(again.iter().any(|due| due.delivery == delivery.id));
}
