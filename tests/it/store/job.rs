//! Jobs as their owner sees them.

use common::id::{AccountId, JobId};
use common::job::{FailureKind, JobState, Mode};
use common::message::Outcome;
use common::store::Page;

use super::{Bench, START, after, credits, failure, on_both, page, success};

on_both!(
    a_fresh_job_reads_as_it_was_asked_for,
    a_job_that_ended_well_shows_its_result,
    a_job_that_failed_says_why,
    a_job_is_its_owners_alone,
    listings_are_newest_first_and_paged,
    only_an_unfinished_job_is_detached,
    overdue_jobs_are_found_until_they_end,
);

async fn a_fresh_job_reads_as_it_was_asked_for(bench: Bench) {
    let owner = bench.owner(9).await;
    let new = owner.job(Mode::Sync);
    bench.accept_as(&new).await;
    let job = bench.job(owner.account, new.id).await.unwrap().unwrap();
    assert_eq!(
        (job.id, job.account, job.key),
        (new.id, owner.account, owner.key)
    );
    assert_eq!(
        job.key_last4,
        bench.keys(owner.account).await.unwrap()[0].last4
    );
    assert_eq!(
        (job.dialect, job.kind, job.mode),
        (new.dialect, new.kind, new.mode)
    );
    assert_eq!(
        (job.state, job.price, job.created_at),
        (JobState::Queued, credits(1), START)
    );
    assert_eq!(
        (job.params, job.name, job.project_id),
        (new.params, new.name, new.project_id)
    );
    assert_eq!(
        (job.started_at, job.finished_at, job.size),
        (None, None, None)
    );
    assert_eq!(
        (job.worker, job.failure, job.error, job.asset),
        (None, None, None, None)
    );
}

async fn a_job_that_ended_well_shows_its_result(bench: Bench) {
    let owner = bench.owner(9).await;
    let new = owner.job(Mode::Async);
    bench.accept_as(&new).await;
    let run = success(new.id);
    bench.settle_now(&run).await;
    let job = bench.job_by_id(new.id).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.failure, job.error),
        (JobState::Success, None, None)
    );
    assert_eq!(
        (job.started_at, job.finished_at),
        (Some(after(1)), Some(after(3)))
    );
    assert_eq!(
        (job.size, job.worker.as_deref()),
        (Some(1234), Some("worker-1"))
    );
    let asset = job.asset.unwrap();
    assert_eq!(
        (asset.account, asset.job, asset.name),
        (owner.account, new.id, new.name)
    );
    assert_eq!(
        (asset.file_name, asset.inline, asset.listed),
        (new.file_name, true, true)
    );
    assert_eq!((asset.size, asset.project_id), (1234, new.project_id));
    assert_eq!(
        (asset.content_type.as_str(), asset.extension.as_str()),
        ("application/pdf", "pdf")
    );
    let Outcome::Success { artifact, preview } = run.outcome else {
        panic!("not a success");
    };
    assert_eq!((asset.key, asset.preview), (artifact.key, preview));
    assert_eq!(
        (asset.created_at, asset.expires_at),
        (after(5), after(5 + 86_400))
    );

    assert!(bench.forget_asset(asset.id).await.unwrap());
    let job = bench.job_by_id(new.id).await.unwrap().unwrap();
    assert_eq!((job.asset, job.size), (None, Some(1234)));
}

async fn a_job_that_failed_says_why(bench: Bench) {
    let owner = bench.owner(9).await;
    let id = bench.accepted(owner).await;
    bench.settle_now(&failure(id)).await;
    let job = bench.job_by_id(id).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.failure),
        (JobState::Error, Some(FailureKind::Timeout))
    );
    assert_eq!(job.error.as_deref(), Some("Timeout: too slow"));
    assert_eq!((job.asset, job.size), (None, None));
}

async fn a_job_is_its_owners_alone(bench: Bench) {
    let (owner, other) = (bench.owner(9).await, bench.owner(9).await);
    let id = bench.accepted(owner).await;
    assert!(bench.job(owner.account, id).await.unwrap().is_some());
    assert_eq!(bench.job(other.account, id).await.unwrap(), None);
    assert_eq!(bench.jobs(other.account, &page(9)).await.unwrap(), []);
    assert_eq!(bench.job_by_id(JobId::new()).await.unwrap(), None);
    assert_eq!(bench.jobs(AccountId::new(), &page(9)).await.unwrap(), []);
}

async fn listings_are_newest_first_and_paged(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, bench.accepted(owner).await);
    }
    let check = async |page: Page, expected: &[JobId]| {
        let jobs = bench.jobs(owner.account, &page).await.unwrap();
        assert_eq!(
            jobs.iter().map(|job| job.id).collect::<Vec<_>>(),
            expected,
            "{page:?}"
        );
    };
    check(page(9), &ids).await;
    check(page(2), &ids[..2]).await;
    check(page(0), &[]).await;
    check(
        Page {
            offset: 3,
            ..page(9)
        },
        &ids[3..],
    )
    .await;
    let start_after = Some(ids[1].to_string());
    check(
        Page {
            start_after: start_after.clone(),
            ..page(2)
        },
        &ids[2..4],
    )
    .await;
    check(
        Page {
            start_after,
            offset: 1,
            ..page(9)
        },
        &ids[3..],
    )
    .await;
    check(
        Page {
            start_after: Some(ids[4].to_string()),
            ..page(9)
        },
        &[],
    )
    .await;
    check(
        Page {
            offset: u32::MAX,
            ..page(u32::MAX)
        },
        &[],
    )
    .await;
}

async fn only_an_unfinished_job_is_detached(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accept_as(&owner.job(Mode::Sync)).await;
    assert!(bench.detach(job).await.unwrap());
    assert!(bench.detach(job).await.unwrap());
    bench.succeeded(job).await;
    assert!(!bench.detach(job).await.unwrap());
    assert!(!bench.detach(JobId::new()).await.unwrap());
}

async fn overdue_jobs_are_found_until_they_end(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut jobs = Vec::new();
    for seconds in [30, 20, 10] {
        let mut job = owner.job(Mode::Async);
        job.expires_at = after(seconds);
        jobs.push(bench.accept_as(&job).await);
    }
    assert_eq!(bench.overdue(after(9), 9).await.unwrap(), []);
    assert_eq!(
        bench.overdue(after(20), 9).await.unwrap(),
        [jobs[2], jobs[1]]
    );
    assert_eq!(bench.overdue(after(30), 1).await.unwrap(), [jobs[2]]);
    bench
        .fail(jobs[2], FailureKind::Expired, "Expired", after(30))
        .await
        .unwrap();
    assert_eq!(
        bench.overdue(after(30), 9).await.unwrap(),
        [jobs[1], jobs[0]]
    );
}
