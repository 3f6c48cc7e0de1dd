//! Settling: a job moves once to its final state, and what follows from that happens with it.

use std::time::Duration;

use crate::broker::Route;
use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::id::{AccountId, AssetId, DeliveryId, JobId, RunId};
use crate::job::{EntryKind, FailureKind, JobKind, JobState, Mode};
use crate::message::Completion;
use crate::objects::ObjectKey;
use crate::telemetry::TraceContext;

use super::asset::{self, Asset};
use super::column::{Int, Json, Text};
use super::end::{End, Stored};
use super::engine::{Tx, from_row, on};
use super::ledger::{self, Entry};
use super::totals::{self, Ended};
use super::{Store, StoreError, account, delivery, project};

/// How long results are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Those that their owner asked to keep.
    pub listed: Duration,
    /// The others.
    pub unlisted: Duration,
}

/// What came of settling a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// There is no such job; what the run stored belongs to nobody.
    NoSuchJob,
    /// It has ended now.
    Settled(Final),
    /// It had ended before; nothing has changed.
    Repeated {
        /// How it had ended.
        state: JobState,
        /// Whose result stands; what any other run has stored is to be deleted.
        winner: Option<RunId>,
        /// What is to be announced again.
        final_: Final,
    },
}

/// What is to be done after a job has ended; doing it twice does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Final {
    /// Which job.
    pub job: JobId,
    /// Whose.
    pub account: AccountId,
    /// How it ended.
    pub state: JobState,
    /// Whether a caller waits.
    pub mode: Mode,
    /// Where that caller waits.
    pub route: Option<Route>,
    /// The open delivery that tells the account's endpoint.
    pub delivery: Option<DeliveryId>,
    /// Objects that nobody needs any more.
    pub inputs: Vec<ObjectKey>,
}

/// The columns of a job that its end needs, as they are once its row is locked.
struct Row {
    job: JobId,
    account: AccountId,
    kind: JobKind,
    mode: Mode,
    detached: bool,
    state: JobState,
    name: Option<String>,
    project_id: Option<String>,
    file_name: String,
    inline: bool,
    listed: bool,
    inputs: Vec<ObjectKey>,
    price: Credits,
    route: Option<Route>,
    webhook: Option<String>,
    run: Option<RunId>,
    trace: Option<TraceContext>,
}

macro_rules! columns {
    () => {
        "id, account_id, kind, mode, detached, state, name, project_id, file_name, inline, \
         listed, inputs, price, route, webhook, run_id, trace"
    };
}

from_row!(Row, row => Row {
    job: row.try_get("id")?,
    account: row.try_get("account_id")?,
    kind: row.try_get("kind")?,
    mode: row.try_get("mode")?,
    detached: row.try_get("detached")?,
    state: row.try_get("state")?,
    name: row.try_get("name")?,
    project_id: row.try_get("project_id")?,
    file_name: row.try_get("file_name")?,
    inline: row.try_get("inline")?,
    listed: row.try_get("listed")?,
    inputs: row.try_get::<Json<_>, _>("inputs")?.0,
    price: row.try_get("price")?,
    route: row.try_get("route")?,
    webhook: row.try_get("webhook")?,
    run: row.try_get("run_id")?,
    trace: row.try_get("trace")?,
});

impl Row {
    fn into_final(self, delivery: Option<DeliveryId>) -> Final {
        Final {
            job: self.job,
            account: self.account,
            state: self.state,
            mode: self.mode,
            route: self.route,
            delivery,
            inputs: self.inputs,
        }
    }
}

impl Store {
    /// Ends a job as its run has ended.
    pub async fn settle(
        &self,
        completion: &Completion,
        retention: Retention,
        now: Timestamp,
    ) -> Result<Settlement, StoreError> {
        self.end(completion.job, &End::of(completion, retention), now)
            .await
    }

    /// Ends a job as an error that no run has reported.
    pub async fn fail(
        &self,
        job: JobId,
        kind: FailureKind,
        message: &str,
        now: Timestamp,
    ) -> Result<Settlement, StoreError> {
        self.end(job, &End::failed(kind, message, now), now).await
    }

    async fn end(
        &self,
        job: JobId,
        end: &End<'_>,
        now: Timestamp,
    ) -> Result<Settlement, StoreError> {
        // A turn is repeated only when the job has moved on between the look and the lock, and
        // it can do so only a few times.
        loop {
            let mut tx = self.begin().await?;
            // Nearly every job that ends is no longer held and has not ended before.
            if let Some(row) = close(&mut tx, job, false, (end, now)).await? {
                return settled(tx, row, end, now).await;
            }
            let Some(seen) = look(&mut tx, job).await? else {
                tx.rollback().await?;
                return Ok(Settlement::NoSuchJob);
            };
            if seen.state.is_final() {
                let delivery = delivery::open(&mut tx, job).await?;
                tx.rollback().await?;
                return Ok(Settlement::Repeated {
                    state: seen.state,
                    winner: seen.run,
                    final_: seen.into_final(delivery),
                });
            }
            if seen.state == JobState::Held {
                // Locks are taken in the order job, account, held job.
                account::lock(&mut tx, seen.account).await?;
                if let Some(row) = close(&mut tx, job, true, (end, now)).await? {
                    return settled(tx, row, end, now).await;
                }
            }
            tx.rollback().await?;
        }
    }
}

