//! Jobs as their owner sees them.

use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::id::{AccountId, AssetId, JobId, KeyId};
use crate::job::{Dialect, FailureKind, JobKind, JobState, Mode};

use super::asset::{Asset, asset_columns};
use super::column::{Int, Json, Text};
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Which one.
    pub id: JobId,
    /// Whose.
    pub account: AccountId,
    /// With which key it was asked for.
    pub key: KeyId,
    /// The last four characters of that key.
    pub key_last4: String,
    /// In whose words it was asked for.
    pub dialect: Dialect,
    /// What for.
    pub kind: JobKind,
    /// Whether the caller waits.
    pub mode: Mode,
    /// Where it stands.
    pub state: JobState,
    /// What was asked, with secrets replaced.
    pub params: serde_json::Value,
    /// The caller's name for it.
    pub name: Option<String>,
    /// The caller's project.
    pub project_id: Option<String>,
    /// What it cost; refunded if the state is `Error`.
    pub price: Credits,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the winning run started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Bytes of the result; known even after the asset was swept.
    pub size: Option<u64>,
    /// Who rendered it.
    pub worker: Option<String>,
    /// What sort of failure ended it.
    pub failure: Option<FailureKind>,
    /// What the customer reads about that.
    pub error: Option<String>,
    /// Its result, until it is swept.
    pub asset: Option<Asset>,
    /// What the browser showed when it failed, if that was photographed, until it is swept.
    pub screenshot: Option<Asset>,
}

/// Which part of a listing, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows.
    pub limit: u32,
    /// Of the matching rows so many are passed over.
    pub offset: u32,
    /// The id of the row after which the page starts, the last of the page before.
    pub start_after: Option<String>,
}

/// Which jobs, whoever they belong to; what is `None` leaves out none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Those of this account.
    pub account: Option<AccountId>,
    /// Those in this state.
    pub state: Option<JobState>,
}

impl Page {
    /// What every id of the page is smaller than; `~` is greater than any id.
    pub(super) fn before(&self) -> &str {
        self.start_after.as_deref().unwrap_or("~")
    }
}

macro_rules! job_query {
    ($($rest:expr),+) => {
        concat!(
            "select j.id, j.account_id, j.key_id, k.last4, j.dialect, j.kind, j.mode, j.state, \
             j.params, j.name, j.project_id, j.price, j.created_at, j.started_at, \
             j.finished_at, j.size, j.worker, j.failure, j.error, ",
            asset_columns!(),
            " from jobs j join keys k on k.id = j.key_id left join assets a on a.job_id = j.id ",
            $($rest),+
        )
    };
}

pub(super) use job_query;

from_row!(Job, row => {
    let kept: Option<Asset> = match row.try_get::<Option<AssetId>, _>("asset_id")? {
        Some(_) => Some(sqlx::FromRow::from_row(row)?),
        None => None,
    };
    // A job that failed has no result, so what is kept of it is its screenshot.
    let state: JobState = row.try_get("state")?;
    let (asset, screenshot) = match state {
        JobState::Error => (None, kept),
        JobState::Held | JobState::Queued | JobState::Published | JobState::Success => (kept, None),
    };
    Job {
    id: row.try_get("id")?,
    account: row.try_get("account_id")?,
    key: row.try_get("key_id")?,
    key_last4: row.try_get("last4")?,
    dialect: row.try_get("dialect")?,
    kind: row.try_get("kind")?,
    mode: row.try_get("mode")?,
    state,
    params: row.try_get::<Json<_>, _>("params")?.0,
    name: row.try_get("name")?,
    project_id: row.try_get("project_id")?,
    price: row.try_get("price")?,
    created_at: row.try_get("created_at")?,
    started_at: row.try_get("started_at")?,
    finished_at: row.try_get("finished_at")?,
    size: row.try_get::<Option<Int<u64>>, _>("size")?.map(|size| size.0),
    worker: row.try_get("worker")?,
    failure: row.try_get("failure")?,
    error: row.try_get("error")?,
    asset,
    screenshot,
    }
});

impl Store {
    /// Reads a job of an account.
    pub async fn job(&self, account: AccountId, id: JobId) -> Result<Option<Job>, StoreError> {
        const SQL: &str = job_query!("where j.id = $1 and j.account_id = $2");
        let job = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(account)
            .fetch_optional(db)
            .await)?;
        Ok(job)
    }

    /// Reads a job whoever it belongs to.
    pub async fn job_by_id(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        const SQL: &str = job_query!("where j.id = $1");
        let job = on!(self.reader(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
        Ok(job)
    }

    /// Reads the conversions of an account, newest first.
    pub async fn jobs(&self, account: AccountId, page: &Page) -> Result<Vec<Job>, StoreError> {
        const SQL: &str = job_query!(
            "where j.account_id = $1 and j.id < $2 and j.kind <> 'storage-check' \
             order by j.id desc limit $3 offset $4"
        );
        let jobs = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(Text(page.before()))
            .bind(Int(page.limit))
            .bind(Int(page.offset))
            .fetch_all(db)
            .await)?;
        Ok(jobs)
    }

    /// Reads the jobs that pass the filter, newest first.
    pub async fn find_jobs(&self, filter: &JobFilter, page: &Page) -> Result<Vec<Job>, StoreError> {
        // The casts name a type for what may be nothing at all.
        const SQL: &str = job_query!(
            "where j.id < $1 and (cast($4 as text) is null or j.account_id = $4) \
             and (cast($5 as text) is null or j.state = $5) \
             order by j.id desc limit $2 offset $3"
        );
        let jobs = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(Text(page.before()))
            .bind(Int(page.limit))
            .bind(Int(page.offset))
            .bind(filter.account)
            .bind(filter.state)
            .fetch_all(db)
            .await)?;
        Ok(jobs)
    }

    /// Whether at least so many jobs of all accounts have not ended yet; counts no further.
    pub async fn has_open_jobs(&self, count: u32) -> Result<bool, StoreError> {
        const SQL: &str = "select count(*) from \
            (select 1 from jobs where finished_at is null limit $1) as open";
        let open: Int<u32> = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(Int(count))
            .fetch_one(db)
            .await)?;
        Ok(open.0 >= count)
    }

    /// Names unfinished jobs whose time is over, the longest overdue first.
    pub async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<JobId>, StoreError> {
        const SQL: &str = "select id from jobs where finished_at is null and expires_at <= $1 \
            order by expires_at limit $2";
        let jobs = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(now)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        Ok(jobs)
    }
}
