//! Which deliveries are due, and who publishes them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::DeliveryId;
use crate::message::DeliveryDue;
use crate::store::column::Int;
use crate::store::engine::{from_row, on};
use crate::store::{Store, StoreError};

use super::lease;

/// How long a delivery that was handed to the broker is not handed to it again.
const QUEUED: Duration = Duration::from_mins(1);

from_row!(DeliveryDue, row => DeliveryDue {
    delivery: row.try_get("id")?,
    attempt: row.try_get::<Int<u32>, _>("attempts")?.0.saturating_add(1),
});

impl Store {
    /// Takes deliveries whose time has come, for the caller to publish. They are given out again
    /// a minute later unless somebody has leased them. One whose lease has run out is among them once
    /// [`Self::close_expired_leases`] has closed that.
    pub async fn due_deliveries(
        &self,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<DeliveryDue>, StoreError> {
        const FIND: &str = "select id from deliveries where state = 'pending' and due_at <= $1 \
            and parked_at is null and lease_token is null \
            and (queued_until is null or queued_until <= $1) order by due_at limit $2";
        const TAKE: &str = "update deliveries set queued_until = $3 where id = $1 \
            and state = 'pending' and due_at <= $2 and parked_at is null \
            and lease_token is null and (queued_until is null or queued_until <= $2) \
            returning id, attempts";
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

    /// Closes leases that have run out, at most `limit`, the first to do so first, and their attempts
    /// as interrupted. Names the deliveries that are given up by that: it happened to them too often.
    pub async fn close_expired_leases(
        &self,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        const SQL: &str = "select id from deliveries where lease_token is not null \
            and leased_until <= $1 order by leased_until limit $2";
        let expired: Vec<DeliveryId> = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(now)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        if expired.is_empty() {
            return Ok(Vec::new());
        }
        // All or none: after an error nobody would hear of those that were given up before it.
        let mut tx = self.begin().await?;
        let interrupted = lease::interrupt(&mut tx, expired, now, now).await?;
        tx.commit().await?;
        Ok(interrupted.given_up)
    }

    /// Moves the due time of a delivery that nobody has leased, without an attempt; false if it
    /// is leased, parked or has ended.
    pub async fn postpone(&self, id: DeliveryId, due: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "update deliveries set due_at = $2, queued_until = null \
            where id = $1 and state = 'pending' and parked_at is null and lease_token is null";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(due)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}
