//! Deliveries: when they are due, and who is handed them.

use common::id::DeliveryId;
use common::job::{DeliveryState, FailureKind, Mode};
use common::message::{Completion, DeliveryDue};

use super::lease::{leased, rejected};
use super::{Bench, TRACE, after, on_both, success};
use common::store::{LeaseRequest, MadeAttempt, Next};
use std::time::Duration;

on_both!(
    a_delivery_is_handed_out_once_a_minute,
    the_longest_due_are_handed_out_first,
    two_schedulers_never_take_the_same_delivery,
    a_leased_delivery_is_not_handed_out,
    a_postponed_delivery_waits_without_an_attempt,
    deliveries_are_leased_and_finished_together,
    a_delivery_knows_where_its_job_was_settled_and_its_last_attempt_was_made,
);

/// A delivery that is due five seconds after the beginning.
pub(super) async fn delivery(bench: &Bench) -> DeliveryId {
    let owner = bench.owner(9).await;
    let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    bench.succeeded(job).await.delivery.unwrap()
}

fn first(delivery: DeliveryId) -> DeliveryDue {
    DeliveryDue {
        delivery,
        attempt: 1,
    }
}

async fn a_delivery_is_handed_out_once_a_minute(bench: Bench) {
    let id = delivery(&bench).await;
    assert_eq!(bench.due_deliveries(9, after(4)).await.unwrap(), []);
    assert_eq!(
        bench.due_deliveries(9, after(5)).await.unwrap(),
        [first(id)]
    );
    assert_eq!(bench.due_deliveries(9, after(64)).await.unwrap(), []);
    assert_eq!(
        bench.due_deliveries(9, after(65)).await.unwrap(),
        [first(id)]
    );
}

async fn the_longest_due_are_handed_out_first(bench: Bench) {
    let ids = [
        delivery(&bench).await,
        delivery(&bench).await,
        delivery(&bench).await,
    ];
    assert!(bench.postpone(ids[0], after(9)).await.unwrap());
    assert!(bench.postpone(ids[1], after(7)).await.unwrap());
    assert_eq!(
        bench.due_deliveries(2, after(9)).await.unwrap(),
        [first(ids[1]), first(ids[2])]
    );
    assert_eq!(
        bench.due_deliveries(2, after(9)).await.unwrap(),
        [first(ids[0])]
    );
}

async fn two_schedulers_never_take_the_same_delivery(bench: Bench) {
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(delivery(&bench).await);
    }
    let schedulers = (0..4).map(|_| bench.due_deliveries(10, after(5)));
    let taken = futures::future::try_join_all(schedulers).await.unwrap();
    let mut taken: Vec<_> = taken.iter().flatten().map(|due| due.delivery).collect();
    taken.sort();
    assert_eq!(taken, ids);
}

async fn a_leased_delivery_is_not_handed_out(bench: Bench) {
    let id = delivery(&bench).await;
    let leased = leased(&bench, id, 1, after(5)).await;
    assert_eq!(bench.due_deliveries(9, after(6)).await.unwrap(), []);
    let next = Next::RetryAt(after(20));
    assert!(
        bench
            .finish(&leased, &rejected(), next, after(7))
            .await
            .unwrap()
    );
    assert_eq!(bench.due_deliveries(9, after(19)).await.unwrap(), []);
    let second = DeliveryDue {
        delivery: id,
        attempt: 2,
    };
    assert_eq!(bench.due_deliveries(9, after(20)).await.unwrap(), [second]);
}

async fn a_postponed_delivery_waits_without_an_attempt(bench: Bench) {
    let id = delivery(&bench).await;
    assert_eq!(
        bench.due_deliveries(9, after(5)).await.unwrap(),
        [first(id)]
    );
    assert!(bench.postpone(id, after(30)).await.unwrap());
    assert_eq!(bench.due_deliveries(9, after(29)).await.unwrap(), []);
    assert_eq!(
        bench.due_deliveries(9, after(30)).await.unwrap(),
        [first(id)]
    );
    let leased = leased(&bench, id, 1, after(30)).await;
    assert!(!bench.postpone(id, after(99)).await.unwrap());
    assert!(
        bench
            .finish(&leased, &rejected(), Next::Delivered, after(31))
            .await
            .unwrap()
    );
    assert!(!bench.postpone(id, after(99)).await.unwrap());
    assert!(!bench.postpone(DeliveryId::new(), after(99)).await.unwrap());
}

