//! What waits in the database is published: held jobs once there is room for them, queued ones when
//! nobody else has done it, each three times at most.

use std::time::Duration;

use common::id::JobId;
use common::job::{DeliveryState, FailureKind, JobState, Lane, Mode};
use common::store::Limits;
use futures::FutureExt as _;

use super::receiver::{Receiver, answer};
use super::world::{GRANT, World};

/// The jobs that a renderer could take now.
fn published(world: &World) -> Vec<JobId> {
    let mut source = world.parts.broker.jobs(Lane::Browser, Mode::Async, 16);
    let mut found = Vec::new();
    while let Some(Some(incoming)) = source.next().now_or_never() {
        found.push(incoming.message.job);
    }
    found
}

#[tokio::test]
async fn an_end_lets_the_accounts_next_job_go() {
    let world = World::new().await;
    let limits = Limits {
        in_flight: 1,
        ..Limits::default()
    };
    world
        .parts
        .store
        .set_limits(world.account, limits)
        .await
        .unwrap();
    let first = world.accept(&world.new_job(Mode::Async, None)).await;
    let second = world.accept(&world.new_job(Mode::Async, None)).await;
    assert_eq!(world.job(second).await.state, JobState::Held);
    world.settle(&world.success(first).await).await;
    assert_eq!(published(&world), [second]);
    assert_eq!(world.job(second).await.state, JobState::Published);
}

#[tokio::test]
async fn the_relay_publishes_what_its_gateway_did_not() {
    let world = World::new().await;
    let relay = crate::relay(&world.parts);
    let job = world.accept(&world.new_job(Mode::Async, None)).await;
    relay.publish_queued().await.unwrap();
    assert!(
        published(&world).is_empty(),
        "the gateway still has its claim"
    );
    world.parts.clock.advance(Duration::from_secs(11));
    relay.publish_queued().await.unwrap();
    relay.publish_queued().await.unwrap();
    assert_eq!(published(&world), [job]);
    assert_eq!(world.job(job).await.state, JobState::Published);
}

#[tokio::test]
async fn the_relay_releases_held_jobs_when_nobody_else_does() {
    let world = World::new().await;
    let limits = |in_flight| Limits {
        in_flight,
        ..Limits::default()
    };
    world
        .parts
        .store
        .set_limits(world.account, limits(1))
        .await
        .unwrap();
    world.accept(&world.new_job(Mode::Async, None)).await;
    let held = world.accept(&world.new_job(Mode::Async, None)).await;
    world
        .parts
        .store
        .set_limits(world.account, limits(2))
        .await
        .unwrap();
    crate::relay(&world.parts).release_held().await.unwrap();
    assert_eq!(published(&world)[0], held);
}

/// Killed after its commit, a dispatcher has neither told anybody nor released what the account holds.
#[tokio::test]
async fn what_a_dispatcher_that_died_between_settling_and_release_left_held_is_released() {
    for by_the_message_that_comes_again in [true, false] {
        let world = World::new().await;
        let one = Limits {
            in_flight: 1,
            ..Limits::default()
        };
        let store = &world.parts.store;
        store.set_limits(world.account, one).await.unwrap();
        let running = world.accept(&world.new_job(Mode::Async, None)).await;
        let held = world.accept(&world.new_job(Mode::Async, None)).await;
        let completion = world.success(running).await;
        let (retention, now) = (world.config.retention(), world.parts.clock.now());
        store.settle(&completion, retention, now).await.unwrap();
        assert_eq!(world.job(held).await.state, JobState::Held);
        assert!(published(&world).is_empty());
        if by_the_message_that_comes_again {
            world.settle(&completion).await;
        } else {
            crate::relay(&world.parts).release_held().await.unwrap();
        }
        assert_eq!(published(&world)[0], held);
    }
}

#[tokio::test]
async fn a_job_that_never_finishes_is_an_error_after_three_starts() {
    let receiver = Receiver::start(vec![answer(200)]).await;
    let world = World::new().await;
    let job = world
        .accept(&world.new_job(Mode::Async, Some(receiver.url())))
        .await;
    for start in 1..=3 {
        world.parts.clock.advance(Duration::from_secs(11));
        crate::relay(&world.parts).publish_queued().await.unwrap();
        assert_eq!(published(&world).len(), 1, "start {start}");
        assert_eq!(world.job(job).await.state, JobState::Published);
        crate::recover(&world.parts).await.unwrap();
    }
    let ended = world.job(job).await;
    assert_eq!(
        (ended.state, ended.failure),
        (JobState::Error, Some(FailureKind::Internal))
    );
    assert!(
        ended
            .error
            .unwrap()
            .starts_with("Internal: the job was started three times")
    );
    assert_eq!(world.balance().await, GRANT);
    assert_eq!(world.deliver().await, 1);
    assert_eq!(world.delivery(job).await.0.state, DeliveryState::Delivered);
}
