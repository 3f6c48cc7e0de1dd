//! Attempts: each call made for a delivery, written before it and completed after it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{AttemptId, DeliveryId};
use crate::job::{AttemptOutcome, DeliveryState};
use crate::telemetry::TraceContext;

use crate::store::column::{Int, Text};
use crate::store::engine::{Tx, from_row, on};
use crate::store::{Store, StoreError};

use super::lease::Leased;

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which one.
    pub id: AttemptId,
    /// Which attempt of the delivery, from 1; an interrupted one shares its number with the next.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, or was found to have been cut off.
    pub finished_at: Option<Timestamp>,
    /// What came of it; `None` while it is under way.
    pub outcome: Option<AttemptOutcome>,
    /// The answer's status.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The beginning of the answer's body.
    pub excerpt: Option<String>,
    /// How long it took.
    pub duration: Option<Duration>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// In one word.
    pub outcome: AttemptOutcome,
    /// The answer's status.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The beginning of the answer's body, bounded by the caller.
    pub excerpt: Option<String>,
    /// How long it took.
    pub duration: Duration,
}

/// What becomes of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It has arrived.
    Delivered,
    /// It is tried again then.
    RetryAt(Timestamp),
    /// The attempt failed for a reason of ours: it is made once more then, and counts for nothing.
    AgainAt(Timestamp),
    /// It is given up.
    Failed,
}

from_row!(Attempt, row => Attempt {
    id: row.try_get("id")?,
    number: row.try_get::<Int<u32>, _>("number")?.0,
    started_at: row.try_get("started_at")?,
    finished_at: row.try_get("finished_at")?,
    outcome: row.try_get("outcome")?,
    status: row.try_get::<Option<Int<u16>>, _>("status")?.map(|status| status.0),
    error: row.try_get("error")?,
    excerpt: row.try_get("excerpt")?,
    duration: row
        .try_get::<Option<Int<u64>>, _>("duration_us")?
        .map(|micros| Duration::from_micros(micros.0)),
});

/// A leased attempt that has been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeAttempt {
    /// The attempt.
    pub leased: Leased,
    /// What came of it.
    pub record: AttemptRecord,
    /// What becomes of its delivery.
    pub next: Next,
    /// Where in a trace it was made.
    pub trace: Option<TraceContext>,
}

impl Store {
    /// Completes leased attempts and moves their deliveries, all in one transaction; `false`, in an
    /// attempt's place, if its lease was lost: then nothing of it has changed.
    pub async fn finish_attempts(
        &self,
        done: &[MadeAttempt],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let mut kept = vec![false; done.len()];
        let mut places: Vec<_> = done.iter().zip(&mut kept).collect();
        // In the order of their ids, so that two dispatchers never wait for each other crosswise.
        places.sort_by_key(|(done, _)| done.leased.delivery);
        let mut tx = self.begin().await?;
        for (done, place) in places {
            *place = finish(&mut tx, done, now).await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// Reads the attempts of a delivery, oldest first.
    pub async fn attempts(&self, delivery: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
        const SQL: &str = "select id, number, started_at, finished_at, outcome, status, error, \
            excerpt, duration_us from attempts where delivery_id = $1 order by id";
        let attempts =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(delivery).fetch_all(db).await)?;
        Ok(attempts)
    }
}

/// Writes the row of an attempt that is about to be made.
pub(super) async fn start(
    tx: &mut Tx,
    delivery: DeliveryId,
    number: u32,
    now: Timestamp,
) -> sqlx::Result<AttemptId> {
    const SQL: &str = "insert into attempts (id, delivery_id, number, started_at) \
        values ($1, $2, $3, $4)";
    let id = AttemptId::new();
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(id)
        .bind(delivery)
        .bind(Int(number))
        .bind(now)
        .execute(db)
        .await
        .map(drop))?;
    Ok(id)
}

async fn finish(tx: &mut Tx, done: &MadeAttempt, now: Timestamp) -> sqlx::Result<bool> {
    const SQL: &str = "update deliveries set state = $3, attempts = attempts + $6, \
        due_at = coalesce($4, due_at), finished_at = $5, lease_token = null, \
        leased_until = null, queued_until = null, \
        attempt_trace = coalesce($7, attempt_trace) where id = $1 and lease_token = $2";
    let (state, due, finished_at, counts) = match done.next {
        Next::Delivered => (DeliveryState::Delivered, None, Some(now), 1),
        Next::RetryAt(due) => (DeliveryState::Pending, Some(due), None, 1),
        Next::AgainAt(due) => (DeliveryState::Pending, Some(due), None, 0),
        Next::Failed => (DeliveryState::Failed, None, Some(now), 1),
    };
    let rows = on!(tx.db(), db => sqlx::query(SQL)
        .bind(done.leased.delivery)
        .bind(&done.leased.token)
        .bind(state)
        .bind(due)
        .bind(finished_at)
        .bind(Int(counts))
        .bind(done.trace)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 0 {
        return Ok(false);
    }
    complete(tx, done.leased.attempt, &done.record, now).await?;
    Ok(true)
}

async fn complete(
    tx: &mut Tx,
    id: AttemptId,
    record: &AttemptRecord,
    now: Timestamp,
) -> sqlx::Result<()> {
    const SQL: &str = "update attempts set outcome = $2, status = $3, error = $4, excerpt = $5, \
        duration_us = $6, finished_at = $7 where id = $1";
    let micros = u64::try_from(record.duration.as_micros()).unwrap_or(u64::MAX);
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(id)
        .bind(record.outcome)
        .bind(record.status.map(Int))
        .bind(record.error.as_deref().map(Text))
        .bind(record.excerpt.as_deref().map(Text))
        .bind(Int(micros))
        .bind(now)
        .execute(db)
        .await
        .map(drop))
}
