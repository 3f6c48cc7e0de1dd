//! More deliveries are due than can be made.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use common::broker::Broker;
use common::credits::Credits;
use common::id::DeliveryId;
use common::job::Mode;
use common::store::NewJob;
use tokio::sync::Notify;

use super::world::World;
use crate::scheduler::Scheduler;

/// How many messages the scheduler lets wait.
const ENOUGH: usize = 500;

/// As many as a queue of `platen serve` holds.
const CAPACITY: usize = 1024;

impl World {
    async fn waiting(&self) -> usize {
        let waiting = self.parts.broker.waiting_deliveries().await;
        waiting.unwrap().try_into().unwrap()
    }

    /// Takes all that wait, and makes no attempt.
    async fn taken(&self) -> HashSet<DeliveryId> {
        let mut source = self.parts.broker.deliveries(1);
        let mut taken = HashSet::new();
        for _ in 0..self.waiting().await {
            taken.insert(source.next().await.unwrap().message.delivery);
        }
        taken
    }
}

#[tokio::test]
async fn a_backlog_waits_in_its_rows_and_is_not_published_again_each_minute() {
    let mut world = World::new().await;
    world.parts.broker = Broker::embedded(CAPACITY);
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
    let mut published = world.taken().await;
    assert_eq!(published.len(), ENOUGH, "each once");
    // Once those are lost indeed, they come again, and then the rest.
    for _ in 0..2 {
        scheduler.step().await.unwrap();
        published.extend(world.taken().await);
    }
    assert_eq!(published.len(), ENOUGH + 150);
}
