//! Sending again: a new delivery under the message id of the first, and each dead letter once.

use common::clock::Timestamp;
use common::id::{AccountId, DeliveryId};
use common::job::{DeliveryState, Mode};
use common::store::{Delivery, Next, Replay};

use super::endpoint::set_and_off;
use super::lease::{leased, rejected};
use super::{Bench, Owner, after, on_both};

on_both!(
    an_ended_delivery_is_sent_again_as_a_new_one_with_the_same_message_id,
    one_that_waits_is_hastened_and_one_under_way_or_parked_is_left_alone,
    every_dead_letter_since_a_time_is_sent_again_once,
);

/// A delivery of the account, ended as `next` says, at `at`.
async fn ended(bench: &Bench, owner: Owner, next: Next, at: Timestamp) -> DeliveryId {
    let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    let id = bench.succeeded(job).await.delivery.unwrap();
    let leased = leased(bench, id, 1, after(5)).await;
    assert!(bench.finish(&leased, &rejected(), next, at).await.unwrap());
    id
}

async fn read(bench: &Bench, id: DeliveryId) -> Delivery {
    bench.outgoing(id).await.unwrap().unwrap().delivery
}

async fn an_ended_delivery_is_sent_again_as_a_new_one_with_the_same_message_id(bench: Bench) {
    let owner = bench.owner(9).await;
    for next in [Next::Delivered, Next::Failed] {
        let id = ended(&bench, owner, next, after(6)).await;
        let again = bench.replay(owner.account, id, after(10)).await.unwrap();
        let Some(Replay::Again(new)) = again else {
            panic!("{again:?}");
        };
        let (old, new) = (read(&bench, id).await, read(&bench, new).await);
        assert_ne!(new.id, old.id);
        assert_eq!(
            (new.message, new.job, new.account),
            (old.id, old.job, old.account)
        );
        assert_eq!((&new.url, new.own), (&old.url, old.own));
        assert_eq!((new.state, new.attempts), (DeliveryState::Pending, 0));
        assert_eq!((new.due_at, new.created_at), (after(10), after(10)));
        assert_eq!(old.replayed_at, Some(after(10)));
        // Who asks twice gets the same.
        let twice = bench.replay(owner.account, id, after(11)).await.unwrap();
        assert_eq!(twice, Some(Replay::Again(new.id)));
        // A copy of the copy is still the same message.
        let copy = leased(&bench, new.id, 1, after(11)).await;
        assert!(
            bench
                .finish(&copy, &rejected(), Next::Failed, after(12))
                .await
                .unwrap()
        );
        let again = bench
            .replay(owner.account, new.id, after(13))
            .await
            .unwrap();
        let Some(Replay::Again(newest)) = again else {
            panic!("{again:?}");
        };
        assert_eq!(read(&bench, newest).await.message, old.id);
    }
}

async fn one_that_waits_is_hastened_and_one_under_way_or_parked_is_left_alone(bench: Bench) {
    let owner = bench.owner(9).await;
    let id = ended(&bench, owner, Next::RetryAt(after(900)), after(6)).await;
    let replay = async |now| bench.replay(owner.account, id, now).await.unwrap();
    assert_eq!(replay(after(7)).await, Some(Replay::Hastened));
    assert_eq!(read(&bench, id).await.due_at, after(7));
    let held = leased(&bench, id, 2, after(8)).await;
    assert_eq!(replay(after(9)).await, Some(Replay::UnderWay));
    let next = Next::RetryAt(after(900));
    assert!(
        bench
            .finish(&held, &rejected(), next, after(9))
            .await
            .unwrap()
    );
    set_and_off(&bench, owner).await;
    assert!(bench.park(id, after(1000), after(10)).await.unwrap());
    assert_eq!(replay(after(11)).await, Some(Replay::Parked));
    let stranger = bench.replay(AccountId::new(), id, after(11)).await;
    assert_eq!(stranger.unwrap(), None);
}

async fn every_dead_letter_since_a_time_is_sent_again_once(bench: Bench) {
    let (owner, other) = (bench.owner(300).await, bench.owner(9).await);
    ended(&bench, owner, Next::Failed, after(10)).await;
    ended(&bench, owner, Next::Delivered, after(30)).await;
    ended(&bench, other, Next::Failed, after(30)).await;
    let by_hand = ended(&bench, owner, Next::Failed, after(30)).await;
    bench
        .replay(owner.account, by_hand, after(31))
        .await
        .unwrap();
    for _ in 0..120 {
        ended(&bench, owner, Next::Failed, after(30)).await;
    }
    let count = async |since| {
        bench
            .count_dead_letters(owner.account, since)
            .await
            .unwrap()
    };
    assert_eq!((count(after(0)).await, count(after(20)).await), (121, 120));
    // Two people press the button at once.
    let replay = || bench.replay_dead_letters(owner.account, after(20), after(40));
    let (one, two) = tokio::join!(replay(), replay());
    assert_eq!(one.unwrap() + two.unwrap(), 120);
    assert_eq!((count(after(0)).await, count(after(20)).await), (1, 0));
    assert_eq!(replay().await.unwrap(), 0);
    assert_eq!(
        bench
            .count_dead_letters(other.account, after(0))
            .await
            .unwrap(),
        1
    );
    let due = bench.due_deliveries(500, after(40)).await.unwrap();
    assert_eq!(due.len(), 121);
}
