//! Accounts: balance, limits, webhook, sums.

use common::clock::Timestamp;
use common::credits::Credits;
use common::id::AccountId;
use common::job::{EntryKind, JobKind, Mode};
use common::store::{Account, Counters, Limits};
use platen_tests::cli::Cli;
use platen_tests::postgres::Postgres;

use super::{Bench, START, after, credits, failure, on_both, success};

on_both!(
    a_new_account_has_its_grant_and_the_usual_limits,
    a_grant_adds_to_the_balance_and_to_the_ledger,
    a_correction_below_zero_is_refused_whole,
    limits_and_webhook_are_kept,
    counters_add_up_open_and_ended_jobs,
);

async fn a_new_account_has_its_grant_and_the_usual_limits(bench: Bench) {
    let (email, grant) = (Some("a@b.example"), Credits::from_thousandths(12_345));
    let id = bench
        .create_account("Ann & Söhne", email, grant, START)
        .await
        .unwrap();
    let second = bench
        .create_account("second", None, Credits::ZERO, START)
        .await
        .unwrap();
    let account = bench.account(id).await.unwrap().unwrap();
    let expected = Account {
        id,
        name: "Ann & Söhne".into(),
        email: Some("a@b.example".into()),
        balance: grant,
        limits: Limits {
            rate: None,
            in_flight: 16,
            backlog: 10_000,
        },
        webhook_url: None,
        created_at: START,
    };
    assert_eq!(account, expected);
    let ids: Vec<_> = bench
        .accounts()
        .await
        .unwrap()
        .iter()
        .map(|account| account.id)
        .collect();
    assert_eq!(ids, [id, second]);
    assert_eq!(bench.account(AccountId::new()).await.unwrap(), None);
    let ledger = bench.ledger(id).await.unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!(
        (ledger[0].kind, ledger[0].amount, ledger[0].job),
        (EntryKind::Grant, grant, None)
    );
}

async fn a_grant_adds_to_the_balance_and_to_the_ledger(bench: Bench) {
    let owner = bench.owner(1).await;
    let half = Credits::from_thousandths(500);
    let balance = bench.grant(owner.account, half, after(1)).await.unwrap();
    assert_eq!(balance, Some(Credits::from_thousandths(1500)));
    let amounts: Vec<_> = bench
        .ledger(owner.account)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.amount)
        .collect();
    assert_eq!(amounts, [credits(1), half]);
    assert_eq!(
        bench.grant(AccountId::new(), half, START).await.unwrap(),
        None
    );
}

async fn a_correction_below_zero_is_refused_whole(bench: Bench) {
    let owner = bench.owner(2).await;
    assert!(
        bench
            .grant(owner.account, credits(-3), START)
            .await
            .is_err()
    );
    assert_eq!(bench.balance(owner).await, credits(2));
    assert_eq!(bench.ledger(owner.account).await.unwrap().len(), 1);
    assert!(
        bench
            .grant(owner.account, Credits::from_thousandths(i64::MAX), START)
            .await
            .is_err()
    );
    assert_eq!(
        bench
            .grant(owner.account, credits(-2), START)
            .await
            .unwrap(),
        Some(Credits::ZERO)
    );
}

async fn limits_and_webhook_are_kept(bench: Bench) {
    let owner = bench.owner(0).await;
    let limits = Limits {
        rate: Some(u32::MAX),
        in_flight: 1,
        backlog: 0,
    };
    assert!(bench.set_limits(owner.account, limits).await.unwrap());
    assert!(
        bench
            .set_webhook(owner.account, Some("https://a.example/"))
            .await
            .unwrap()
    );
    let account = bench.account(owner.account).await.unwrap().unwrap();
    assert_eq!(account.limits, limits);
    assert_eq!(account.webhook_url.as_deref(), Some("https://a.example/"));
    assert!(bench.set_webhook(owner.account, None).await.unwrap());
    assert_eq!(
        bench
            .account(owner.account)
            .await
            .unwrap()
            .unwrap()
            .webhook_url,
        None
    );

    assert!(!bench.set_limits(AccountId::new(), limits).await.unwrap());
    assert!(!bench.set_webhook(AccountId::new(), None).await.unwrap());
    let nobody_could_call = Limits {
        rate: Some(0),
        ..limits
    };
    assert!(
        bench
            .set_limits(owner.account, nobody_could_call)
            .await
            .is_err()
    );
}

async fn counters_add_up_open_and_ended_jobs(bench: Bench) {
    let owner = bench.owner(10).await;
    assert_eq!(
        bench.counters(owner.account).await.unwrap(),
        Counters::default()
    );
    let (good, bad) = (bench.accepted(owner).await, bench.accepted(owner).await);
    let mut open = owner.job(Mode::Async);
    open.kind = JobKind::UrlImage;
    bench.accept_as(&open).await;
    bench.settle_now(&success(good)).await;
    bench.settle_now(&failure(bad)).await;
    bench.settle_now(&failure(bad)).await;
    let expected = Counters {
        total: 3,
        success: 1,
        error: 1,
        bytes: 1234,
        compute_ms: 4000,
        storage_bytes: 1234,
        by_kind: vec![(JobKind::HtmlPdf, 2), (JobKind::UrlImage, 1)],
    };
    assert_eq!(
        sorted(bench.counters(owner.account).await.unwrap()),
        sorted(expected)
    );

    let expired = bench
        .expired_assets(Timestamp::from_micros(i64::MAX), None, 10)
        .await
        .unwrap();
    assert!(bench.forget_asset(expired[0].id).await.unwrap());
    let counters = bench.counters(owner.account).await.unwrap();
    assert_eq!((counters.storage_bytes, counters.bytes), (0, 1234));
}

fn sorted(mut counters: Counters) -> Counters {
    counters.by_kind.sort();
    counters
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_an_installation_of_many_services_has_a_rate_limit_and_one_beside_a_folder_none()
 {
    let folder = tempfile::tempdir().unwrap();
    let remote = Cli::on_database(&Postgres::shared().database());
    remote.run(&["migrate"]).await;
    let local = Cli::new(folder.path());
    let rate = async |cli: &Cli, more: &[&str]| {
        let create = [&["account", "create", "someone"], more].concat();
        cli.run(&create).await["rate"].clone()
    };
    assert_eq!(rate(&remote, &[]).await, 100);
    assert_eq!(
        rate(&remote, &["--rate", "off"]).await,
        serde_json::Value::Null
    );
    assert_eq!(rate(&local, &[]).await, serde_json::Value::Null);
    assert_eq!(rate(&local, &["--rate", "7"]).await, 7);
}
