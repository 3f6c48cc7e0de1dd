//! Deliveries: the promise to tell an endpoint about a job that has ended.
//!
//! A delivery is born with its job's end (`create`), published when it is due, leased for an attempt and
//! moved on by what came of it, each in a module of its own. It may wait for an endpoint that is switched
//! off (`parked`), and be sent once more as a delivery of its own (`replay`).

mod attempt;
mod due;
mod lease;
mod list;
mod parked;
mod replay;

use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId, JobId};
use crate::job::DeliveryState;
use crate::telemetry::TraceContext;

use super::column::Int;
use super::endpoint::{Endpoint, endpoint_columns};
use super::engine::{Tx, from_row, on};
use super::{Store, StoreError};

pub use self::attempt::{Attempt, AttemptRecord, MadeAttempt, Next};
pub use self::lease::{LeaseRequest, LeaseToken, Leased};
pub use self::list::DeliveryFilter;
pub use self::replay::Replay;

pub(super) use self::lease::{Interrupted, interrupt};

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which one.
    pub id: DeliveryId,
    /// What the endpoint tells repeats by: its own id, or that of the delivery that it repeats.
    pub message: DeliveryId,
    /// About which job.
    pub job: JobId,
    /// Whose.
    pub account: AccountId,
    /// Where to.
    pub url: String,
    /// Whether the address came with the request and not from the account's setting.
    pub own: bool,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made, those cut off by a crash not among them.
    pub attempts: u32,
    /// Attempts cut off by a crash of ours.
    pub interruptions: u32,
    /// When the next attempt is due; of a parked one, when it is given up.
    pub due_at: Timestamp,
    /// When the job ended, or the delivery was asked for again.
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
    /// When it was sent once more, as another delivery.
    pub replayed_at: Option<Timestamp>,
    /// Where in a trace its job was settled.
    pub trace: Option<TraceContext>,
    /// The same of its last attempt.
    pub attempt_trace: Option<TraceContext>,
}

/// A delivery that may go out, and how its account's endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Outgoing {
    /// What is to be delivered.
    #[sqlx(flatten)]
    pub delivery: Delivery,
    /// The account's endpoint, also when the request named its own address: its secret signs both.
    #[sqlx(flatten)]
    pub endpoint: Endpoint,
}

macro_rules! delivery_columns {
    () => {
        "id, job_id, account_id, url, own, state, attempts, interruptions, due_at, created_at, \
         finished_at, message_id, parked_at, replayed_at, trace, attempt_trace"
    };
}

use delivery_columns;

from_row!(Delivery, row => {
    let id = row.try_get("id")?;
    let state = row.try_get("state")?;
    let parked: Option<Timestamp> = row.try_get("parked_at")?;
    Delivery {
        id,
        message: row.try_get::<Option<_>, _>("message_id")?.unwrap_or(id),
        job: row.try_get("job_id")?,
        account: row.try_get("account_id")?,
        url: row.try_get("url")?,
        own: row.try_get("own")?,
        state: match (state, parked) {
            (DeliveryState::Pending, Some(_)) => DeliveryState::Parked,
            (state, _) => state,
        },
        attempts: row.try_get::<Int<u32>, _>("attempts")?.0,
        interruptions: row.try_get::<Int<u32>, _>("interruptions")?.0,
        due_at: row.try_get("due_at")?,
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
        replayed_at: row.try_get("replayed_at")?,
        trace: row.try_get("trace")?,
        attempt_trace: row.try_get("attempt_trace")?,
    }
});

impl Store {
    /// Reads a delivery, with what its account's endpoint says of it.
    pub async fn outgoing(&self, id: DeliveryId) -> Result<Option<Outgoing>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            delivery_columns!(),
            ", ",
            endpoint_columns!(),
            " from (select ",
            delivery_columns!(),
            " from deliveries where id = $1) d join (select id as owner_id, ",
            endpoint_columns!(),
            " from accounts) a on a.owner_id = d.account_id"
        );
        let found =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
        Ok(found)
    }

    /// Reads a delivery of an account.
    pub async fn delivery(
        &self,
        account: AccountId,
        id: DeliveryId,
    ) -> Result<Option<Delivery>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            delivery_columns!(),
            " from deliveries where id = $1 and account_id = $2"
        );
        let delivery = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(account)
            .fetch_optional(db)
            .await)?;
        Ok(delivery)
    }

    /// Reads the deliveries of a job, oldest first.
    pub async fn deliveries(&self, job: JobId) -> Result<Vec<Delivery>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            delivery_columns!(),
            " from deliveries where job_id = $1 order by id"
        );
        let deliveries =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(job).fetch_all(db).await)?;
        Ok(deliveries)
    }
}

/// Makes the delivery of a job that has ended, due now, to the request's own address or else the
/// account's; `None` if there is neither. One whose endpoint is switched off is parked by whoever
/// takes it.
pub(super) async fn create(
    tx: &mut Tx,
    (job, account): (JobId, AccountId),
    own: Option<&str>,
    trace: Option<TraceContext>,
    now: Timestamp,
) -> sqlx::Result<Option<DeliveryId>> {
    const SETTING: &str = "select webhook_url from accounts where id = $1";
    const INSERT: &str = "insert into deliveries \
        (id, job_id, account_id, url, own, state, due_at, created_at, trace) \
        values ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
    let url = match own {
        Some(url) => Some(url.to_owned()),
        None => on!(tx.db(), db => sqlx::query_scalar(SETTING).bind(account).fetch_one(db).await)?,
    };
    let Some(url) = url else {
        return Ok(None);
    };
    let id = DeliveryId::new();
    on!(tx.db(), db => sqlx::query(INSERT)
        .bind(id)
        .bind(job)
        .bind(account)
        .bind(url)
        .bind(own.is_some())
        .bind(DeliveryState::Pending)
        .bind(now)
        .bind(trace)
        .execute(db)
        .await
        .map(drop))?;
    Ok(Some(id))
}

/// Finds the open delivery of a job.
pub(super) async fn open(tx: &mut Tx, job: JobId) -> sqlx::Result<Option<DeliveryId>> {
    const SQL: &str =
        "select id from deliveries where job_id = $1 and state = 'pending' order by id limit 1";
    on!(tx.db(), db => sqlx::query_scalar(SQL).bind(job).fetch_optional(db).await)
}
