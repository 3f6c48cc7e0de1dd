//! Old jobs are forgotten, and what counts of them is kept.

use std::time::Duration;

use common::clock::Timestamp;
use common::id::JobId;
use common::job::{FailureKind, JobState, Mode};
use common::store::{Next, Page};

use super::lease::{leased, rejected};
use super::{Bench, Owner, START, after, credits, on_both, page};

on_both!(
    an_old_job_goes_with_its_deliveries_and_the_books_stay,
    what_is_still_needed_keeps_its_job,
    many_jobs_go_in_several_batches,
);

/// Long after everything.
const LATE: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// A job that has ended badly at `after(9)`, without a webhook.
async fn failed(bench: &Bench, owner: Owner) -> JobId {
    let job = bench.accepted(owner).await;
    let end = bench.fail(job, FailureKind::Expired, "Expired", after(9));
    end.await.unwrap();
    job
}

/// A job that has ended well, whose webhook was given up after one attempt.
async fn delivered_in_vain(bench: &Bench, owner: Owner) -> JobId {
    let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    let delivery = bench.succeeded(job).await.delivery.unwrap();
    let leased = leased(bench, delivery, 1, after(6)).await;
    let record = rejected();
    let finished = bench.finish(&leased, &record, Next::Failed, after(7));
    assert!(finished.await.unwrap());
    job
}

async fn forget_asset(bench: &Bench, job: JobId) {
    let asset = bench.job_by_id(job).await.unwrap().unwrap().asset.unwrap();
    assert!(bench.forget_asset(asset.id).await.unwrap());
}

async fn an_old_job_goes_with_its_deliveries_and_the_books_stay(bench: Bench) {
    let owner = bench.owner(9).await;
    let well = delivered_in_vain(&bench, owner).await;
    let badly = failed(&bench, owner).await;
    let open = bench.accepted(owner).await;
    forget_asset(&bench, well).await;
    let delivery = bench.deliveries(well).await.unwrap()[0].id;
    let (ledger, counters) = (
        bench.ledger(owner.account).await.unwrap(),
        bench.counters(owner.account).await.unwrap(),
    );
    assert_eq!((ledger.len(), counters.total), (5, 3));

    // The first has ended at 3 s, the second at 9 s.
    assert_eq!(
        bench
            .forget_jobs(after(3) - Duration::from_micros(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(bench.forget_jobs(after(3)).await.unwrap(), 1);
    assert_eq!(bench.job_by_id(well).await.unwrap(), None);
    assert_eq!(bench.job(owner.account, well).await.unwrap(), None);
    assert_eq!(bench.deliveries(well).await.unwrap(), []);
    assert_eq!(bench.attempts(delivery).await.unwrap(), []);
    assert_eq!(bench.state(badly).await, JobState::Error);
    assert_eq!(bench.forget_jobs(LATE).await.unwrap(), 1);
    assert_eq!(bench.forget_jobs(LATE).await.unwrap(), 0);

    assert_eq!(bench.ledger(owner.account).await.unwrap(), ledger);
    assert_eq!(
        bench.balance(owner).await,
        ledger.iter().map(|entry| entry.amount).sum()
    );
    assert_eq!(bench.balance(owner).await, credits(7));
    assert_eq!(bench.counters(owner.account).await.unwrap(), counters);
    // Listings go on, also from a job that is gone.
    let ids = async |page: Page| -> Vec<JobId> {
        let jobs = bench.jobs(owner.account, &page).await.unwrap();
        jobs.iter().map(|job| job.id).collect()
    };
    assert_eq!(ids(page(9)).await, [open]);
    let from = |job: JobId| Page {
        start_after: Some(job.to_string()),
        ..page(9)
    };
    assert_eq!(ids(from(open)).await, []);
    assert_eq!(ids(from(badly)).await, []);
    let mut last = owner.job(Mode::Async);
    last.price = credits(7);
    bench.accept(&last, START).await.unwrap();
    assert_eq!(bench.balance(owner).await, credits(0));
}

async fn what_is_still_needed_keeps_its_job(bench: Bench) {
    let owner = bench.owner(9).await;
    let running = bench.accepted(owner).await;
    let with_asset = delivered_in_vain(&bench, owner).await;
    let job = owner.job_with_webhook(Mode::Async);
    let with_delivery = bench.accept_as(&job).await;
    let delivery = bench.succeeded(with_delivery).await.delivery.unwrap();
    forget_asset(&bench, with_delivery).await;

    assert_eq!(bench.forget_jobs(LATE).await.unwrap(), 0);
    assert_eq!(bench.state(running).await, JobState::Queued);
    forget_asset(&bench, with_asset).await;
    assert_eq!(bench.forget_jobs(LATE).await.unwrap(), 1);
    assert_eq!(bench.job_by_id(with_asset).await.unwrap(), None);
    let leased = leased(&bench, delivery, 1, after(6)).await;
    assert_eq!(bench.forget_jobs(LATE).await.unwrap(), 0);
    let record = rejected();
    let finished = bench.finish(&leased, &record, Next::Delivered, after(7));
    assert!(finished.await.unwrap());
    assert_eq!(bench.forget_jobs(LATE).await.unwrap(), 1);
    assert_eq!(bench.job_by_id(with_delivery).await.unwrap(), None);
    assert_eq!(bench.state(running).await, JobState::Queued);
}

async fn many_jobs_go_in_several_batches(bench: Bench) {
    const JOBS: usize = 510;
    let owner = bench.owner(1000).await;
    for _ in 0..JOBS {
        failed(&bench, owner).await;
    }
    let batches = [
        bench.forget_jobs(LATE).await.unwrap(),
        bench.forget_jobs(LATE).await.unwrap(),
        bench.forget_jobs(LATE).await.unwrap(),
    ];
    assert_eq!(batches, [500, 10, 0]);
    assert_eq!(bench.jobs(owner.account, &page(9)).await.unwrap(), []);
    assert_eq!(
        bench.ledger(owner.account).await.unwrap().len(),
        1 + 2 * JOBS
    );
    assert_eq!(bench.balance(owner).await, credits(1000));
}
