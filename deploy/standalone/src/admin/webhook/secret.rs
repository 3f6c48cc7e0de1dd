//! The secret that signs an account's webhooks.

use std::time::Duration;

use anyhow::Context as _;
use common::clock::{Clock, Timestamp};
use common::id::AccountId;
use common::seal::SealKey;
use common::signature::{WebhookKey, WebhookSecret};
use common::store::Store;
use serde_json::json;

use super::Key;
use crate::admin::no_account;
use crate::cli::Shared;
use crate::data::DataDir;
use crate::output::Output;

/// The key of which secrets are made: the data folder's, or the one that the services share.
pub(super) fn key(key: Key, shared: &Shared) -> anyhow::Result<WebhookKey> {
    if shared.database_url.is_none() {
        let data = DataDir::existing(&shared.data_dir)?;
        return Ok(SealKey::new(&data.secret("seal.key")?).webhooks());
    }
    let secret = key.seal_key.context(
        "the secret is made of the installation's key: give --seal-key (PLATEN_SEAL_KEY), the same as the services have",
    )?;
    secret.check("--seal-key (PLATEN_SEAL_KEY)")?;
    Ok(secret.seal_key().webhooks())
}

/// Makes the next secret the current one.
pub(super) async fn rotate(
    store: &Store,
    account: AccountId,
    overlap: Duration,
) -> anyhow::Result<()> {
    let until = (!overlap.is_zero()).then(|| Clock::system().now() + overlap);
    let rotated = store.rotate_webhook_secret(account, until).await?;
    rotated.map(drop).ok_or_else(|| no_account(account))
}

/// Shows the secrets that sign.
pub(super) async fn show(
    store: &Store,
    account: AccountId,
    key: &WebhookKey,
    output: &Output,
) -> anyhow::Result<()> {
    let endpoint = store.endpoint(account).await?;
    let version = endpoint.ok_or_else(|| no_account(account))?.secret;
    let secrets = key.secrets(account, version, Clock::system().now());
    let mut secrets = secrets.iter().map(WebhookSecret::reveal);
    let (current, previous) = (secrets.next(), secrets.next());
    let until = previous.as_ref().and(version.overlap_until);
    let until = until.map(Timestamp::to_iso8601);
    let shown = json!({
        "account_id": account,
        "secret": current,
        "previous_secret": previous,
        "previous_secret_signs_until": until,
    });
    output.print(&shown, |_| {
        let mut text = current.unwrap_or_default();
        if let (Some(previous), Some(until)) = (previous, until) {
            text = format!("{text}\n{previous}  (the one before; signs too until {until})");
        }
        text
    })
}