async fn deliveries_are_leased_and_finished_together(bench: Bench) {
    let ids = [delivery(&bench).await, delivery(&bench).await];
    let request = |delivery, attempt| LeaseRequest {
        delivery,
        attempt,
        lease_for: Duration::from_secs(45),
    };
    // The later one first, a stale one between them: each gets what is its own.
    let requests = [
        request(ids[1], 1),
        request(ids[0], 2),
        request(ids[0], 1),
        request(DeliveryId::new(), 1),
    ];
    let leased = bench.lease(&requests, after(5)).await.unwrap();
    let held: Vec<_> = leased
        .iter()
        .map(|leased| leased.as_ref().map(|leased| leased.delivery))
        .collect();
    assert_eq!(held, [Some(ids[1]), None, Some(ids[0]), None]);
    let done = |leased, next| MadeAttempt {
        leased,
        record: rejected(),
        next,
        trace: None,
    };
    let [Some(one), None, Some(zero), None] = <[_; 4]>::try_from(leased).unwrap() else {
        panic!("as shown");
    };
    let again = zero.clone();
    let done = [
        done(one, Next::Delivered),
        done(zero, Next::AgainAt(after(9))),
        done(again, Next::Failed),
    ];
    let kept = bench.finish_attempts(&done, after(6)).await.unwrap();
    assert_eq!(kept, [true, true, false]);
    let read = async |id| bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!(read(ids[1]).await.state, DeliveryState::Delivered);
    let zero = read(ids[0]).await;
    assert_eq!(
        (zero.state, zero.attempts, zero.due_at),
        (DeliveryState::Pending, 0, after(9))
    );
}

async fn a_delivery_knows_where_its_job_was_settled_and_its_last_attempt_was_made(bench: Bench) {
    let at = |span: &str| TRACE.replace("b7ad6b7169203331", span).parse().ok();
    let owner = bench.owner(9).await;
    // Settled by a run that belongs to the trace, and by none.
    let (settled, failed) = (
        owner.job_with_webhook(Mode::Async),
        owner.job_with_webhook(Mode::Async),
    );
    for job in [&settled, &failed] {
        bench.accept_as(job).await;
    }
    let completion = Completion {
        trace: at("1111111111111111"),
        ..success(settled.id)
    };
    let id = super::settled(bench.settle_now(&completion).await)
        .delivery
        .unwrap();
    let kind = FailureKind::Internal;
    bench
        .fail(failed.id, kind, "Internal: x", after(5))
        .await
        .unwrap();
    let born = &bench.deliveries(settled.id).await.unwrap()[0];
    assert_eq!(
        (born.trace, born.attempt_trace),
        (at("1111111111111111"), None)
    );
    let other = &bench.deliveries(failed.id).await.unwrap()[0];
    assert_eq!(other.trace, TRACE.parse().ok());

    let mut started = after(6);
    for (number, span, last) in [
        (1, at("2222222222222222"), at("2222222222222222")),
        // An attempt that belongs to no trace leaves the one before.
        (2, None, at("2222222222222222")),
        (3, at("3333333333333333"), at("3333333333333333")),
    ] {
        let next = if number == 3 {
            Next::Failed
        } else {
            Next::RetryAt(started)
        };
        let made = MadeAttempt {
            leased: leased(&bench, id, number, started).await,
            record: rejected(),
            next,
            trace: span,
        };
        assert_eq!(
            bench.finish_attempts(&[made], started).await.unwrap(),
            [true]
        );
        let outgoing = bench.outgoing(id).await.unwrap().unwrap();
        assert_eq!(outgoing.delivery.attempt_trace, last);
        started = started + Duration::from_secs(1);
    }
    bench
        .replay_dead_letters(owner.account, after(0), started)
        .await
        .unwrap();
    let replayed = &bench.deliveries(settled.id).await.unwrap()[1];
    let traces = (replayed.trace, replayed.attempt_trace);
    assert_eq!(traces, (at("1111111111111111"), at("3333333333333333")));
}
