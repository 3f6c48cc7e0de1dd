//! Assets: listed or not, swept in time and not before.

use std::time::Duration;

use common::id::AssetId;
use common::job::{AttemptOutcome, JobState, Mode};
use common::store::{Asset, AttemptRecord, Next, Page};

use super::{Bench, Owner, START, after, on_both, page, success};

on_both!(
    a_listed_asset_is_its_owners_and_an_unlisted_one_only_has_a_link,
    asset_listings_are_newest_first_and_paged,
    assets_expire_by_their_kind,
    expired_assets_are_read_on_behind_any_of_them,
    an_asset_stays_while_a_delivery_of_its_job_is_open,
);

async fn asset_of(bench: &Bench, owner: Owner, listed: bool) -> Asset {
    let mut job = owner.job(Mode::Sync);
    job.listed = listed;
    bench.accept_as(&job).await;
    bench.settle_now(&success(job.id)).await;
    let job = bench.job_by_id(job.id).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Success);
    job.asset.unwrap()
}

async fn a_listed_asset_is_its_owners_and_an_unlisted_one_only_has_a_link(bench: Bench) {
    let (owner, other) = (bench.owner(9).await, bench.owner(9).await);
    let listed = asset_of(&bench, owner, true).await;
    let unlisted = asset_of(&bench, owner, false).await;
    let read = bench.asset(owner.account, listed.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&listed));
    assert_eq!(bench.asset(other.account, listed.id).await.unwrap(), None);
    assert_eq!(bench.asset(owner.account, unlisted.id).await.unwrap(), None);
    assert_eq!(
        bench.assets(owner.account, &page(9)).await.unwrap(),
        std::slice::from_ref(&listed)
    );
    assert_eq!(bench.assets(other.account, &page(9)).await.unwrap(), []);
    assert_eq!(bench.asset_for_link(listed.id).await.unwrap(), Some(listed));
    assert_eq!(
        bench.asset_for_link(unlisted.id).await.unwrap(),
        Some(unlisted)
    );
    assert_eq!(bench.asset_for_link(AssetId::new()).await.unwrap(), None);
}

async fn asset_listings_are_newest_first_and_paged(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, asset_of(&bench, owner, true).await.id);
    }
    let check = async |page: Page, expected: &[AssetId]| {
        let assets = bench.assets(owner.account, &page).await.unwrap();
        assert_eq!(
            assets.iter().map(|asset| asset.id).collect::<Vec<_>>(),
            expected,
            "{page:?}"
        );
    };
    check(page(9), &ids).await;
    check(
        Page {
            offset: 1,
            ..page(1)
        },
        &ids[1..2],
    )
    .await;
    check(
        Page {
            start_after: Some(ids[0].to_string()),
            ..page(9)
        },
        &ids[1..],
    )
    .await;
}

async fn assets_expire_by_their_kind(bench: Bench) {
    let owner = bench.owner(9).await;
    let listed = asset_of(&bench, owner, true).await;
    let unlisted = asset_of(&bench, owner, false).await;
    assert_eq!(unlisted.expires_at, after(5 + 3600));
    assert_eq!(listed.expires_at, after(5 + 86_400));
    assert_eq!(
        bench.expired_assets(after(3600), None, 9).await.unwrap(),
        []
    );
    assert_eq!(
        bench.expired_assets(after(3605), None, 9).await.unwrap(),
        std::slice::from_ref(&unlisted)
    );
    assert_eq!(
        bench.expired_assets(after(90_000), None, 1).await.unwrap(),
        std::slice::from_ref(&unlisted)
    );
    assert!(bench.forget_asset(unlisted.id).await.unwrap());
    assert!(!bench.forget_asset(unlisted.id).await.unwrap());
    assert_eq!(
        bench.expired_assets(after(90_000), None, 9).await.unwrap(),
        [listed]
    );
}

async fn expired_assets_are_read_on_behind_any_of_them(bench: Bench) {
    let owner = bench.owner(9).await;
    let mut expected = vec![asset_of(&bench, owner, true).await];
    for _ in 0..3 {
        // These expire sooner, all at once.
        let unlisted = asset_of(&bench, owner, false).await;
        expected.insert(expected.len() - 1, unlisted);
    }
    for limit in 1..=4 {
        let mut read: Vec<Asset> = Vec::new();
        loop {
            let more = bench.expired_assets(after(90_000), read.last(), limit);
            let more = more.await.unwrap();
            if more.is_empty() {
                break;
            }
            read.extend(more);
        }
        assert_eq!(read, expected, "{limit} at a time");
    }
}

async fn an_asset_stays_while_a_delivery_of_its_job_is_open(bench: Bench) {
    let owner = bench.owner(9).await;
    let job = bench.accept_as(&owner.job_with_webhook(Mode::Async)).await;
    let delivery = bench.succeeded(job).await.delivery.unwrap();
    let late = START + Duration::from_hours(1000);
    assert_eq!(bench.expired_assets(late, None, 9).await.unwrap(), []);
    let leased = bench
        .lease_one(delivery, 1, Duration::from_secs(9), late)
        .await
        .unwrap()
        .unwrap();
    let record = AttemptRecord {
        outcome: AttemptOutcome::Delivered,
        status: Some(200),
        error: None,
        excerpt: None,
        duration: Duration::from_millis(7),
    };
    assert!(
        bench
            .finish(&leased, &record, Next::Delivered, late)
            .await
            .unwrap()
    );
    assert_eq!(bench.expired_assets(late, None, 9).await.unwrap().len(), 1);
}
