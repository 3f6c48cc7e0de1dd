//! Jobs that were published and never came back.

use common::job::{JobState, Lane, Mode};

use super::{Bench, START, after, failure, on_both};

on_both!(
    a_job_is_stuck_once_it_was_published_long_ago,
    a_job_is_put_back_once_for_each_time_it_was_found,
);

async fn a_job_is_stuck_once_it_was_published_long_ago(bench: Bench) {
    let owner = bench.owner(9).await;
    let [queued, published, ended] = [
        bench.accepted(owner).await,
        bench.accepted(owner).await,
        bench.accepted(owner).await,
    ];
    for job in [published, ended] {
        assert!(bench.mark_published(job, after(10)).await.unwrap());
    }
    bench.settle_now(&failure(ended)).await;
    let stuck = async |lane, mode, before| {
        let found = bench.stuck_jobs(lane, mode, before, 9).await.unwrap();
        found.iter().map(|stuck| stuck.job).collect::<Vec<_>>()
    };
    assert_eq!(stuck(Lane::Browser, Mode::Async, after(9)).await, []);
    assert_eq!(
        stuck(Lane::Browser, Mode::Async, after(10)).await,
        [published]
    );
    assert_eq!(stuck(Lane::Native, Mode::Async, after(10)).await, []);
    assert_eq!(stuck(Lane::Browser, Mode::Sync, after(10)).await, []);
    assert_eq!(bench.state(queued).await, JobState::Queued);
}

async fn a_job_is_put_back_once_for_each_time_it_was_found(bench: Bench) {
    let job = bench.accepted(bench.owner(9).await).await;
    assert!(bench.mark_published(job, START).await.unwrap());
    let find = async |before| {
        let found = bench.stuck_jobs(Lane::Browser, Mode::Async, before, 9);
        found.await.unwrap().pop()
    };
    let stuck = find(after(60)).await.unwrap();
    assert_eq!(stuck.republished, 0);
    // Two dispatchers found the same.
    assert!(bench.republish(&stuck, after(60), after(60)).await.unwrap());
    assert!(!bench.republish(&stuck, after(60), after(60)).await.unwrap());
    assert_eq!(bench.relay_all(after(61)).await.len(), 1);
    assert!(bench.mark_published(job, after(61)).await.unwrap());
    assert!(!bench.republish(&stuck, after(60), after(60)).await.unwrap());
    assert_eq!(find(after(60)).await, None);
    assert_eq!(find(after(61)).await.unwrap().republished, 1);
}
