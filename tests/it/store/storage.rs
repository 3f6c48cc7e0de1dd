//! Customers' buckets, and the trials of them, which are no conversions.

use common::id::{AccountId, RunId, StorageId};
use common::job::{JobKind, Lane, Mode};
use common::message::Outcome;
use common::objects::ObjectKey;
use common::storage::{Place, SealedKeys};
use common::store::{MOST_STORAGES, SavedStorage, Storage};

use super::{Bench, Owner, START, after, artifact, completion, credits, on_both, page, success};

on_both!(
    a_bucket_is_its_accounts_alone_until_it_is_removed,
    saving_again_replaces_the_keys_and_nothing_else,
    titles_are_one_of_a_kind_and_buckets_are_few,
    a_trial_is_in_no_listing_and_no_sum,
    what_lies_in_a_customers_bucket_takes_no_room_of_ours,
);

fn storage(account: AccountId, title: &str) -> Storage {
    Storage {
        id: StorageId::new(),
        account,
        title: title.to_owned(),
        place: Place {
            endpoint: "https://s3.example/base".parse().ok(),
            region: "eu-1".into(),
            bucket: "mine".into(),
        },
        keys: SealedKeys(vec![0, 1, 255]),
        created_at: START,
        updated_at: START,
    }
}

async fn save(bench: &Bench, storage: &Storage) -> SavedStorage {
    bench.save_storage(storage).await.unwrap()
}

async fn a_bucket_is_its_accounts_alone_until_it_is_removed(bench: Bench) {
    let (owner, other) = (bench.owner(1).await, bench.owner(1).await);
    let first = storage(owner.account, "first");
    let mut second = storage(owner.account, "second");
    second.place.endpoint = None;
    for storage in [&first, &second] {
        assert_eq!(save(&bench, storage).await, SavedStorage::Saved);
    }
    let read = async |account, id| bench.storage(account, id).await.unwrap();
    assert_eq!(read(owner.account, first.id).await.as_ref(), Some(&first));
    assert_eq!(read(other.account, first.id).await, None);
    let all = bench.storages(owner.account).await.unwrap();
    assert_eq!(all, [first.clone(), second.clone()]);
    assert_eq!(bench.storages(other.account).await.unwrap(), []);
    let remove = async |account| bench.remove_storage(account, first.id).await.unwrap();
    assert!(!remove(other.account).await);
    assert!(remove(owner.account).await && !remove(owner.account).await);
    assert_eq!(bench.storages(owner.account).await.unwrap(), [second]);
    let nobody = storage(AccountId::new(), "x");
    assert_eq!(save(&bench, &nobody).await, SavedStorage::NoSuchAccount);
}

async fn saving_again_replaces_the_keys_and_nothing_else(bench: Bench) {
    let owner = bench.owner(1).await;
    let first = storage(owner.account, "mine");
    save(&bench, &first).await;
    let again = Storage {
        title: "another".into(),
        keys: SealedKeys(vec![7]),
        created_at: after(9),
        updated_at: after(9),
        ..first.clone()
    };
    assert_eq!(save(&bench, &again).await, SavedStorage::Saved);
    let expected = Storage {
        keys: again.keys,
        updated_at: after(9),
        ..first
    };
    assert_eq!(bench.storages(owner.account).await.unwrap(), [expected]);
}

async fn titles_are_one_of_a_kind_and_buckets_are_few(bench: Bench) {
    let (owner, other) = (bench.owner(1).await, bench.owner(1).await);
    let racing = (0..4).map(|_| storage(owner.account, "mine"));
    let racing = racing.map(|storage| {
        let bench = &bench;
        async move { save(bench, &storage).await }
    });
    let mut saved = futures::future::join_all(racing).await;
    saved.retain(|saved| *saved == SavedStorage::Saved);
    assert_eq!(saved.len(), 1);
    let taken = storage(owner.account, "mine");
    assert_eq!(save(&bench, &taken).await, SavedStorage::TitleTaken);
    let elsewhere = storage(other.account, "mine");
    assert_eq!(save(&bench, &elsewhere).await, SavedStorage::Saved);
    for number in 1..MOST_STORAGES {
        let next = storage(owner.account, &format!("{number}"));
        assert_eq!(save(&bench, &next).await, SavedStorage::Saved);
    }
    let more = storage(owner.account, "more");
    assert_eq!(save(&bench, &more).await, SavedStorage::TooMany);
}

async fn a_trial_is_in_no_listing_and_no_sum(bench: Bench) {
    let owner: Owner = bench.owner(1).await;
    let mut trial = owner.job(Mode::Sync);
    trial.kind = JobKind::StorageCheck;
    trial.lane = Lane::Native;
    trial.price = credits(0);
    trial.listed = false;
    bench.accept_as(&trial).await;
    let sums = async || bench.counters(owner.account).await.unwrap();
    assert_eq!(sums().await.total, 0);
    bench.settle_now(&success(trial.id)).await;
    assert_eq!((sums().await.total, sums().await.bytes), (0, 0));
    assert_eq!(bench.jobs(owner.account, &page(9)).await.unwrap(), []);
    assert_eq!(bench.balance(owner).await, credits(1));
    let kept = bench.job_by_id(trial.id).await.unwrap().unwrap();
    assert_eq!(kept.kind, JobKind::StorageCheck);
}

async fn what_lies_in_a_customers_bucket_takes_no_room_of_ours(bench: Bench) {
    let owner = bench.owner(1).await;
    let job = bench.accepted(owner).await;
    let run = RunId::new();
    let mut result = artifact(job, run, "a.pdf", 1234);
    result.key = ObjectKey::in_storage(StorageId::new(), &result.key);
    let outcome = Outcome::Success {
        artifact: result.clone(),
        preview: None,
    };
    bench.settle_now(&completion(job, run, outcome)).await;
    let sums = bench.counters(owner.account).await.unwrap();
    assert_eq!((sums.storage_bytes, sums.bytes), (0, 1234));
    let kept = bench.job_by_id(job).await.unwrap().unwrap();
    assert_eq!(kept.asset.unwrap().key, result.key);
}
