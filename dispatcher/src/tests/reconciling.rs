//! Jobs that the broker has lost.

use std::time::Duration;

use common::broker::Broker;
use common::credits::Credits;
use common::job::{FailureKind, JobState, Lane, Mode};
use common::message::JobMessage;

use super::world::{GRANT, World};
use crate::reconcile::Repairs;

use common::task::LONGEST_IN_HAND as LONG;

async fn published(world: &World) -> JobMessage {
    world.accept(&world.new_job(Mode::Async, None)).await;
    world.parts.clock.advance(Duration::from_mins(1));
    crate::relay(&world.parts).publish_queued().await.unwrap();
    let mut jobs = world.parts.broker.jobs(Lane::Browser, Mode::Async, 1);
    jobs.next().await.unwrap().message
}

#[tokio::test]
async fn a_lost_job_is_published_again_three_times_and_then_ended_and_refunded() {
    let world = World::new().await;
    let message = published(&world).await;
    let reconciler = world.reconciler();
    let look = async || reconciler.step().await.unwrap();
    for _ in 0..3 {
        assert_eq!(look().await, Repairs::default());
        world
            .parts
            .clock
            .advance(LONG.saturating_sub(Duration::from_secs(1)));
        assert_eq!(look().await, Repairs::default());
        world.parts.clock.advance(Duration::from_secs(1));
        let repairs = look().await;
        assert_eq!((repairs.republished, repairs.given_up), (1, 0));
        crate::relay(&world.parts).publish_queued().await.unwrap();
        let mut jobs = world.parts.broker.jobs(Lane::Browser, Mode::Async, 1);
        let again = jobs.next().await.unwrap().message;
        assert_eq!(again.job, message.job);
        assert!(again.published_at > message.published_at, "it waits anew");
    }
    assert_eq!(world.balance().await, GRANT - Credits::whole(1));
    assert_eq!(look().await, Repairs::default());
    world.parts.clock.advance(LONG);
    let repairs = look().await;
    assert_eq!((repairs.republished, repairs.given_up), (0, 1));
    let job = world.job(message.job).await;
    assert_eq!(
        (job.state, job.failure),
        (JobState::Error, Some(FailureKind::Internal))
    );
    assert_eq!(world.balance().await, GRANT);
    assert_eq!(look().await, Repairs::default());
}

#[tokio::test]
async fn in_a_backlog_nothing_counts_as_lost_nor_soon_after() {
    let world = World::new().await;
    let message = published(&world).await;
    // Another job waits in the same lane: whoever is before it may wait as well.
    let backlog = JobMessage {
        job: common::id::JobId::new(),
        ..message.clone()
    };
    world.parts.broker.publish_job(backlog).await.unwrap();
    let reconciler = world.reconciler();
    let look = async || reconciler.step().await.unwrap();
    world.parts.clock.advance(LONG * 9);
    assert_eq!(look().await, Repairs::default());
    // Whoever was the last in it may be in hand until now.
    let mut jobs = world.parts.broker.jobs(Lane::Browser, Mode::Async, 1);
    jobs.next().await.unwrap();
    let broker: &Broker = &world.parts.broker;
    assert_eq!(broker.waiting(Lane::Browser, Mode::Async).await, Some(0));
    assert_eq!(look().await, Repairs::default());
    // What waits now came later.
    broker.publish_job(message.clone()).await.unwrap();
    world
        .parts
        .clock
        .advance(LONG.saturating_sub(Duration::from_secs(1)));
    assert_eq!(look().await, Repairs::default());
    world.parts.clock.advance(Duration::from_secs(1));
    assert_eq!(look().await.republished, 1);
}
