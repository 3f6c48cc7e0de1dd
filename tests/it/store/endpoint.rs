//! A stored endpoint: how it stands, who waits for it, which secret signs for it.

use common::id::{AccountId, DeliveryId};
use common::job::{DeliveryState, Mode, OffReason};
use common::signature::SecretVersion;
use common::store::{Endpoint, Next, SwitchedOff};

use super::lease::{leased, rejected};
use super::{Bench, Owner, START, after, on_both};

on_both!(
    an_endpoint_fails_from_its_first_failure_to_its_next_success,
    an_endpoint_is_switched_off_only_at_its_own_address,
    a_new_address_starts_anew,
    a_parked_delivery_is_handed_to_nobody_and_given_up_in_time,
    parked_deliveries_go_to_the_address_of_now,
    a_secret_is_rotated_with_an_overlap,
);

const URL: &str = "https://a.example/hook";

fn gone() -> SwitchedOff {
    SwitchedOff {
        at: after(7),
        reason: OffReason::Gone,
    }
}

async fn off(bench: &Bench, owner: Owner) -> bool {
    let off = bench.switch_off(owner.account, URL, gone(), None).await;
    off.unwrap()
}

/// Gives an account an endpoint that is switched off.
pub(super) async fn set_and_off(bench: &Bench, owner: Owner) {
    assert!(bench.set_webhook(owner.account, Some(URL)).await.unwrap());
    assert!(off(bench, owner).await);
}

async fn endpoint(bench: &Bench, owner: Owner) -> Endpoint {
    bench.endpoint(owner.account).await.unwrap().unwrap()
}

async fn with_endpoint(bench: &Bench) -> Owner {
    let owner = bench.owner(9).await;
    assert!(bench.set_webhook(owner.account, Some(URL)).await.unwrap());
    owner
}

/// A delivery to the stored endpoint.
async fn stored(bench: &Bench, owner: Owner) -> DeliveryId {
    let job = bench.accept_as(&owner.job(Mode::Async)).await;
    bench.succeeded(job).await.delivery.unwrap()
}

async fn an_endpoint_fails_from_its_first_failure_to_its_next_success(bench: Bench) {
    let owner = with_endpoint(&bench).await;
    let fail = async |url, at| {
        let noted = bench.note_failure(owner.account, url, START, at);
        noted.await.unwrap();
    };
    assert_eq!(endpoint(&bench, owner).await.failing_since, None);
    fail("https://other.example/", after(1)).await;
    assert_eq!(endpoint(&bench, owner).await.failing_since, None);
    fail(URL, after(2)).await;
    fail(URL, after(3)).await;
    assert_eq!(endpoint(&bench, owner).await.failing_since, Some(after(2)));
    // After a long silence it begins anew.
    let late = bench.note_failure(owner.account, URL, after(50), after(60));
    late.await.unwrap();
    let standing = endpoint(&bench, owner).await;
    assert_eq!(standing.failing_since, Some(after(60)));
    bench.note_success(owner.account, URL).await.unwrap();
    let recovered = endpoint(&bench, owner).await;
    assert_eq!((recovered.failing_since, recovered.off), (None, None));
}

async fn an_endpoint_is_switched_off_only_at_its_own_address(bench: Bench) {
    let owner = with_endpoint(&bench).await;
    let off = async |url| {
        let off = bench.switch_off(owner.account, url, gone(), None);
        off.await.unwrap()
    };
    assert!(!off("https://old.example/").await);
    assert!(off(URL).await);
    assert!(!off(URL).await);
    assert_eq!(endpoint(&bench, owner).await.off, Some(gone()));
    assert!(bench.switch_on(owner.account).await.unwrap());
    assert!(!bench.switch_on(owner.account).await.unwrap());
    assert_eq!(endpoint(&bench, owner).await.off, None);
    assert!(!bench.switch_on(AccountId::new()).await.unwrap());
}

