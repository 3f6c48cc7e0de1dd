use common::clock::Clock;
use common::job::{JobState, Mode};
use common::lifecycle::Lifecycle;

use super::receiver::{Receiver, answer};
use super::world::World;

#[tokio::test]
async fn a_completion_becomes_a_webhook_without_anybody_stepping() {
    let mut receiver = Receiver::start(vec![answer(200)]).await;
    let mut world = World::new().await;
    world.parts.clock = Clock::system();
    let lifecycle = Lifecycle::default();
    crate::start(world.config.clone(), world.parts.clone(), &lifecycle)
        .await
        .unwrap();
    let job = world
        .accept(&world.new_job(Mode::Async, Some(receiver.url())))
        .await;
    let success = world.success(job).await;
    world
        .parts
        .broker
        .publish_completion(success)
        .await
        .unwrap();
    assert_eq!(receiver.next().await.body["jobId"], job.to_string());
    lifecycle.draining.cancel();
    lifecycle.finished().await;
    assert_eq!(world.delivery(job).await.0.attempts, 1);
}

#[tokio::test]
async fn it_is_ready_while_the_database_is_there_and_it_does_not_drain() {
    let world = World::new().await;
    let lifecycle = Lifecycle::default();
    crate::start(world.config.clone(), world.parts.clone(), &lifecycle)
        .await
        .unwrap();
    assert_eq!(lifecycle.health.is_ready().await, Ok(()));
    lifecycle.draining.cancel();
    let complaints = lifecycle.health.is_ready().await.unwrap_err();
    assert_eq!(complaints, ["the dispatcher drains"]);
    lifecycle.finished().await;
    world.parts.store.close().await;
    let complaints = lifecycle.health.is_ready().await.unwrap_err();
    assert_eq!(
        complaints,
        ["the dispatcher drains", "the database is away"]
    );
    assert_eq!(lifecycle.health.is_live().await, Ok(()));
}

#[tokio::test]
async fn what_the_draining_report_is_settled_before_the_end() {
    let world = World::new().await;
    let lifecycle = Lifecycle::default();
    crate::start(world.config.clone(), world.parts.clone(), &lifecycle)
        .await
        .unwrap();
    let job = world.accept(&world.new_job(Mode::Async, None)).await;
    let (broker, draining) = (world.parts.broker.clone(), lifecycle.draining.clone());
    let success = world.success(job).await;
    lifecycle.spawn_essential("renderer", async move {
        draining.cancelled().await;
        broker.publish_completion(success).await.unwrap();
    });
    lifecycle.draining.cancel();
    lifecycle.finished().await;
    assert_eq!(world.job(job).await.state, JobState::Success);
}
