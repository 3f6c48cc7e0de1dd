//! Deliveries as their owner looks through them.

use common::id::DeliveryId;
use common::job::{DeliveryState, Mode};
use common::store::{DeliveryFilter, Next};

use super::endpoint::set_and_off;
use super::lease::{leased, rejected};
use super::{Bench, Owner, after, on_both, page};

on_both!(
    each_filter_leaves_out_what_it_says,
    pages_go_from_the_newest_to_the_oldest,
);

async fn fresh(bench: &Bench, owner: Owner, url: &str) -> DeliveryId {
    let mut job = owner.job(Mode::Async);
    job.webhook = Some(url.to_owned());
    let job = bench.accept_as(&job).await;
    bench.succeeded(job).await.delivery.unwrap()
}

async fn list(bench: &Bench, owner: Owner, filter: &DeliveryFilter) -> Vec<DeliveryId> {
    let listed = bench.list_deliveries(owner.account, filter, &page(9)).await;
    listed.unwrap().iter().map(|delivery| delivery.id).collect()
}

async fn each_filter_leaves_out_what_it_says(bench: Bench) {
    let (owner, other) = (bench.owner(9).await, bench.owner(9).await);
    let waits = fresh(&bench, owner, "https://a.example/").await;
    let failed = fresh(&bench, owner, "https://b.example/").await;
    let parked = fresh(&bench, owner, "https://b.example/").await;
    fresh(&bench, other, "https://a.example/").await;
    let attempt = leased(&bench, failed, 1, after(6)).await;
    let next = Next::Failed;
    assert!(
        bench
            .finish(&attempt, &rejected(), next, after(7))
            .await
            .unwrap()
    );
    set_and_off(&bench, owner).await;
    assert!(bench.park(parked, after(99), after(7)).await.unwrap());
    let all = DeliveryFilter::default();
    assert_eq!(list(&bench, owner, &all).await, [parked, failed, waits]);
    let by_state = |state| DeliveryFilter {
        state: Some(state),
        ..DeliveryFilter::default()
    };
    for (state, expected) in [
        (DeliveryState::Pending, vec![waits]),
        (DeliveryState::Parked, vec![parked]),
        (DeliveryState::Failed, vec![failed]),
        (DeliveryState::Delivered, vec![]),
    ] {
        assert_eq!(
            list(&bench, owner, &by_state(state)).await,
            expected,
            "{state}"
        );
    }
    let by_url = DeliveryFilter {
        url: Some("https://b.example/".to_owned()),
        ..DeliveryFilter::default()
    };
    assert_eq!(list(&bench, owner, &by_url).await, [parked, failed]);
    let job = bench.outgoing(failed).await.unwrap().unwrap().delivery.job;
    let by_job = DeliveryFilter {
        job: Some(job),
        ..DeliveryFilter::default()
    };
    assert_eq!(list(&bench, owner, &by_job).await, [failed]);
    let born = bench
        .outgoing(failed)
        .await
        .unwrap()
        .unwrap()
        .delivery
        .created_at;
    let later = born + std::time::Duration::from_micros(1);
    for (since, until, some) in [
        (Some(born), None, true),
        (Some(later), None, false),
        (None, Some(born), false),
        (None, Some(later), true),
    ] {
        let by_time = DeliveryFilter {
            since,
            until,
            ..DeliveryFilter::default()
        };
        assert_eq!(list(&bench, owner, &by_time).await.is_empty(), !some);
    }
}

async fn pages_go_from_the_newest_to_the_oldest(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.insert(0, fresh(&bench, owner, "https://a.example/").await);
    }
    let all = DeliveryFilter::default();
    let mut two = page(2);
    let first = bench
        .list_deliveries(owner.account, &all, &two)
        .await
        .unwrap();
    two.start_after = Some(first[1].id.to_string());
    let second = bench
        .list_deliveries(owner.account, &all, &two)
        .await
        .unwrap();
    let seen: Vec<_> = first
        .iter()
        .chain(&second)
        .map(|delivery| delivery.id)
        .collect();
    assert_eq!(seen, ids);
}
