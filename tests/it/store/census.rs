//! What there is to do, counted for operators.

use common::job::{JobState, Lane, Mode};
use common::store::{Crowd, NewJob, OpenDeliveries};

use super::endpoint::set_and_off;
use super::{Bench, START, after, failure, on_both};

on_both!(
    open_jobs_are_counted_by_lane_mode_and_state_with_the_age_of_the_oldest,
    open_deliveries_are_counted_up_to_a_limit,
);

async fn open_jobs_are_counted_by_lane_mode_and_state_with_the_age_of_the_oldest(bench: Bench) {
    assert_eq!(bench.open_crowds().await.unwrap(), []);
    let owner = bench.capped(2).await;
    let [first, second] = [bench.accepted(owner).await, bench.accepted(owner).await];
    bench.accepted(owner).await;
    let native = NewJob {
        lane: Lane::Native,
        ..owner.job(Mode::Sync)
    };
    bench.accept(&native, after(7)).await.unwrap();
    assert!(bench.mark_published(first, after(20)).await.unwrap());
    assert!(bench.mark_published(second, after(10)).await.unwrap());
    let crowd = |lane, mode, state, jobs, since| Crowd {
        lane,
        mode,
        state,
        jobs,
        since,
    };
    let sorted = async || {
        let mut crowds = bench.open_crowds().await.unwrap();
        crowds.sort_by_key(|crowd| (crowd.lane, crowd.state));
        crowds
    };
    let waits = crowd(Lane::Native, Mode::Sync, JobState::Queued, 1, after(7));
    let held = crowd(Lane::Browser, Mode::Async, JobState::Held, 1, START);
    let (lane, mode, state) = (Lane::Browser, Mode::Async, JobState::Published);
    let published = crowd(lane, mode, state, 2, after(10));
    assert_eq!(sorted().await, [held, published, waits]);
    bench.settle_now(&failure(second)).await;
    let left = crowd(lane, mode, state, 1, after(20));
    assert_eq!(sorted().await, [held, left, waits]);
}

async fn open_deliveries_are_counted_up_to_a_limit(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut deliveries = Vec::new();
    for _ in 0..3 {
        let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
        deliveries.extend(bench.succeeded(job).await.delivery);
    }
    let counted = async |limit| bench.open_deliveries(limit).await.unwrap();
    let open = |open, parked| OpenDeliveries { open, parked };
    assert_eq!(counted(9).await, open(3, 0));
    assert_eq!(counted(2).await, open(2, 0));
    set_and_off(&bench, owner).await;
    let parked = bench.park(deliveries[0], after(60), after(6)).await;
    assert!(parked.unwrap());
    assert_eq!(counted(9).await, open(3, 1));
}
