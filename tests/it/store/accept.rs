//! Acceptance: all of it happens or none of it.

use std::time::Duration;

use common::credits::Credits;
use common::id::AccountId;
use common::job::{EntryKind, JobState, Mode};
use common::store::{AcceptError, Accepted, Limits};

use super::{Bench, Owner, START, after, credits, jobs_of, on_both, page, success};

on_both!(
    a_job_is_charged_and_queued,
    a_balance_too_small_leaves_nothing_behind,
    a_request_too_many_leaves_nothing_behind,
    a_refused_request_is_not_counted,
    synchronous_jobs_have_a_cap_and_are_never_held,
    asynchronous_jobs_beyond_the_cap_are_held,
    nobody_overtakes_held_jobs,
    a_full_backlog_is_refused,
    an_unknown_account_is_refused,
    of_two_that_race_for_the_last_credit_one_wins,
    racing_jobs_never_exceed_the_cap,
);

/// Asserts that an owner has so many jobs and that its balance is what it was granted, less one
/// credit for each.
async fn assert_jobs(bench: &Bench, owner: Owner, granted: i64, jobs: i64) {
    assert_eq!(bench.balance(owner).await, credits(granted - jobs));
    let count = bench.jobs(owner.account, &page(1000)).await.unwrap().len();
    assert_eq!(i64::try_from(count), Ok(jobs));
    let entries = bench.ledger(owner.account).await.unwrap();
    let charges = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Charge)
        .count();
    assert_eq!(i64::try_from(charges), Ok(jobs));
}

async fn a_job_is_charged_and_queued(bench: Bench) {
    let owner = bench.owner(3).await;
    let mut job = owner.job(Mode::Async);
    job.price = Credits::from_thousandths(1500);
    let accepted = bench.accept(&job, START).await.unwrap();
    let balance = Credits::from_thousandths(1500);
    assert_eq!(
        accepted,
        Accepted {
            state: JobState::Queued,
            balance,
            rate: None
        }
    );
    let charge = bench.ledger(owner.account).await.unwrap().pop().unwrap();
    assert_eq!(
        (charge.kind, charge.job, charge.amount),
        (EntryKind::Charge, Some(job.id), -balance)
    );
    assert_eq!(bench.balance(owner).await, balance);

    let mut free = owner.job(Mode::Sync);
    free.price = Credits::ZERO;
    assert_eq!(bench.accept(&free, START).await.unwrap().balance, balance);
    // The same job again is a mistake, and is not charged.
    assert!(matches!(
        bench.accept(&job, START).await,
        Err(AcceptError::Store(_))
    ));
    assert_eq!(bench.balance(owner).await, balance);
}

async fn a_balance_too_small_leaves_nothing_behind(bench: Bench) {
    let owner = bench.owner(1).await;
    let mut job = owner.job(Mode::Async);
    job.price = Credits::from_thousandths(1001);
    let refused = bench.accept(&job, START).await;
    assert!(
        matches!(refused, Err(AcceptError::InsufficientCredit)),
        "{refused:?}"
    );
    assert_jobs(&bench, owner, 1, 0).await;
}

