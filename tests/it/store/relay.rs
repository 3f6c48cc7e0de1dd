//! The outbox: every queued job is given to one relay at a time.

use std::collections::BTreeSet;

use common::id::{AccountId, JobId};
use common::job::{JobState, Mode};
use common::message::JobMessage;
use common::store::Limits;

use super::{Bench, START, after, jobs_of, on_both, success};

on_both!(
    a_job_is_its_acceptors_for_ten_seconds,
    the_oldest_are_claimed_first,
    a_claim_lasts_ten_seconds,
    two_relays_never_claim_the_same_job,
    a_published_job_is_not_claimed_again,
    release_fills_the_cap_with_the_oldest_held_jobs,
    two_releases_at_once_fill_the_cap_once,
    a_higher_cap_lets_more_go,
);

async fn a_job_is_its_acceptors_for_ten_seconds(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = owner.job(Mode::Sync);
    bench.accept_as(&job).await;
    assert_eq!(bench.relay_all(after(9)).await, []);
    let message = JobMessage {
        job: job.id,
        account: owner.account,
        lane: job.lane,
        mode: job.mode,
        task: job.task.clone(),
        expires_at: job.expires_at,
        trace: job.trace,
        published_at: None,
    };
    assert_eq!(bench.relay_all(after(10)).await, [message]);
}

async fn the_oldest_are_claimed_first(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(bench.accepted(owner).await);
    }
    let first = bench.claim_queued(2, after(10)).await.unwrap();
    assert_eq!(jobs_of(&first), jobs[..2]);
    assert_eq!(
        jobs_of(&bench.claim_queued(2, after(10)).await.unwrap()),
        jobs[2..]
    );
}

async fn a_claim_lasts_ten_seconds(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    assert_eq!(jobs_of(&bench.relay_all(after(10)).await), [job]);
    assert_eq!(bench.relay_all(after(19)).await, []);
    assert_eq!(jobs_of(&bench.relay_all(after(20)).await), [job]);
}

async fn two_relays_never_claim_the_same_job(bench: Bench) {
    let owner = bench.capped(100).await;
    let mut jobs = BTreeSet::new();
    for _ in 0..20 {
        jobs.insert(bench.accepted(owner).await);
    }
    let claims = (0..4).map(|_| bench.claim_queued(20, after(10)));
    let claimed: Vec<JobId> = futures::future::try_join_all(claims)
        .await
        .unwrap()
        .iter()
        .flat_map(|messages| jobs_of(messages))
        .collect();
    assert_eq!(claimed.len(), 20);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), jobs);
}

async fn a_published_job_is_not_claimed_again(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    assert!(bench.mark_published(job, START).await.unwrap());
    assert!(!bench.mark_published(job, START).await.unwrap());
    assert!(!bench.mark_published(JobId::new(), START).await.unwrap());
    assert_eq!(bench.state(job).await, JobState::Published);
    assert_eq!(bench.relay_all(after(3600)).await, []);
    bench.settle_now(&success(job)).await;
    assert!(!bench.mark_published(job, START).await.unwrap());
}

async fn release_fills_the_cap_with_the_oldest_held_jobs(bench: Bench) {
    let owner = bench.capped(2).await;
    let mut jobs = Vec::new();
    for _ in 0..5 {
        jobs.push(bench.accepted(owner).await);
    }
    assert_eq!(bench.accounts_with_held().await.unwrap(), [owner.account]);
    assert_eq!(bench.release(owner.account, START).await.unwrap(), []);
    assert!(bench.mark_published(jobs[0], START).await.unwrap());
    assert_eq!(bench.release(owner.account, START).await.unwrap(), []);

    bench.succeeded(jobs[0]).await;
    let released = bench.release(owner.account, after(1)).await.unwrap();
    assert_eq!(jobs_of(&released), [jobs[2]]);
    assert_eq!(bench.state(jobs[2]).await, JobState::Queued);
    // It is the releaser's to publish, like an accepted one.
    assert!(!jobs_of(&bench.relay_all(after(10)).await).contains(&jobs[2]));
    assert!(jobs_of(&bench.relay_all(after(11)).await).contains(&jobs[2]));

    bench.succeeded(jobs[1]).await;
    bench.succeeded(jobs[2]).await;
    let released = bench.release(owner.account, after(1)).await.unwrap();
    assert_eq!(jobs_of(&released), jobs[3..]);
    assert_eq!(bench.accounts_with_held().await.unwrap(), []);
    assert_eq!(bench.release(AccountId::new(), START).await.unwrap(), []);
}

async fn two_releases_at_once_fill_the_cap_once(bench: Bench) {
    for _ in 0..5 {
        let owner = bench.capped(1).await;
        let first = bench.accepted(owner).await;
        let second = bench.accepted(owner).await;
        bench.accepted(owner).await;
        bench.succeeded(first).await;
        let releases = (0..4).map(|_| bench.release(owner.account, START));
        let released: Vec<JobId> = futures::future::try_join_all(releases)
            .await
            .unwrap()
            .iter()
            .flat_map(|messages| jobs_of(messages))
            .collect();
        assert_eq!(released, [second]);
    }
}

async fn a_higher_cap_lets_more_go(bench: Bench) {
    let owner = bench.capped(1).await;
    for _ in 0..4 {
        bench.accepted(owner).await;
    }
    let limits = Limits {
        in_flight: 3,
        ..Limits::default()
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    assert_eq!(bench.release(owner.account, START).await.unwrap().len(), 2);
    // A lower one takes nothing back.
    let limits = Limits {
        in_flight: 1,
        ..Limits::default()
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    assert_eq!(bench.release(owner.account, START).await.unwrap(), []);
}
