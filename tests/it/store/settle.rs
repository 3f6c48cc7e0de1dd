//! Settling: once, with everything that follows.

use common::broker::Route;
use common::id::JobId;
use common::job::{EntryKind, FailureKind, JobState, Mode};
use common::store::{Final, Limits, NewJob, Settlement};

use super::{Bench, Owner, START, after, credits, failure, on_both, settled, success};

on_both!(
    a_success_is_kept_and_paid_for,
    a_failure_is_refunded_once,
    a_duplicate_changes_nothing_and_repeats_the_announcements,
    a_late_success_does_not_revive_a_failed_job,
    an_unknown_job_settles_nothing,
    of_runs_that_end_at_once_one_wins,
    a_held_job_can_fail_while_held_jobs_are_released,
    the_task_is_erased,
    a_webhook_fires_for_asynchronous_and_detached_jobs_alone,
    a_mark_that_comes_too_late_makes_the_webhook_due_once,
    the_requests_own_webhook_wins_over_the_accounts,
    without_an_address_there_is_no_delivery,
);

async fn entries(bench: &Bench, owner: Owner, kind: EntryKind) -> usize {
    let ledger = bench.ledger(owner.account).await.unwrap();
    ledger.iter().filter(|entry| entry.kind == kind).count()
}

async fn a_success_is_kept_and_paid_for(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = owner.job(Mode::Sync);
    bench.accept_as(&job).await;
    assert!(bench.mark_published(job.id, START).await.unwrap());
    let end = settled(bench.settle_now(&success(job.id)).await);
    let expected = Final {
        job: job.id,
        account: owner.account,
        state: JobState::Success,
        mode: Mode::Sync,
        route: Some(Route("settled.one.1".into())),
        delivery: None,
        inputs: job.inputs,
    };
    assert_eq!(end, expected);
    assert_eq!(bench.state(job.id).await, JobState::Success);
    assert_eq!(bench.balance(owner).await, credits(8));
    assert_eq!(entries(&bench, owner, EntryKind::Refund).await, 0);
}

async fn a_failure_is_refunded_once(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    assert_eq!(bench.balance(owner).await, credits(8));
    let end = settled(bench.settle_now(&failure(job)).await);
    assert_eq!((end.state, end.inputs.len()), (JobState::Error, 1));
    for _ in 0..2 {
        let again = bench.settle_now(&failure(job)).await;
        assert!(
            matches!(
                again,
                Settlement::Repeated {
                    state: JobState::Error,
                    ..
                }
            ),
            "{again:?}"
        );
        bench
            .fail(job, FailureKind::Expired, "Expired", after(9))
            .await
            .unwrap();
    }
    assert_eq!(bench.balance(owner).await, credits(9));
    assert_eq!(entries(&bench, owner, EntryKind::Refund).await, 1);
    assert_eq!(
        bench.job_by_id(job).await.unwrap().unwrap().failure,
        Some(FailureKind::Timeout)
    );
}

async fn a_duplicate_changes_nothing_and_repeats_the_announcements(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    let (first, second) = (success(job), success(job));
    let end = settled(bench.settle_now(&first).await);
    assert!(end.delivery.is_some());
    let before = bench.job_by_id(job).await.unwrap();
    for late in [&second, &failure(job), &first] {
        let repeated = bench.settle_now(late).await;
        let expected = Settlement::Repeated {
            state: JobState::Success,
            winner: Some(first.run),
            final_: end.clone(),
        };
        assert_eq!(repeated, expected);
    }
    assert_eq!(bench.job_by_id(job).await.unwrap(), before);
    assert_eq!(bench.deliveries(job).await.unwrap().len(), 1);
    assert_eq!(bench.counters(owner.account).await.unwrap().success, 1);
}

async fn a_late_success_does_not_revive_a_failed_job(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    let failed = bench
        .fail(job, FailureKind::Internal, "Internal: gone", after(2))
        .await
        .unwrap();
    assert_eq!(settled(failed).state, JobState::Error);
    let late = bench.settle_now(&success(job)).await;
    assert!(
        matches!(late, Settlement::Repeated { winner: None, .. }),
        "{late:?}"
    );
    let job = bench.job_by_id(job).await.unwrap().unwrap();
    assert_eq!((job.state, job.asset), (JobState::Error, None));
    assert_eq!(
        (job.failure, job.error.as_deref()),
        (Some(FailureKind::Internal), Some("Internal: gone"))
    );
    assert_eq!((job.started_at, job.finished_at), (None, Some(after(2))));
    assert_eq!(bench.balance(owner).await, credits(9));
}

async fn an_unknown_job_settles_nothing(bench: Bench) {
    let unknown = JobId::new();
    assert_eq!(
        bench.settle_now(&success(unknown)).await,
        Settlement::NoSuchJob
    );
    let failed = bench
        .fail(unknown, FailureKind::Internal, "", START)
        .await
        .unwrap();
    assert_eq!(failed, Settlement::NoSuchJob);
}

