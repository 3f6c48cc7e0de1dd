//! Leases and attempts: one worker at a time, and a crash leaves evidence.

use std::time::Duration;

use common::clock::Timestamp;
use common::id::DeliveryId;
use common::job::{AttemptOutcome, DeliveryState};
use common::message::DeliveryDue;
use common::store::{AttemptRecord, Leased, Next};

use super::delivery::delivery;
use super::{Bench, after, on_both};

on_both!(
    an_attempt_is_written_before_the_call_and_completed_after_it,
    of_workers_that_lease_at_once_one_wins,
    a_stale_message_leases_nothing,
    an_attempt_is_completed_once_and_by_its_holder_alone,
    a_lease_that_ran_out_is_an_interruption_and_costs_no_retry,
    three_interruptions_end_a_delivery,
);

const LEASE: Duration = Duration::from_secs(45);

/// Leases what must be free.
pub(super) async fn leased(bench: &Bench, id: DeliveryId, attempt: u32, now: Timestamp) -> Leased {
    bench
        .lease_one(id, attempt, LEASE, now)
        .await
        .unwrap()
        .unwrap()
}

/// An endpoint that answered 503.
pub(super) fn rejected() -> AttemptRecord {
    AttemptRecord {
        outcome: AttemptOutcome::Rejected,
        status: Some(503),
        error: Some("answered 503".into()),
        excerpt: Some("<h1>busy</h1>".into()),
        duration: Duration::from_millis(1500),
    }
}

async fn an_attempt_is_written_before_the_call_and_completed_after_it(bench: Bench) {
    let id = delivery(&bench).await;
    let leased = leased(&bench, id, 1, after(6)).await;
    assert_eq!((leased.delivery, leased.number), (id, 1));
    let attempts = bench.attempts(id).await.unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].id, attempts[0].number), (leased.attempt, 1));
    assert_eq!(
        (attempts[0].started_at, attempts[0].outcome),
        (after(6), None)
    );

    let next = Next::RetryAt(after(60));
    assert!(
        bench
            .finish(&leased, &rejected(), next, after(8))
            .await
            .unwrap()
    );
    let attempt = bench.attempts(id).await.unwrap().pop().unwrap();
    assert_eq!(
        (attempt.outcome, attempt.status),
        (Some(AttemptOutcome::Rejected), Some(503))
    );
    assert_eq!(attempt.error.as_deref(), Some("answered 503"));
    assert_eq!(attempt.excerpt.as_deref(), Some("<h1>busy</h1>"));
    assert_eq!(attempt.duration, Some(Duration::from_millis(1500)));
    assert_eq!(attempt.finished_at, Some(after(8)));
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!((read.state, read.attempts), (DeliveryState::Pending, 1));
    assert_eq!((read.due_at, read.finished_at), (after(60), None));

    let second = self::leased(&bench, id, 2, after(60)).await;
    assert!(
        bench
            .finish(&second, &rejected(), Next::Delivered, after(61))
            .await
            .unwrap()
    );
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!((read.state, read.attempts), (DeliveryState::Delivered, 2));
    assert_eq!(read.finished_at, Some(after(61)));
}

async fn of_workers_that_lease_at_once_one_wins(bench: Bench) {
    for _ in 0..5 {
        let id = delivery(&bench).await;
        let racing = (0..4).map(|_| bench.lease_one(id, 1, LEASE, after(6)));
        let leases = futures::future::try_join_all(racing).await.unwrap();
        assert_eq!(leases.iter().flatten().count(), 1);
        assert_eq!(bench.attempts(id).await.unwrap().len(), 1);
    }
}

async fn a_stale_message_leases_nothing(bench: Bench) {
    let id = delivery(&bench).await;
    let lease = async |attempt| bench.lease_one(id, attempt, LEASE, after(6)).await.unwrap();
    assert_eq!(lease(0).await, None);
    assert_eq!(lease(2).await, None);
    let first = lease(1).await.unwrap();
    assert_eq!(lease(1).await, None);
    let next = Next::RetryAt(after(7));
    assert!(
        bench
            .finish(&first, &rejected(), next, after(6))
            .await
            .unwrap()
    );
    assert_eq!(lease(1).await, None);
    let second = lease(2).await.unwrap();
    assert!(
        bench
            .finish(&second, &rejected(), Next::Failed, after(6))
            .await
            .unwrap()
    );
    assert_eq!(lease(3).await, None);
    let unknown = bench
        .lease_one(DeliveryId::new(), 1, LEASE, after(6))
        .await
        .unwrap();
    assert_eq!(unknown, None);
}

