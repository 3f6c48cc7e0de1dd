//! Pings: asked for by one, sent by another, and few.

use std::time::Duration;

use common::id::{AccountId, PingId};
use common::job::Dialect;
use common::store::PingError;

use super::lease::rejected;
use super::{Bench, Owner, after, on_both};

on_both!(
    a_ping_is_sent_by_one_and_read_by_its_owner,
    a_ping_whose_sender_died_is_sent_by_another,
    an_account_sends_few_pings_a_minute,
);

const URL: &str = "https://a.example/";

async fn ping(bench: &Bench, owner: Owner, second: u64) -> Result<PingId, PingError> {
    let dialect = Dialect::IterationLayer;
    bench
        .create_ping(owner.account, URL, dialect, after(second))
        .await
}

async fn a_ping_is_sent_by_one_and_read_by_its_owner(bench: Bench) {
    let owner = bench.owner(1).await;
    let id = ping(&bench, owner, 1).await.unwrap();
    let racing = (0..4).map(|_| bench.claim_ping(after(2)));
    let claimed = futures::future::try_join_all(racing).await.unwrap();
    let claimed: Vec<_> = claimed.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].id, claimed[0].account), (id, owner.account));
    assert_eq!(
        (claimed[0].url.as_str(), claimed[0].dialect),
        (URL, Dialect::IterationLayer)
    );
    let read = async |account| bench.read_ping(account, id).await.unwrap();
    assert_eq!(read(owner.account).await.unwrap().record, None);
    bench.finish_ping(id, &rejected(), after(3)).await.unwrap();
    assert_eq!(read(owner.account).await.unwrap().record, Some(rejected()));
    assert_eq!(read(AccountId::new()).await, None);
    assert_eq!(bench.claim_ping(after(900)).await.unwrap(), None);
    assert_eq!(bench.forget_pings(after(1), 500).await.unwrap(), 0);
    assert_eq!(bench.forget_pings(after(2), 0).await.unwrap(), 0);
    assert_eq!(bench.forget_pings(after(2), 500).await.unwrap(), 1);
}

async fn a_ping_whose_sender_died_is_sent_by_another(bench: Bench) {
    let id = ping(&bench, bench.owner(1).await, 1).await.unwrap();
    assert!(bench.claim_ping(after(2)).await.unwrap().is_some());
    assert_eq!(bench.claim_ping(after(61)).await.unwrap(), None);
    let again = bench.claim_ping(after(62)).await.unwrap();
    assert_eq!(again.unwrap().id, id);
}

async fn an_account_sends_few_pings_a_minute(bench: Bench) {
    let (owner, other) = (bench.owner(1).await, bench.owner(1).await);
    for _ in 0..10 {
        ping(&bench, owner, 1).await.unwrap();
    }
    let refused = ping(&bench, owner, 60).await;
    assert!(matches!(refused, Err(PingError::TooMany)), "{refused:?}");
    assert!(ping(&bench, other, 60).await.is_ok());
    let later = 1 + Duration::from_mins(1).as_secs();
    assert!(ping(&bench, owner, later).await.is_ok());
}