async fn a_new_address_starts_anew(bench: Bench) {
    let owner = with_endpoint(&bench).await;
    bench
        .note_failure(owner.account, URL, START, after(1))
        .await
        .unwrap();
    assert!(
        bench
            .switch_off(owner.account, URL, gone(), None)
            .await
            .unwrap()
    );
    let new = Some("https://b.example/");
    assert!(bench.set_webhook(owner.account, new).await.unwrap());
    let now = endpoint(&bench, owner).await;
    assert_eq!((now.failing_since, now.off), (None, None));
    assert_eq!(now.url.as_deref(), new);
}

async fn a_parked_delivery_is_handed_to_nobody_and_given_up_in_time(bench: Bench) {
    let owner = with_endpoint(&bench).await;
    let id = stored(&bench, owner).await;
    let on = bench.park(id, after(100), after(6)).await.unwrap();
    assert!(!on, "nothing waits for an endpoint that is on");
    assert!(off(&bench, owner).await);
    assert!(bench.park(id, after(100), after(6)).await.unwrap());
    assert!(!bench.park(id, after(200), after(7)).await.unwrap());
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!(
        (read.state, read.due_at),
        (DeliveryState::Parked, after(100))
    );
    assert_eq!(bench.due_deliveries(9, after(500)).await.unwrap(), []);
    let lease = std::time::Duration::from_secs(9);
    assert_eq!(bench.lease_one(id, 1, lease, after(8)).await.unwrap(), None);
    assert!(!bench.postpone(id, after(9)).await.unwrap());
    assert_eq!(bench.give_up_parked(after(99)).await.unwrap(), 0);
    assert_eq!(bench.give_up_parked(after(100)).await.unwrap(), 1);
    let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
    assert_eq!(
        (read.state, read.finished_at),
        (DeliveryState::Failed, Some(after(100)))
    );
}

async fn parked_deliveries_go_to_the_address_of_now(bench: Bench) {
    let owner = with_endpoint(&bench).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(stored(&bench, owner).await);
    }
    assert!(off(&bench, owner).await);
    // One is under way, and stays as it is.
    let busy = leased(&bench, ids[2], 1, after(5)).await;
    assert!(!bench.park(ids[2], after(100), after(6)).await.unwrap());
    for &id in &ids[..2] {
        assert!(bench.park(id, after(100), after(6)).await.unwrap());
    }
    assert_eq!(bench.accounts_with_stranded_deliveries().await.unwrap(), []);
    let new = "https://b.example/";
    assert!(bench.set_webhook(owner.account, Some(new)).await.unwrap());
    // Whoever did that may have been cut off here; the sweep finds them.
    assert_eq!(
        bench.accounts_with_stranded_deliveries().await.unwrap(),
        [owner.account]
    );
    assert_eq!(
        bench
            .release_parked(owner.account, after(40))
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        bench
            .release_parked(owner.account, after(40))
            .await
            .unwrap(),
        0
    );
    let due = bench.due_deliveries(9, after(39)).await.unwrap();
    assert_eq!(due, []);
    let due = bench.due_deliveries(9, after(40)).await.unwrap();
    assert_eq!(due.len(), 2);
    for &id in &ids[..2] {
        let read = bench.outgoing(id).await.unwrap().unwrap().delivery;
        assert_eq!(
            (read.state, read.url.as_str()),
            (DeliveryState::Pending, new)
        );
    }
    let next = Next::Delivered;
    assert!(
        bench
            .finish(&busy, &rejected(), next, after(7))
            .await
            .unwrap()
    );
    let read = bench.outgoing(ids[2]).await.unwrap().unwrap().delivery;
    assert_eq!(read.url, URL);
}

async fn a_secret_is_rotated_with_an_overlap(bench: Bench) {
    let owner = bench.owner(9).await;
    let version = |current, overlap_until| SecretVersion {
        current,
        overlap_until,
    };
    assert_eq!(endpoint(&bench, owner).await.secret, version(1, None));
    let until = Some(after(60));
    let rotate = async |until| {
        bench
            .rotate_webhook_secret(owner.account, until)
            .await
            .unwrap()
    };
    assert_eq!(rotate(until).await, Some(version(2, until)));
    assert_eq!(endpoint(&bench, owner).await.secret, version(2, until));
    assert_eq!(rotate(None).await, Some(version(3, None)));
    let nobody = bench.rotate_webhook_secret(AccountId::new(), None).await;
    assert_eq!(nobody.unwrap(), None);
}
