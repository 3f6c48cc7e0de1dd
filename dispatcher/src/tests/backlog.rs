//! More deliveries are due than can be made.

use std::sync::Arc;
use std::time::Duration;

use common::broker::Broker;
use common::credits::Credits;
use common::job::Mode;
use common::store::NewJob;
use tokio::sync::Notify;

use super::world::World;
use crate::scheduler::Scheduler;

/// How many messages the scheduler lets wait.
const ENOUGH: u64 = 2_000;

impl World {
    async fn waiting(&self) -> u64 {
        self.parts.broker.waiting_deliveries().await.unwrap()
    }

    async fn take(&self, count: usize) {
        let mut source = self.parts.broker.deliveries(1);
        for _ in 0..count {
            source.next().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_backlog_waits_in_its_rows_and_is_not_published_again_each_minute() {
    let mut world = World::new().await;
    world.parts.broker = Broker::embedded(4096);
    for _ in 0..ENOUGH + 150 {
        let job = NewJob {
            price: Credits::ZERO,
            ..world.new_job(Mode::Async, Some("http://127.0.0.1:9/".to_owned()))
        };
        let job = world.accept(&job).await;
        world.settle(&world.failure(job)).await;
    }
    let scheduler = Scheduler::new(&world.parts, Arc::new(Notify::new()));
    scheduler.step().await.unwrap();
    assert_eq!(world.waiting().await, ENOUGH);
    // Nobody has taken one, and by now each counts as lost.
    world.parts.clock.advance(Duration::from_mins(2));
    scheduler.step().await.unwrap();
    assert_eq!(world.waiting().await, ENOUGH);
    world.take(300).await;
    scheduler.step().await.unwrap();
    assert_eq!(world.waiting().await, ENOUGH);
    // All of it is published in the end.
    world.take(2_000).await;
    scheduler.step().await.unwrap();
    assert!(world.waiting().await > 0);
}
