//! Acceptance: rate window, caps, debit, ledger entry and job row happen together or not at all.

use std::time::Duration;

use crate::broker::Route;
use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::id::{AccountId, JobId, KeyId, ProjectId};
use crate::job::{Dialect, EntryKind, JobKind, JobState, Lane, Mode};
use crate::message::{JobMessage, SealedTask};
use crate::objects::ObjectKey;
use crate::telemetry::TraceContext;

use super::account::{self, Limits, Standing};
use super::column::{Int, Json, Text};
use super::engine::{Tx, on};
use super::ledger::{self, Entry};
use super::rate::{Buckets, RateWindow};
use super::relay::CLAIM;
use super::{Store, StoreError, project};

/// A request that was understood and is allowed: what becomes a job.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which one.
    pub id: JobId,
    /// Who pays.
    pub account: AccountId,
    /// With which key it was asked for.
    pub key: KeyId,
    /// The project of that key, whose budget it counts against.
    pub budget: Option<ProjectId>,
    /// In whose words.
    pub dialect: Dialect,
    /// What for.
    pub kind: JobKind,
    /// Whether the caller waits.
    pub mode: Mode,
    /// Which workers take it.
    pub lane: Lane,
    /// What to do; erased when the job ends.
    pub task: SealedTask,
    /// What was asked, with secrets replaced; kept.
    pub params: serde_json::Value,
    /// The caller's name for it.
    pub name: Option<String>,
    /// The caller's project.
    pub project_id: Option<String>,
    /// What a downloaded result is called.
    pub file_name: String,
    /// Whether a browser shows the result instead of saving it.
    pub inline: bool,
    /// Whether the result is listed and kept for the retention time.
    pub listed: bool,
    /// Objects that hold its input, the row's from now on.
    pub inputs: Vec<ObjectKey>,
    /// What it costs.
    pub price: Credits,
    /// Who waits for it.
    pub route: Option<Route>,
    /// The request's own webhook.
    pub webhook: Option<String>,
    /// After this it is an error, not work.
    pub expires_at: Timestamp,
    /// Where in a trace it is accepted.
    pub trace: Option<TraceContext>,
}

impl From<NewJob> for JobMessage {
    /// What a worker is told of the job.
    fn from(job: NewJob) -> Self {
        Self {
            job: job.id,
            account: job.account,
            lane: job.lane,
            mode: job.mode,
            task: job.task,
            expires_at: job.expires_at,
            trace: job.trace,
            published_at: None,
        }
    }
}

/// What came of an acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// `Held`, or `Queued` and claimed for the caller to publish within ten seconds.
    pub state: JobState,
    /// What is left.
    pub balance: Credits,
    /// Where the account stands now; `None` if it has no rate limit.
    pub rate: Option<RateWindow>,
}

/// Why a job was not accepted. Nothing was charged, counted or stored, unless the error is
/// [`StoreError::CommitUnknown`].
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The balance does not cover the price.
    #[error("insufficient credit")]
    InsufficientCredit,
    /// The budget of the key's project does not cover the price.
    #[error("the budget of the project is used up")]
    BudgetExceeded,
    /// Too many requests in this minute.
    #[error("too many requests: at most {} a minute", window.limit)]
    RateLimited {
        /// After this one more fits.
        retry_after: Duration,
        /// Where the account stands.
        window: RateWindow,
    },
    /// Too many synchronous jobs at once.
    #[error("too many synchronous jobs in flight")]
    TooManyInFlight,
    /// Too many asynchronous jobs waiting.
    #[error("the backlog of the account is full")]
    BacklogFull,
    /// There is no such account.
    #[error("no such account")]
    NoSuchAccount,
    /// The account has used the idempotency key for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AcceptError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Charges and stores a job, or refuses it and leaves nothing behind.
    pub async fn accept(&self, job: &NewJob, now: Timestamp) -> Result<Accepted, AcceptError> {
        let mut tx = self.begin().await?;
        let admitted = match account::lock(&mut tx, job.account).await? {
            Some(account) => admit(&mut tx, job, &account, now).await,
            None => Err(AcceptError::NoSuchAccount),
        };
        match admitted {
            Ok(accepted) => {
                tx.commit().await?;
                Ok(accepted)
            }
            Err(refused) => {
                tx.rollback().await?;
                Err(refused)
            }
        }
    }
}

