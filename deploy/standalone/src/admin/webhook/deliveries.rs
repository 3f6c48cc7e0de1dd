//! Deliveries: to look through, and to send again.

use std::str::FromStr;

use anyhow::Context as _;
use common::clock::{Clock, Timestamp};
use common::id::{AccountId, DeliveryId};
use common::job::{AttemptOutcome, DeliveryState};
use common::plain::plain;
use common::store::{Attempt, Delivery, DeliveryFilter, Page, Replay, Store};
use serde_json::{Value, json};

use crate::output::{Output, table};

/// Since when: a moment, or so long ago.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(Timestamp);

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(moment) = text.parse() {
            return Ok(Self(moment));
        }
        let ago = common::duration::parse(text);
        let ago = ago.map_err(|_| {
            "give a moment such as 2026-01-31T08:30:00Z, or so long ago, such as 2h".to_owned()
        })?;
        Ok(Self(Clock::system().now() - ago))
    }
}

/// The filter of a list.
pub(super) fn filter(
    state: Option<DeliveryState>,
    url: Option<String>,
    since: Option<Since>,
) -> DeliveryFilter {
    DeliveryFilter {
        state,
        url,
        since: since.map(|since| since.0),
        ..DeliveryFilter::default()
    }
}

/// Lists deliveries.
pub(super) async fn list(
    store: &Store,
    account: AccountId,
    (filter, limit): (DeliveryFilter, u32),
    output: &Output,
) -> anyhow::Result<()> {
    let page = Page {
        limit,
        offset: 0,
        start_after: None,
    };
    let deliveries = store.list_deliveries(account, &filter, &page).await?;
    let shown: Vec<Value> = deliveries.iter().map(as_json).collect();
    output.print(&shown, |_| {
        let rows: Vec<Vec<String>> = deliveries.iter().map(row).collect();
        table(
            &["DELIVERY", "STATE", "ATTEMPTS", "CREATED", "JOB", "URL"],
            &rows,
        )
    })
}

/// Shows one with its attempts.
pub(super) async fn attempts(
    store: &Store,
    account: AccountId,
    id: DeliveryId,
    output: &Output,
) -> anyhow::Result<()> {
    let delivery = store.delivery(account, id).await?;
    let delivery = delivery.with_context(|| no_delivery(account, id))?;
    let attempts = store.attempts(id).await?;
    let mut shown = as_json(&delivery);
    shown["log"] = attempts.iter().map(attempt_as_json).collect();
    output.print(&shown, |_| {
        let rows: Vec<Vec<String>> = attempts.iter().map(attempt_row).collect();
        let head = plain(&row(&delivery).join("  "));
        let log = table(&["#", "STARTED", "OUTCOME", "STATUS", "MS", "ERROR"], &rows);
        format!("{head}\n{log}")
    })
}

/// Sends one again, or now.
pub(super) async fn resend(
    store: &Store,
    account: AccountId,
    id: DeliveryId,
    output: &Output,
) -> anyhow::Result<()> {
    let replay = store.replay(account, id, Clock::system().now()).await?;
    let (sent, text) = match replay.with_context(|| no_delivery(account, id))? {
        Replay::Again(new) => (new, format!("{id} is sent again as {new}")),
        Replay::Hastened => (id, format!("{id} is sent now")),
        Replay::UnderWay => (id, format!("{id} is being sent at this moment")),
        Replay::Parked => anyhow::bail!(
            "{id} waits for its endpoint, which is switched off; `platen webhook enable {account}` switches it on and sends it"
        ),
    };
    output.print(&json!({ "delivery_id": sent }), |_| text)
}

/// Sends all dead letters again.
pub(super) async fn replay(
    store: &Store,
    account: AccountId,
    (Since(since), dry_run): (Since, bool),
    output: &Output,
) -> anyhow::Result<()> {
    let count = if dry_run {
        store.count_dead_letters(account, since).await?
    } else {
        let now = Clock::system().now();
        store.replay_dead_letters(account, since, now).await?
    };
    output.print(&json!({ "count": count, "dry_run": dry_run }), |_| {
        let what = if dry_run { "would be sent" } else { "are sent" };
        format!("{count} deliveries {what} again")
    })
}

fn no_delivery(account: AccountId, id: DeliveryId) -> String {
    format!("the account {account} has no delivery {id}; `platen webhook list {account}` shows all")
}

fn as_json(delivery: &Delivery) -> Value {
    json!({
        "delivery_id": delivery.id,
        "message_id": delivery.message,
        "job_id": delivery.job,
        "url": delivery.url,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at.to_iso8601(),
        "created_at": delivery.created_at.to_iso8601(),
        "finished_at": delivery.finished_at.map(Timestamp::to_iso8601),
        "replayed_at": delivery.replayed_at.map(Timestamp::to_iso8601),
    })
}

fn row(delivery: &Delivery) -> Vec<String> {
    vec![
        delivery.id.to_string(),
        delivery.state.to_string(),
        delivery.attempts.to_string(),
        delivery.created_at.to_iso8601(),
        delivery.job.to_string(),
        delivery.url.clone(),
    ]
}

fn attempt_as_json(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "started_at": attempt.started_at.to_iso8601(),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "error": attempt.error,
        "excerpt": attempt.excerpt,
        "duration_ms": attempt.duration.map(|took| took.as_millis()),
    })
}

fn attempt_row(attempt: &Attempt) -> Vec<String> {
    let outcome = attempt.outcome.map_or("under way", AttemptOutcome::as_str);
    vec![
        attempt.number.to_string(),
        attempt.started_at.to_iso8601(),
        outcome.to_owned(),
        attempt
            .status
            .map(|status| status.to_string())
            .unwrap_or_default(),
        attempt
            .duration
            .map(|took| took.as_millis().to_string())
            .unwrap_or_default(),
        attempt.error.clone().unwrap_or_default(),
    ]
}