async fn a_request_too_many_leaves_nothing_behind(bench: Bench) {
    let owner = bench.owner(9).await;
    let limits = Limits {
        rate: Some(2),
        ..Limits::default()
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    assert_eq!(
        bench
            .rate_window(owner.account, START)
            .await
            .unwrap()
            .unwrap()
            .remaining,
        2
    );
    for remaining in [1, 0] {
        let accepted = bench.accept(&owner.job(Mode::Async), START).await.unwrap();
        let window = accepted.rate.unwrap();
        assert_eq!((window.limit, window.remaining), (2, remaining));
        assert_eq!(
            bench.rate_window(owner.account, START).await.unwrap(),
            Some(window)
        );
    }
    let refused = bench.accept(&owner.job(Mode::Sync), START).await;
    let Err(AcceptError::RateLimited {
        retry_after,
        window,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(window.remaining, 0);
    assert!(window.resets_at > START && window.resets_at <= after(60));
    assert_jobs(&bench, owner, 9, 2).await;

    let in_time = START + retry_after;
    let too_soon = in_time - Duration::from_micros(1);
    assert!(
        bench
            .accept(&owner.job(Mode::Sync), too_soon)
            .await
            .is_err()
    );
    assert!(bench.accept(&owner.job(Mode::Sync), in_time).await.is_ok());
}

async fn a_refused_request_is_not_counted(bench: Bench) {
    let owner = bench.owner(1).await;
    let limits = Limits {
        rate: Some(2),
        ..Limits::default()
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    let mut dear = owner.job(Mode::Async);
    dear.price = credits(2);
    for _ in 0..3 {
        let refused = bench.accept(&dear, START).await;
        assert!(
            matches!(refused, Err(AcceptError::InsufficientCredit)),
            "{refused:?}"
        );
    }
    assert_eq!(
        bench
            .rate_window(owner.account, START)
            .await
            .unwrap()
            .unwrap()
            .remaining,
        2
    );
    assert_eq!(
        bench.rate_window(AccountId::new(), START).await.unwrap(),
        None
    );
}

async fn synchronous_jobs_have_a_cap_and_are_never_held(bench: Bench) {
    let owner = bench.capped(2).await;
    // Asynchronous jobs don't count.
    for _ in 0..3 {
        bench.accepted(owner).await;
    }
    let first = bench.accept_as(&owner.job(Mode::Sync)).await;
    let second = bench.accept(&owner.job(Mode::Sync), START).await.unwrap();
    assert_eq!(second.state, JobState::Queued);
    let refused = bench.accept(&owner.job(Mode::Sync), START).await;
    assert!(
        matches!(refused, Err(AcceptError::TooManyInFlight)),
        "{refused:?}"
    );
    assert_jobs(&bench, owner, 100, 5).await;
    bench.settle_now(&success(first)).await;
    bench.accept(&owner.job(Mode::Sync), START).await.unwrap();
}

async fn asynchronous_jobs_beyond_the_cap_are_held(bench: Bench) {
    let owner = bench.capped(2).await;
    for state in [
        JobState::Queued,
        JobState::Queued,
        JobState::Held,
        JobState::Held,
    ] {
        let job = owner.job(Mode::Async);
        assert_eq!(bench.accept(&job, START).await.unwrap().state, state);
        assert_eq!(bench.state(job.id).await, state);
    }
    // Another account has a cap of its own.
    let other = bench.capped(1).await;
    let accepted = bench.accept(&other.job(Mode::Async), START).await.unwrap();
    assert_eq!(accepted.state, JobState::Queued);
}

async fn nobody_overtakes_held_jobs(bench: Bench) {
    let owner = bench.capped(1).await;
    let (first, held) = (bench.accepted(owner).await, bench.accepted(owner).await);
    bench.succeeded(first).await;
    let late = owner.job(Mode::Async);
    assert_eq!(
        bench.accept(&late, START).await.unwrap().state,
        JobState::Held
    );
    let released = bench.release(owner.account, START).await.unwrap();
    assert_eq!(jobs_of(&released), [held]);
}

async fn a_full_backlog_is_refused(bench: Bench) {
    let owner = bench.owner(9).await;
    let limits = Limits {
        in_flight: 1,
        backlog: 2,
        ..Limits::default()
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    let first = bench.accepted(owner).await;
    bench.accepted(owner).await;
    let refused = bench.accept(&owner.job(Mode::Async), START).await;
    assert!(
        matches!(refused, Err(AcceptError::BacklogFull)),
        "{refused:?}"
    );
    assert_jobs(&bench, owner, 9, 2).await;
    bench.accept(&owner.job(Mode::Sync), START).await.unwrap();
    bench.succeeded(first).await;
    bench.accept(&owner.job(Mode::Async), START).await.unwrap();
}

async fn an_unknown_account_is_refused(bench: Bench) {
    let mut job = bench.owner(1).await.job(Mode::Async);
    job.account = AccountId::new();
    let refused = bench.accept(&job, START).await;
    assert!(
        matches!(refused, Err(AcceptError::NoSuchAccount)),
        "{refused:?}"
    );
}

async fn of_two_that_race_for_the_last_credit_one_wins(bench: Bench) {
    for _ in 0..10 {
        let owner = bench.owner(1).await;
        let (one, two) = (owner.job(Mode::Async), owner.job(Mode::Sync));
        let answers = tokio::join!(bench.accept(&one, START), bench.accept(&two, START));
        let refused = match answers {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            both => panic!("{both:?}"),
        };
        assert!(
            matches!(refused, AcceptError::InsufficientCredit),
            "{refused:?}"
        );
        assert_jobs(&bench, owner, 1, 1).await;
    }
}

async fn racing_jobs_never_exceed_the_cap(bench: Bench) {
    let owner = bench.capped(3).await;
    let jobs: Vec<_> = (0..12).map(|_| owner.job(Mode::Async)).collect();
    let racing = jobs.iter().map(|job| bench.accept(job, START));
    let mut states: Vec<_> = futures::future::try_join_all(racing)
        .await
        .unwrap()
        .iter()
        .map(|accepted| accepted.state)
        .collect();
    states.sort();
    assert_eq!(states[..9], [JobState::Held; 9]);
    assert_eq!(states[9..], [JobState::Queued; 3]);
}
