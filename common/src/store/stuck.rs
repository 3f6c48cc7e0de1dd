//! Jobs that were published and never came back: the broker may have lost them.

use crate::clock::Timestamp;
use crate::id::JobId;
use crate::job::{Lane, Mode};

use super::column::Int;
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// A job that was published a long time ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// Which one.
    pub job: JobId,
    /// How often it was published again already.
    pub republished: u32,
}

from_row!(Stuck, row => Stuck {
    job: row.try_get("id")?,
    republished: row.try_get::<Int<u32>, _>("republished")?.0,
});

impl Store {
    /// Finds jobs of one lane and mode that were published at `before` or earlier and have not ended,
    /// oldest first. For one that a service of an earlier version published, its creation counts.
    pub async fn stuck_jobs(
        &self,
        lane: Lane,
        mode: Mode,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Stuck>, StoreError> {
        const SQL: &str = "select id, republished from jobs \
            where state = 'published' and lane = $1 and mode = $2 \
            and coalesce(published_at, created_at) <= $3 order by id limit $4";
        let stuck = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(lane)
            .bind(mode)
            .bind(before)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        Ok(stuck)
    }

    /// Puts a job back for the relay to publish, if it still is as [`Self::stuck_jobs`] found it. It is
    /// not found again for as long, also if a service of an earlier version publishes it.
    pub async fn republish(
        &self,
        stuck: &Stuck,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "update jobs set state = 'queued', claimed_until = null, \
            published_at = $4, republished = republished + 1 where id = $1 and state = 'published' \
            and republished = $2 and coalesce(published_at, created_at) <= $3";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(stuck.job)
            .bind(Int(stuck.republished))
            .bind(before)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}