/// Does all that acceptance is, for an account that is locked.
pub(super) async fn admit(
    tx: &mut Tx,
    job: &NewJob,
    account: &Standing,
    now: Timestamp,
) -> Result<Accepted, AcceptError> {
    let (buckets, rate) = count_request(account.buckets, account.limits.rate, now)?;
    let state = place(tx, job, account.limits).await?;
    let Some(balance) = debit(tx, job, buckets).await? else {
        return Err(AcceptError::InsufficientCredit);
    };
    if let Some(project) = job.budget
        && !project::spend(tx, project, job.price).await?
    {
        return Err(AcceptError::BudgetExceeded);
    }
    insert(tx, job, state, now).await?;
    if job.price != Credits::ZERO {
        let (account, id, price) = (job.account, Some(job.id), -job.price);
        let charge = Entry::new(account, id, EntryKind::Charge, price, now);
        ledger::write(tx, &charge).await?;
    }
    Ok(Accepted {
        state,
        balance,
        rate,
    })
}

fn count_request(
    buckets: Buckets,
    limit: Option<u32>,
    now: Timestamp,
) -> Result<(Buckets, Option<RateWindow>), AcceptError> {
    let Some(limit) = limit else {
        return Ok((buckets, None));
    };
    match buckets.hit(limit, now) {
        Ok((buckets, window)) => Ok((buckets, Some(window))),
        Err(refused) => Err(AcceptError::RateLimited {
            retry_after: refused.retry_after,
            window: refused.window,
        }),
    }
}

/// Finds the state that a new job is born in, under the lock of its account.
async fn place(tx: &mut Tx, job: &NewJob, limits: Limits) -> Result<JobState, AcceptError> {
    let open = open_jobs(tx, job.account, job.mode).await?;
    let waiting = open.held + open.in_flight;
    match job.mode {
        Mode::Sync if waiting >= limits.in_flight => Err(AcceptError::TooManyInFlight),
        Mode::Async if waiting >= limits.backlog => Err(AcceptError::BacklogFull),
        // Nobody overtakes the held ones.
        Mode::Async if open.held > 0 || open.in_flight >= limits.in_flight => Ok(JobState::Held),
        Mode::Sync | Mode::Async => Ok(JobState::Queued),
    }
}

/// How many jobs of a mode an account has open.
#[derive(Debug, Default)]
pub(super) struct OpenJobs {
    pub(super) held: u32,
    pub(super) in_flight: u32,
}

/// Counts the open jobs of an account, exact under its lock.
pub(super) async fn open_jobs(
    tx: &mut Tx,
    account: AccountId,
    mode: Mode,
) -> sqlx::Result<OpenJobs> {
    const SQL: &str = "select state, count(*) from jobs \
        where account_id = $1 and mode = $2 and finished_at is null group by state";
    let counts: Vec<(JobState, Int<u32>)> = on!(tx.db(), db => sqlx::query_as(SQL)
        .bind(account)
        .bind(mode)
        .fetch_all(db)
        .await)?;
    let mut open = OpenJobs::default();
    for (state, count) in counts {
        match state {
            JobState::Held => open.held += count.0,
            JobState::Queued | JobState::Published => open.in_flight += count.0,
            JobState::Success | JobState::Error => {}
        }
    }
    Ok(open)
}

/// Takes the price and notes the counted request; `None` if the balance does not cover it.
async fn debit(tx: &mut Tx, job: &NewJob, buckets: Buckets) -> sqlx::Result<Option<Credits>> {
    const SQL: &str = "update accounts set balance = balance - $2, \
        rate_bucket = $3, rate_count = $4, rate_previous = $5 \
        where id = $1 and balance >= $2 returning balance";
    on!(tx.db(), db => sqlx::query_scalar(SQL)
        .bind(job.account)
        .bind(job.price)
        .bind(buckets.bucket)
        .bind(buckets.count)
        .bind(buckets.previous)
        .fetch_optional(db)
        .await)
}

async fn insert(tx: &mut Tx, job: &NewJob, state: JobState, now: Timestamp) -> sqlx::Result<()> {
    const SQL: &str = "insert into jobs (id, account_id, key_id, dialect, kind, mode, lane, \
        state, task, params, name, project_id, file_name, inline, listed, inputs, price, route, \
        webhook, claimed_until, created_at, expires_at, trace) values ($1, $2, $3, $4, $5, $6, $7, $8, \
        $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
    let claimed_until = (state == JobState::Queued).then_some(now + CLAIM);
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(job.id)
        .bind(job.account)
        .bind(job.key)
        .bind(job.dialect)
        .bind(job.kind)
        .bind(job.mode)
        .bind(job.lane)
        .bind(state)
        .bind(job.task.0.as_slice())
        .bind(Json(&job.params))
        .bind(job.name.as_deref().map(Text))
        .bind(job.project_id.as_deref().map(Text))
        .bind(Text(&job.file_name))
        .bind(job.inline)
        .bind(job.listed)
        .bind(Json(&job.inputs))
        .bind(job.price)
        .bind(job.route.as_ref())
        .bind(job.webhook.as_deref().map(Text))
        .bind(claimed_until)
        .bind(now)
        .bind(job.expires_at)
        .bind(job.trace)
        .execute(db)
        .await
        .map(drop))
}
