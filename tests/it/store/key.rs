//! Keys: who calls.

use common::id::{AccountId, KeyId};
use common::key::ApiKey;
use common::store::Caller;

use super::{Bench, START, after, on_both};

on_both!(
    a_key_opens_its_account_until_it_is_revoked,
    a_key_needs_an_account_and_is_unique
);

async fn a_key_opens_its_account_until_it_is_revoked(bench: Bench) {
    let owner = bench.owner(0).await;
    let secret = ApiKey::generate();
    assert_eq!(bench.authenticate(&secret.hash()).await.unwrap(), None);
    let key = bench
        .create_key(
            owner.account,
            "second",
            &secret.hash(),
            secret.last4(),
            after(1),
        )
        .await
        .unwrap();
    let caller = Caller {
        account: owner.account,
        key,
        last4: secret.last4().into(),
        project: None,
    };
    let same = ApiKey::parse(secret.expose());
    assert_eq!(
        bench.authenticate(&same.hash()).await.unwrap(),
        Some(caller)
    );

    assert!(bench.revoke_key(key, after(2)).await.unwrap());
    assert!(!bench.revoke_key(key, after(3)).await.unwrap());
    assert!(!bench.revoke_key(KeyId::new(), after(3)).await.unwrap());
    assert_eq!(bench.authenticate(&secret.hash()).await.unwrap(), None);
    let keys = bench.keys(owner.account).await.unwrap();
    assert_eq!(
        keys.iter().map(|key| key.id).collect::<Vec<_>>(),
        [owner.key, key]
    );
    assert_eq!(keys[0].revoked_at, None);
    assert_eq!(
        (keys[1].name.as_str(), keys[1].revoked_at),
        ("second", Some(after(2)))
    );
}

async fn a_key_needs_an_account_and_is_unique(bench: Bench) {
    let owner = bench.owner(0).await;
    let secret = ApiKey::generate();
    let (hash, last4) = (secret.hash(), secret.last4());
    assert!(
        bench
            .create_key(AccountId::new(), "k", &hash, last4, START)
            .await
            .is_err()
    );
    bench
        .create_key(owner.account, "k", &hash, last4, START)
        .await
        .unwrap();
    assert!(
        bench
            .create_key(owner.account, "k", &hash, last4, START)
            .await
            .is_err()
    );
}