async fn an_attempt_is_completed_once_and_by_its_holder_alone(bench: Bench) {
    let id = delivery(&bench).await;
    let other = leased(&bench, delivery(&bench).await, 1, after(6)).await;
    let leased = leased(&bench, id, 1, after(6)).await;
    let forged = Leased {
        token: other.token,
        ..leased.clone()
    };
    assert!(
        !bench
            .finish(&forged, &rejected(), Next::Delivered, after(7))
            .await
            .unwrap()
    );
    let next = Next::RetryAt(after(9));
    assert!(
        bench
            .finish(&leased, &rejected(), next, after(7))
            .await
            .unwrap()
    );
    assert!(
        !bench
            .finish(&leased, &rejected(), Next::Delivered, after(8))
            .await
            .unwrap()
    );
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!(
        (read.state, read.attempts, read.due_at),
        (DeliveryState::Pending, 1, after(9))
    );
}

/// What is due once the leases that have run out are closed, by which nothing is given up.
async fn due(bench: &Bench, now: Timestamp) -> Vec<DeliveryDue> {
    assert_eq!(bench.close_expired_leases(9, now).await.unwrap(), []);
    bench.due_deliveries(9, now).await.unwrap()
}

async fn a_lease_that_ran_out_is_an_interruption_and_costs_no_retry(bench: Bench) {
    let id = delivery(&bench).await;
    let lost = leased(&bench, id, 1, after(10)).await;
    assert_eq!(due(&bench, after(54)).await, []);
    let first = DeliveryDue {
        delivery: id,
        attempt: 1,
    };
    assert_eq!(due(&bench, after(55)).await, std::slice::from_ref(&first));
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!((read.attempts, read.interruptions), (0, 1));
    let attempt = bench.attempts(id).await.unwrap().pop().unwrap();
    assert_eq!(attempt.outcome, Some(AttemptOutcome::Interrupted));
    assert_eq!(attempt.finished_at, Some(after(55)));
    // Who lost the lease writes nothing any more.
    assert!(
        !bench
            .finish(&lost, &rejected(), Next::Delivered, after(56))
            .await
            .unwrap()
    );

    // A message alone takes no lease from anybody, however long ago it ran out: the scheduler does.
    leased(&bench, id, 1, after(60)).await;
    let early = bench.lease_one(id, 1, LEASE, after(105)).await.unwrap();
    assert_eq!(early, None);
    assert_eq!(due(&bench, after(105)).await, [first]);
    let third = leased(&bench, id, 1, after(105)).await;
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!(read.interruptions, 2);
    let next = Next::RetryAt(after(200));
    assert!(
        bench
            .finish(&third, &rejected(), next, after(106))
            .await
            .unwrap()
    );
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!((read.state, read.attempts), (DeliveryState::Pending, 1));
    let outcomes: Vec<_> = bench
        .attempts(id)
        .await
        .unwrap()
        .iter()
        .map(|a| a.outcome)
        .collect();
    let interrupted = Some(AttemptOutcome::Interrupted);
    assert_eq!(
        outcomes,
        [interrupted, interrupted, Some(AttemptOutcome::Rejected)]
    );
}

async fn three_interruptions_end_a_delivery(bench: Bench) {
    let (id, other) = (delivery(&bench).await, delivery(&bench).await);
    let close = async |at| bench.close_expired_leases(9, after(at)).await.unwrap();
    for begun in [100, 200] {
        leased(&bench, id, 1, after(begun)).await;
        assert_eq!(due(&bench, after(begun + 45)).await.len(), 2);
    }
    leased(&bench, id, 1, after(300)).await;
    // One that is cut off for the first time goes on, and is not named.
    leased(&bench, other, 1, after(300)).await;
    assert_eq!(close(344).await, []);
    assert_eq!(close(345).await, [id]);
    assert_eq!(close(345).await, [], "it is named once");
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!((read.state, read.interruptions), (DeliveryState::Failed, 3));
    assert_eq!((read.attempts, read.finished_at), (0, Some(after(345))));
    assert_eq!(
        bench.lease_one(id, 1, LEASE, after(400)).await.unwrap(),
        None
    );
    let left = due(&bench, after(400)).await;
    assert_eq!((left.len(), left[0].delivery), (1, other));
    let dead = bench.count_dead_letters(read.account, after(345)).await;
    assert_eq!(dead.unwrap(), 1);
}
