//! Deliveries: the promise to tell an endpoint about a job that has ended.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId, JobId};
use crate::job::DeliveryState;
use crate::message::DeliveryDue;

use super::column::Int;
use super::engine::{Tx, from_row, on};
use super::{Store, StoreError, lease};

/// How long a delivery that was handed to the broker is not handed to it again.
const QUEUED: Duration = Duration::from_mins(1);

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which one.
    pub id: DeliveryId,
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
    /// When the next attempt is due.
    pub due_at: Timestamp,
    /// When the job ended.
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
}

macro_rules! delivery_columns {
    () => {
        "id, job_id, account_id, url, own, state, attempts, interruptions, due_at, created_at, \
         finished_at"
    };
}

pub(super) use delivery_columns;

from_row!(Delivery, row => Delivery {
    id: row.try_get("id")?,
    job: row.try_get("job_id")?,
    account: row.try_get("account_id")?,
    url: row.try_get("url")?,
    own: row.try_get("own")?,
    state: row.try_get("state")?,
    attempts: row.try_get::<Int<u32>, _>("attempts")?.0,
    interruptions: row.try_get::<Int<u32>, _>("interruptions")?.0,
    due_at: row.try_get("due_at")?,
    created_at: row.try_get("created_at")?,
    finished_at: row.try_get("finished_at")?,
});

from_row!(DeliveryDue, row => DeliveryDue {
    delivery: row.try_get("id")?,
    attempt: row.try_get::<Int<u32>, _>("attempts")?.0.saturating_add(1),
});

impl Store {
    /// Takes deliveries whose time has come, for the caller to publish. They are given out again
    /// a minute later unless somebody has leased them. Leases that have run out are closed first.
    pub async fn due_deliveries(
        &self,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<DeliveryDue>, StoreError> {
        const FIND: &str = "select id from deliveries where state = 'pending' and due_at <= $1 \
            and lease_token is null and (queued_until is null or queued_until <= $1) \
            order by due_at limit $2";
        const TAKE: &str = "update deliveries set queued_until = $3 where id = $1 \
            and state = 'pending' and due_at <= $2 and lease_token is null \
            and (queued_until is null or queued_until <= $2) returning id, attempts";
        self.close_expired_leases(limit, now).await?;
        let mut found: Vec<DeliveryId> = on!(self.reader(), db => sqlx::query_scalar(FIND)
            .bind(now)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        // In the order of their ids, so that two schedulers never wait for each other crosswise.
        found.sort_unstable();
        let mut taken = Vec::with_capacity(found.len());
        let mut tx = self.begin().await?;
        for delivery in found {
            let due: Option<DeliveryDue> = on!(tx.db(), db => sqlx::query_as(TAKE)
                .bind(delivery)
                .bind(now)
                .bind(now + QUEUED)
                .fetch_optional(db)
                .await)?;
            taken.extend(due);
        }
        tx.commit().await?;
        Ok(taken)
    }

    async fn close_expired_leases(&self, limit: u32, now: Timestamp) -> Result<(), StoreError> {
        const SQL: &str = "select id from deliveries where lease_token is not null \
            and leased_until <= $1 order by leased_until limit $2";
        let expired: Vec<DeliveryId> = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(now)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        for delivery in expired {
            let mut tx = self.begin().await?;
            lease::interrupt(&mut tx, delivery, now, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Moves the due time of a delivery that nobody has leased, without an attempt; false if it
    /// is leased or has ended.
    pub async fn postpone(&self, id: DeliveryId, due: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "update deliveries set due_at = $2, queued_until = null \
            where id = $1 and state = 'pending' and lease_token is null";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(due)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Reads a delivery.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            delivery_columns!(),
            " from deliveries where id = $1"
        );
        let delivery =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
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

    /// Reads the deliveries of an account that were given up, newest first.
    pub async fn dead_letters(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            delivery_columns!(),
            " from deliveries where account_id = $1 and state = 'failed' \
             order by id desc limit $2"
        );
        let deliveries = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        Ok(deliveries)
    }
}

/// Makes the delivery of a job that has ended, due now, to the request's own address or else the
/// account's; `None` if there is neither.
pub(super) async fn create(
    tx: &mut Tx,
    job: JobId,
    account: AccountId,
    own: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<Option<DeliveryId>> {
    const SETTING: &str = "select webhook_url from accounts where id = $1";
    const INSERT: &str = "insert into deliveries \
        (id, job_id, account_id, url, own, state, due_at, created_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $7)";
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
