//! A ping, sent by a running dispatcher.

use anyhow::Context as _;
use common::clock::Clock;
use common::id::AccountId;
use common::job::{AttemptOutcome, Dialect};
use common::plain::plain;
use common::store::Store;
use serde_json::json;

use crate::admin::no_account;
use crate::output::Output;

/// Asks for a ping and shows what came of it; an endpoint that does not take it is an error.
pub(super) async fn run(
    store: &Store,
    (account, url, dialect): (AccountId, Option<String>, Dialect),
    output: &Output,
) -> anyhow::Result<()> {
    let endpoint = store.endpoint(account).await?;
    let endpoint = endpoint.ok_or_else(|| no_account(account))?;
    let url = url.or(endpoint.url).with_context(|| {
        format!("the account has no webhook; `platen webhook set {account} URL` sets one, --url tries another")
    })?;
    let now = Clock::system().now();
    let id = store.create_ping(account, &url, dialect, now).await?;
    let record = store.await_ping(account, id).await?.context(
        "no dispatcher has sent the ping; is `platen serve` or platen-dispatcher running on this database?",
    )?;
    let shown = json!({
        "ping_id": id,
        "url": url,
        "outcome": record.outcome,
        "status": record.status,
        "error": record.error,
        "excerpt": record.excerpt,
        "duration_ms": record.duration.as_millis(),
    });
    anyhow::ensure!(
        record.outcome == AttemptOutcome::Delivered,
        "{url} did not take the ping: {}",
        plain(record.error.as_deref().unwrap_or(record.outcome.as_str()))
    );
    output.print(&shown, |_| {
        let status = record.status.unwrap_or_default();
        format!(
            "{url} answered {status} after {} ms",
            record.duration.as_millis()
        )
    })
}
