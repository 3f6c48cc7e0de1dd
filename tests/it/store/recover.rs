//! Recovery after a kill: nothing is lost, and what keeps killing us is not started for ever.

use std::time::Duration;

use common::job::{AttemptOutcome, FailureKind, JobState};
use common::message::DeliveryDue;
use common::store::Recovery;

use super::delivery::delivery;
use super::lease::leased;
use super::{Bench, START, after, credits, jobs_of, on_both, settled, success};

on_both!(
    an_idle_database_recovers_nothing,
    claims_and_published_jobs_are_given_out_again_and_held_ones_stay,
    the_fourth_start_of_a_job_is_an_error,
    a_job_put_back_by_a_clean_stop_is_not_counted_as_started,
    an_attempt_that_was_cut_off_is_closed_and_due_again,
    a_delivery_that_is_cut_off_for_the_third_time_is_given_up_and_named,
);

async fn an_idle_database_recovers_nothing(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    bench.settle_now(&success(job)).await;
    assert_eq!(bench.recover(START).await.unwrap(), Recovery::default());
    assert_eq!(bench.state(job).await, JobState::Success);
}

async fn claims_and_published_jobs_are_given_out_again_and_held_ones_stay(bench: Bench) {
    let owner = bench.capped(2).await;
    let published = bench.accepted(owner).await;
    let queued = bench.accepted(owner).await;
    let held = bench.accepted(owner).await;
    assert!(bench.mark_published(published, START).await.unwrap());
    let recovery = bench.recover(after(1)).await.unwrap();
    assert_eq!(
        recovery,
        Recovery {
            requeued: 1,
            ..Recovery::default()
        }
    );
    assert_eq!(
        jobs_of(&bench.relay_all(after(1)).await),
        [published, queued]
    );
    assert_eq!(bench.state(held).await, JobState::Held);
}

async fn the_fourth_start_of_a_job_is_an_error(bench: Bench) {
    let owner = bench.owner(9).await;
    let (poison, patient) = (bench.accepted(owner).await, bench.accepted(owner).await);
    for start in 1..=2 {
        assert!(bench.mark_published(poison, START).await.unwrap());
        let recovery = bench.recover(START).await.unwrap();
        assert_eq!(
            (recovery.requeued, recovery.failed),
            (1, vec![]),
            "after start {start}"
        );
    }
    assert!(bench.mark_published(poison, START).await.unwrap());
    // Until somebody ends it, every recovery names it.
    for _ in 0..2 {
        let recovery = bench.recover(START).await.unwrap();
        assert_eq!((recovery.requeued, recovery.failed), (0, vec![poison]));
    }
    let text = "Internal: started too often";
    settled(
        bench
            .fail(poison, FailureKind::Internal, text, after(1))
            .await
            .unwrap(),
    );
    assert_eq!(bench.recover(START).await.unwrap(), Recovery::default());
    assert_eq!(bench.balance(owner).await, credits(8));
    // One that only waited has not been started.
    assert_eq!(bench.state(patient).await, JobState::Queued);
}

async fn a_job_put_back_by_a_clean_stop_is_not_counted_as_started(bench: Bench) {
    let owner = bench.capped(1).await;
    let (job, held) = (bench.accepted(owner).await, bench.accepted(owner).await);
    for _ in 0..5 {
        assert!(bench.mark_published(job, START).await.unwrap());
        assert_eq!(bench.put_back().await.unwrap(), 1);
        assert_eq!(bench.recover(START).await.unwrap(), Recovery::default());
        assert_eq!(jobs_of(&bench.relay_all(START).await), [job]);
    }
    assert_eq!(bench.state(held).await, JobState::Held);
}

async fn an_attempt_that_was_cut_off_is_closed_and_due_again(bench: Bench) {
    let (cut_off, handed_out) = (delivery(&bench).await, delivery(&bench).await);
    assert_eq!(bench.due_deliveries(9, after(5)).await.unwrap().len(), 2);
    bench
        .lease_one(cut_off, 1, Duration::from_hours(1), after(5))
        .await
        .unwrap()
        .unwrap();
    let recovery = bench.recover(after(6)).await.unwrap();
    assert_eq!(
        recovery,
        Recovery {
            closed_attempts: 1,
            ..Recovery::default()
        }
    );
    let attempt = bench.attempts(cut_off).await.unwrap().pop().unwrap();
    assert_eq!(attempt.outcome, Some(AttemptOutcome::Interrupted));
    let due: Vec<_> = [cut_off, handed_out]
        .map(|delivery| DeliveryDue {
            delivery,
            attempt: 1,
        })
        .into();
    assert_eq!(bench.due_deliveries(9, after(6)).await.unwrap(), due);
    leased(&bench, cut_off, 1, after(6)).await;
}

async fn a_delivery_that_is_cut_off_for_the_third_time_is_given_up_and_named(bench: Bench) {
    let id = delivery(&bench).await;
    for given_up in [vec![], vec![], vec![id]] {
        leased(&bench, id, 1, after(6)).await;
        let recovery = bench.recover(after(7)).await.unwrap();
        assert_eq!((recovery.closed_attempts, recovery.given_up), (1, given_up));
    }
    assert_eq!(bench.recover(after(8)).await.unwrap(), Recovery::default());
}
