//! Leases: at most one worker makes the next attempt of a delivery.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::id::{AttemptId, DeliveryId};
use crate::job::{AttemptOutcome, DeliveryState};

use super::attempt;
use super::column::Int;
use super::delivery::{Delivery, delivery_columns};
use super::engine::{Tx, on};
use super::{Store, StoreError};

/// So many attempts cut off by crashes end a delivery: it may be what crashes us.
const INTERRUPTIONS: u32 = 3;

/// Proof of a lease; without it nothing about the attempt is written.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct LeaseToken(String);

/// A delivery that is the caller's to attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// What is to be delivered.
    pub delivery: Delivery,
    /// The proof.
    pub token: LeaseToken,
    /// The row of the attempt, written before the call is made.
    pub attempt: AttemptId,
    /// Which attempt this is, from 1.
    pub number: u32,
}

impl Store {
    /// Leases a delivery for its `attempt`-th attempt and writes the attempt's row. `None` if
    /// another has it, if it has ended, or if that attempt is not the next: the message that
    /// asked for it is stale.
    pub async fn lease(
        &self,
        id: DeliveryId,
        attempt: u32,
        lease_for: Duration,
        now: Timestamp,
    ) -> Result<Option<Leased>, StoreError> {
        const SQL: &str = concat!(
            "update deliveries set lease_token = $3, leased_until = $4, queued_until = null \
             where id = $1 and state = 'pending' and lease_token is null and attempts = $2 - 1 \
             returning ",
            delivery_columns!()
        );
        let token = LeaseToken(Uuid::new_v4().simple().to_string());
        let mut tx = self.begin().await?;
        interrupt(&mut tx, id, now, now).await?;
        let leased: Option<Delivery> = on!(tx.db(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(Int(attempt))
            .bind(&token)
            .bind(now + lease_for)
            .fetch_optional(db)
            .await)?;
        let Some(delivery) = leased else {
            // What was found interrupted stays so.
            tx.commit().await?;
            return Ok(None);
        };
        let row = attempt::start(&mut tx, id, attempt, now).await?;
        tx.commit().await?;
        Ok(Some(Leased {
            delivery,
            token,
            attempt: row,
            number: attempt,
        }))
    }
}

/// Closes a lease that was over by `over`, and its attempt as interrupted; false if there is none.
pub(super) async fn interrupt(
    tx: &mut Tx,
    id: DeliveryId,
    over: Timestamp,
    now: Timestamp,
) -> sqlx::Result<bool> {
    const SQL: &str = "update deliveries set lease_token = null, leased_until = null, \
        queued_until = null, interruptions = interruptions + 1, \
        state = case when interruptions + 1 < $4 then state else $5 end, \
        finished_at = case when interruptions + 1 < $4 then null else $3 end \
        where id = $1 and lease_token is not null and leased_until <= $2";
    const CLOSE: &str = "update attempts set outcome = $2, finished_at = $3 \
        where delivery_id = $1 and outcome is null";
    let rows = on!(tx.db(), db => sqlx::query(SQL)
        .bind(id)
        .bind(over)
        .bind(now)
        .bind(Int(INTERRUPTIONS))
        .bind(DeliveryState::Failed)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 0 {
        return Ok(false);
    }
    on!(tx.db(), db => sqlx::query(CLOSE)
        .bind(id)
        .bind(AttemptOutcome::Interrupted)
        .bind(now)
        .execute(db)
        .await
        .map(drop))?;
    Ok(true)
}
