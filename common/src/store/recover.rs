//! Recovery: what one process that holds everything does after it was killed.

use crate::clock::Timestamp;
use crate::id::{DeliveryId, JobId};

use super::column::Int;
use super::engine::{Tx, on};
use super::{Store, StoreError, delivery};

/// A job that three processes have started is not started by a fourth: it may be what kills them.
const STARTS: u32 = 3;

/// What a recovery found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Jobs that are queued again.
    pub requeued: u64,
    /// Jobs that have been started too often; the caller ends them with [`Store::fail`].
    pub failed: Vec<JobId>,
    /// Webhook attempts that were cut off.
    pub closed_attempts: u64,
    /// Deliveries that are given up because too many of their attempts were cut off.
    pub given_up: Vec<DeliveryId>,
}

impl Store {
    /// Takes back what a process that is gone had in hand: claims and leases are cleared, published
    /// jobs are queued again and their start is counted, held ones stay held. Only for a database
    /// that no other process works on.
    pub async fn recover(&self, now: Timestamp) -> Result<Recovery, StoreError> {
        const WORN: &str = "select id from jobs where state = 'published' and starts >= $1 \
            order by id";
        const REQUEUE: &str = "update jobs set state = 'queued', starts = starts + 1 \
            where state = 'published' and starts < $1";
        const UNCLAIM: &str = "update jobs set claimed_until = null \
            where state = 'queued' and claimed_until is not null";
        const UNQUEUE: &str = "update deliveries set queued_until = null \
            where state = 'pending' and queued_until is not null";
        let mut tx = self.begin().await?;
        let failed = on!(tx.db(), db => sqlx::query_scalar(WORN)
            .bind(Int(STARTS))
            .fetch_all(db)
            .await)?;
        let requeued = on!(tx.db(), db => sqlx::query(REQUEUE)
            .bind(Int(STARTS))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        on!(tx.db(), db => sqlx::query(UNCLAIM).execute(db).await.map(drop))?;
        let leases = close_leases(&mut tx, now).await?;
        on!(tx.db(), db => sqlx::query(UNQUEUE).execute(db).await.map(drop))?;
        tx.commit().await?;
        Ok(Recovery {
            requeued,
            failed,
            closed_attempts: leases.closed,
            given_up: leases.given_up,
        })
    }

    /// Puts the jobs that nobody took back into the queue, after a stop that finished what was in
    /// hand; unlike [`Store::recover`] this counts no start, since no job was cut off.
    pub async fn put_back(&self) -> Result<u64, StoreError> {
        const SQL: &str = "update jobs set state = 'queued', claimed_until = null \
            where state = 'published'";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows)
    }
}

/// Closes every lease, whenever it would be over.
async fn close_leases(tx: &mut Tx, now: Timestamp) -> sqlx::Result<delivery::Interrupted> {
    const SQL: &str = "select id from deliveries where lease_token is not null";
    let leased = on!(tx.db(), db => sqlx::query_scalar(SQL).fetch_all(db).await)?;
    delivery::interrupt(tx, leased, Timestamp::from_micros(i64::MAX), now).await
}
