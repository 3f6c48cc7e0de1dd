//! Where the webhook is and how it stands.

use common::clock::{Clock, Timestamp};
use common::id::AccountId;
use common::store::Store;
use serde_json::json;

use crate::admin::no_account;
use crate::output::Output;

/// Sets or clears the address and shows it.
pub(super) async fn set(
    store: &Store,
    (account, url): (AccountId, Option<&str>),
    output: &Output,
) -> anyhow::Result<()> {
    let set = store.move_webhook(account, url, Clock::system().now());
    anyhow::ensure!(set.await?, no_account(account));
    show(store, account, output).await
}

/// Switches it on and shows it.
pub(super) async fn enable(
    store: &Store,
    account: AccountId,
    output: &Output,
) -> anyhow::Result<()> {
    let now = Clock::system().now();
    store.enable_webhook(account, now).await?;
    show(store, account, output).await
}

/// Shows it.
pub(super) async fn show(store: &Store, account: AccountId, output: &Output) -> anyhow::Result<()> {
    let endpoint = store.endpoint(account).await?;
    let endpoint = endpoint.ok_or_else(|| no_account(account))?;
    let shown = json!({
        "account_id": account,
        "webhook": endpoint.url,
        "off_since": endpoint.off.map(|off| off.at.to_iso8601()),
        "off_reason": endpoint.off.map(|off| off.reason),
        "failing_since": endpoint.failing_since.map(Timestamp::to_iso8601),
    });
    output.print(&shown, |_| {
        let Some(url) = endpoint.url else {
            return "none".to_owned();
        };
        match (endpoint.off, endpoint.failing_since) {
            (Some(off), _) => format!(
                "{url}\nswitched off since {} ({}); `platen webhook enable {account}` switches it on",
                off.at.to_iso8601(),
                off.reason
            ),
            (None, Some(since)) => format!("{url}\nevery call has failed since {}", since.to_iso8601()),
            (None, None) => url,
        }
    })
}