async fn of_runs_that_end_at_once_one_wins(bench: Bench) {
    for round in 0..8 {
        let owner = bench.owner(9).await;
        let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
        let runs = [success(job), failure(job), success(job), failure(job)];
        let racing = runs.iter().map(|run| bench.settle_now(run));
        let ends = futures::future::join_all(racing).await;
        let won: Vec<_> = ends
            .iter()
            .zip(&runs)
            .filter(|(end, _)| matches!(end, Settlement::Settled(_)))
            .map(|(_, run)| run.run)
            .collect();
        assert_eq!(won.len(), 1, "round {round}: {ends:?}");
        for end in &ends {
            if let Settlement::Repeated { winner, .. } = end {
                assert_eq!(*winner, Some(won[0]));
            }
        }
        let failed = usize::from(bench.state(job).await == JobState::Error);
        assert_eq!(entries(&bench, owner, EntryKind::Refund).await, failed);
        assert_eq!(bench.deliveries(job).await.unwrap().len(), 1);
    }
}

async fn a_held_job_can_fail_while_held_jobs_are_released(bench: Bench) {
    for _ in 0..5 {
        let owner = bench.capped(1).await;
        let mut jobs = Vec::new();
        for _ in 0..20 {
            jobs.push(bench.accepted(owner).await);
        }
        assert!(
            bench
                .set_limits(owner.account, Limits::default())
                .await
                .unwrap()
        );
        let releasing = bench.release(owner.account, START);
        let failing = jobs
            .iter()
            .rev()
            .map(|&job| bench.fail(job, FailureKind::Expired, "Expired", after(9)));
        let (released, failed) = tokio::join!(releasing, futures::future::try_join_all(failing));
        assert!(released.unwrap().len() <= 16);
        failed
            .unwrap()
            .into_iter()
            .for_each(|end| drop(settled(end)));
        assert_eq!(bench.balance(owner).await, credits(100));
        assert_eq!(entries(&bench, owner, EntryKind::Refund).await, 20);
    }
}

async fn the_task_is_erased(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    bench.succeeded(job).await;
    // The table itself refuses an ended job that still has its task, so nothing can give it out.
    assert_eq!(bench.relay_all(after(3600)).await, []);
    assert_eq!(bench.recover(after(3600)).await.unwrap().requeued, 0);
    assert_eq!(bench.relay_all(after(3600)).await, []);
}

async fn a_mark_that_comes_too_late_makes_the_webhook_due_once(bench: Bench) {
    let owner = bench.owner(9).await;
    let url = "https://hooks.example/late";
    let job = NewJob {
        webhook: Some(url.to_owned()),
        ..owner.job(Mode::Sync)
    };
    let (ended, open) = (bench.accept_as(&job).await, owner.job(Mode::Sync));
    assert_eq!(bench.succeeded(ended).await.delivery, None);
    let late = bench.detach_late(ended, after(9)).await.unwrap();
    let deliveries = bench.deliveries(ended).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!((Some(deliveries[0].id), &*deliveries[0].url), (late, url));
    assert_eq!(bench.detach_late(ended, after(9)).await.unwrap(), None);
    assert_eq!(bench.deliveries(ended).await.unwrap().len(), 1);
    // One that has not ended makes it itself.
    let open = bench
        .accept_as(&NewJob {
            webhook: job.webhook,
            ..open
        })
        .await;
    assert_eq!(bench.detach_late(open, after(9)).await.unwrap(), None);
    assert!(bench.succeeded(open).await.delivery.is_some());
}

async fn a_webhook_fires_for_asynchronous_and_detached_jobs_alone(bench: Bench) {
    let owner = bench.owner(9).await;
    assert!(
        bench
            .set_webhook(owner.account, Some("https://hooks.example/account"))
            .await
            .unwrap()
    );
    let waited = bench.accept_as(&owner.job_with_webhook(Mode::Sync)).await;
    let detached = bench.accept_as(&owner.job(Mode::Sync)).await;
    let background = bench.accepted(owner).await;
    assert!(bench.detach(detached).await.unwrap());
    assert_eq!(bench.succeeded(waited).await.delivery, None);
    assert!(bench.succeeded(detached).await.delivery.is_some());
    let failed = settled(bench.settle_now(&failure(background)).await);
    assert!(failed.delivery.is_some());
    assert_eq!(bench.deliveries(waited).await.unwrap(), []);
}

async fn the_requests_own_webhook_wins_over_the_accounts(bench: Bench) {
    let owner = bench.owner(9).await;
    let with_own = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    let without = bench.accepted(owner).await;
    // The account's setting counts as it is when the job ends.
    assert!(
        bench
            .set_webhook(owner.account, Some("https://hooks.example/account"))
            .await
            .unwrap()
    );
    for (job, url, own) in [
        (with_own, "https://hooks.example/own", true),
        (without, "https://hooks.example/account", false),
    ] {
        let id = bench.succeeded(job).await.delivery.unwrap();
        let deliveries = bench.deliveries(job).await.unwrap();
        assert_eq!(deliveries.len(), 1);
        assert_eq!((deliveries[0].id, deliveries[0].job), (id, job));
        assert_eq!((deliveries[0].url.as_str(), deliveries[0].own), (url, own));
        assert_eq!(
            (deliveries[0].due_at, deliveries[0].attempts),
            (after(5), 0)
        );
    }
}

async fn without_an_address_there_is_no_delivery(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    assert_eq!(bench.succeeded(job).await.delivery, None);
    assert_eq!(bench.deliveries(job).await.unwrap(), []);
}