/// Does what follows from an end that was just written, and makes all of it last.
async fn settled(
    mut tx: Tx,
    row: Row,
    end: &End<'_>,
    now: Timestamp,
) -> Result<Settlement, StoreError> {
    let delivery = follow(&mut tx, &row, end, now).await?;
    tx.commit().await?;
    Ok(Settlement::Settled(row.into_final(delivery)))
}

async fn look(tx: &mut Tx, job: JobId) -> sqlx::Result<Option<Row>> {
    const SQL: &str = concat!("select ", columns!(), " from jobs where id = $1");
    on!(tx.db(), db => sqlx::query_as(SQL).bind(job).fetch_optional(db).await)
}

/// The one move to a final state; `None` if the job is not as it was seen.
async fn close(
    tx: &mut Tx,
    job: JobId,
    held: bool,
    (end, now): (&End<'_>, Timestamp),
) -> sqlx::Result<Option<Row>> {
    // A fast run may end before its publisher has noted that it was published.
    const SQL: &str = concat!(
        "update jobs set state = $3, run_id = $4, worker = $5, started_at = $6, \
         finished_at = $7, size = $8, failure = $9, error = $10, task = null, \
         claimed_until = null, settled_at = $11, report = $12, \
         published_at = coalesce(published_at, $6) \
         where id = $1 and finished_at is null and (state = 'held') = $2 returning ",
        columns!()
    );
    on!(tx.db(), db => sqlx::query_as(SQL)
        .bind(job)
        .bind(held)
        .bind(end.state)
        .bind(end.run)
        .bind(end.worker.map(Text))
        .bind(end.started_at)
        .bind(end.finished_at)
        .bind(end.result.as_ref().map(|result| Int(result.artifact.size)))
        .bind(end.failure)
        .bind(end.error.map(Text))
        .bind(now)
        .bind(end.report.as_ref().map(Json))
        .fetch_optional(db)
        .await)
}

/// Does what follows from the end: the result or the refund, the sums, the delivery.
async fn follow(
    tx: &mut Tx,
    row: &Row,
    end: &End<'_>,
    now: Timestamp,
) -> sqlx::Result<Option<DeliveryId>> {
    match &end.result {
        Some(result) => asset::insert(tx, &kept(row, result, now)).await?,
        // The work was done and is paid for, as when a webhook can't be delivered: whose bucket it is could else
        // take the bytes, refuse them and have them for nothing.
        None if end.failure == Some(FailureKind::Storage) => {}
        None => refund(tx, row, now).await?,
    }
    if let Some(screenshot) = &end.screenshot {
        asset::insert(tx, &shown(row, screenshot, now)).await?;
    }
    let ended = Ended {
        account: row.account,
        kind: row.kind,
        success: end.state == JobState::Success,
        bytes: end.result.as_ref().map_or(0, |result| result.artifact.size),
        compute_us: end.compute_us(),
    };
    if row.kind.is_conversion() {
        totals::count(tx, &ended).await?;
    }
    if row.mode == Mode::Sync && !row.detached {
        return Ok(None);
    }
    let (own, trace) = (row.webhook.as_deref(), end.trace.or(row.trace));
    delivery::create(tx, (row.job, row.account), own, trace, now).await
}

fn kept(row: &Row, result: &Stored<'_>, now: Timestamp) -> Asset {
    let keep = if row.listed {
        result.retention.listed
    } else {
        result.retention.unlisted
    };
    Asset {
        id: AssetId::new(),
        account: row.account,
        job: row.job,
        name: row.name.clone(),
        file_name: row.file_name.clone(),
        content_type: result.artifact.content_type.clone(),
        extension: result.artifact.extension.clone(),
        size: result.artifact.size,
        key: result.artifact.key.clone(),
        preview: result.preview.cloned(),
        inline: row.inline,
        listed: row.listed,
        project_id: row.project_id.clone(),
        created_at: now,
        expires_at: now + keep,
    }
}

/// The screenshot of a failed job: kept for as long as its result would have been, and in no listing.
fn shown(row: &Row, screenshot: &Stored<'_>, now: Timestamp) -> Asset {
    Asset {
        name: None,
        file_name: "failure.png".to_owned(),
        inline: true,
        listed: false,
        ..kept(row, screenshot, now)
    }
}

async fn refund(tx: &mut Tx, row: &Row, now: Timestamp) -> sqlx::Result<()> {
    if row.price == Credits::ZERO {
        return Ok(());
    }
    account::add(tx, row.account, row.price).await?;
    project::give_back(tx, row.job, row.price).await?;
    let entry = Entry::new(
        row.account,
        Some(row.job),
        EntryKind::Refund,
        row.price,
        now,
    );
    ledger::write(tx, &entry).await
}
