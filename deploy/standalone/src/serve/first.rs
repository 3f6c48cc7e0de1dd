//! The first start: an account with credits and a key, so that the first request can follow at once.

use common::clock::Clock;
use common::credits::Credits;
use common::id::AccountId;
use common::key::ApiKey;
use common::store::{Limits, Store};

/// Credits of the account that the first start makes.
pub(crate) const FIRST_CREDITS: Credits = Credits::whole(10_000);

/// The installation's first account.
#[derive(Debug)]
pub(crate) struct FirstAccount {
    pub(crate) id: AccountId,
    /// Its key, known only at the start that made it.
    pub(crate) fresh_key: Option<ApiKey>,
}

/// Finds the installation's oldest account, or makes one; it has no rate limit.
pub(crate) async fn account(store: &Store, clock: &Clock) -> anyhow::Result<FirstAccount> {
    let oldest = store
        .accounts()
        .await?
        .into_iter()
        .map(|account| account.id)
        .min();
    if let Some(id) = oldest {
        return Ok(FirstAccount {
            id,
            fresh_key: None,
        });
    }
    let now = clock.now();
    let id = store
        .create_account("default", None, FIRST_CREDITS, now)
        .await?;
    store
        .set_limits(
            id,
            Limits {
                rate: None,
                ..Limits::default()
            },
        )
        .await?;
    let key = ApiKey::generate();
    store
        .create_key(id, "first", &key.hash(), key.last4(), now)
        .await?;
    Ok(FirstAccount {
        id,
        fresh_key: Some(key),
    })
}
