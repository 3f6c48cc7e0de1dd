//! Leases: at most one worker makes the next attempt of a delivery.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::id::{AttemptId, DeliveryId};
use crate::job::{AttemptOutcome, DeliveryState};
use crate::store::column::Int;
use crate::store::engine::{Tx, on};
use crate::store::{Store, StoreError};

use super::attempt;

/// So many attempts cut off by crashes end a delivery: it may be what crashes us.
const INTERRUPTIONS: u32 = 3;

/// Proof of a lease; without it nothing about the attempt is written.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct LeaseToken(String);

/// A wish to make an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How long it may take, its being written down included.
    pub lease_for: Duration,
}

/// A delivery that is the caller's to attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Which one.
    pub delivery: DeliveryId,
    /// The proof.
    pub token: LeaseToken,
    /// The row of the attempt, written before the call is made.
    pub attempt: AttemptId,
    /// Which attempt this is, from 1.
    pub number: u32,
}

impl Store {
    /// Leases deliveries for their next attempts and writes the attempts' rows, all in one
    /// transaction. `None`, in the request's place, if another has the delivery, if it has ended or is
    /// parked, or if that attempt is not the next: the message that asked for it is stale.
    pub async fn lease(
        &self,
        requests: &[LeaseRequest],
        now: Timestamp,
    ) -> Result<Vec<Option<Leased>>, StoreError> {
        let mut leased = vec![None; requests.len()];
        let mut places: Vec<_> = requests.iter().zip(&mut leased).collect();
        // In the order of their ids, so that two dispatchers never wait for each other crosswise.
        places.sort_by_key(|(request, _)| request.delivery);
        let mut tx = self.begin().await?;
        for (request, place) in places {
            *place = lease(&mut tx, request, now).await?;
        }
        tx.commit().await?;
        Ok(leased)
    }
}

async fn lease(
    tx: &mut Tx,
    request: &LeaseRequest,
    now: Timestamp,
) -> sqlx::Result<Option<Leased>> {
    const SQL: &str = "update deliveries set lease_token = $3, leased_until = $4, \
        queued_until = null where id = $1 and state = 'pending' and parked_at is null \
        and lease_token is null and attempts = $2 - 1";
    let token = LeaseToken(Uuid::new_v4().simple().to_string());
    let rows = on!(tx.db(), db => sqlx::query(SQL)
        .bind(request.delivery)
        .bind(Int(request.attempt))
        .bind(&token)
        .bind(now + request.lease_for)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 0 {
        return Ok(None);
    }
    let attempt = attempt::start(tx, request.delivery, request.attempt, now).await?;
    Ok(Some(Leased {
        delivery: request.delivery,
        token,
        attempt,
        number: request.attempt,
    }))
}

/// What came of closing leases.
#[derive(Debug, Default)]
pub(in crate::store) struct Interrupted {
    /// How many there were.
    pub(in crate::store) closed: u64,
    /// The deliveries that are given up by that: it happened to them too often.
    pub(in crate::store) given_up: Vec<DeliveryId>,
}

/// Closes those leases of these deliveries that were over by `over`, and their attempts as interrupted.
pub(in crate::store) async fn interrupt(
    tx: &mut Tx,
    mut deliveries: Vec<DeliveryId>,
    over: Timestamp,
    now: Timestamp,
) -> sqlx::Result<Interrupted> {
    // In the order of their ids, so that two schedulers never wait for each other crosswise.
    deliveries.sort_unstable();
    let mut interrupted = Interrupted::default();
    for delivery in deliveries {
        let state = interrupt_one(tx, delivery, over, now).await?;
        interrupted.closed += u64::from(state.is_some());
        if state == Some(DeliveryState::Failed) {
            interrupted.given_up.push(delivery);
        }
    }
    Ok(interrupted)
}

/// Gives the state that the delivery has from now on; `None` if there is no such lease.
async fn interrupt_one(
    tx: &mut Tx,
    id: DeliveryId,
    over: Timestamp,
    now: Timestamp,
) -> sqlx::Result<Option<DeliveryState>> {
    const SQL: &str = "update deliveries set lease_token = null, leased_until = null, \
        queued_until = null, interruptions = interruptions + 1, \
        state = case when interruptions + 1 < $4 then state else $5 end, \
        finished_at = case when interruptions + 1 < $4 then null else $3 end \
        where id = $1 and lease_token is not null and leased_until <= $2 returning state";
    const CLOSE: &str = "update attempts set outcome = $2, finished_at = $3 \
        where delivery_id = $1 and outcome is null";
    let state: Option<DeliveryState> = on!(tx.db(), db => sqlx::query_scalar(SQL)
        .bind(id)
        .bind(over)
        .bind(now)
        .bind(Int(INTERRUPTIONS))
        .bind(DeliveryState::Failed)
        .fetch_optional(db)
        .await)?;
    if state.is_none() {
        return Ok(None);
    }
    on!(tx.db(), db => sqlx::query(CLOSE)
        .bind(id)
        .bind(AttemptOutcome::Interrupted)
        .bind(now)
        .execute(db)
        .await
        .map(drop))?;
    Ok(state)
}
