//! The outbox: which jobs are to be published, and who publishes them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{AccountId, JobId};
use crate::job::Mode;
use crate::message::{JobMessage, SealedTask};

use super::accept::open_jobs;
use super::account;
use super::column::Int;
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// How long whoever accepted or released a job has it for itself; then the relay takes it.
pub(super) const CLAIM: Duration = Duration::from_secs(10);

const PUBLISHED: &str = "update jobs set state = 'published', claimed_until = null, \
    published_at = $2 where id = $1 and state = 'queued'";

from_row!(JobMessage, row => JobMessage {
    job: row.try_get("id")?,
    account: row.try_get("account_id")?,
    lane: row.try_get("lane")?,
    mode: row.try_get("mode")?,
    task: SealedTask(row.try_get("task")?),
    expires_at: row.try_get("expires_at")?,
    trace: row.try_get("trace")?,
    published_at: None,
});

impl Store {
    /// Claims the oldest queued jobs that nobody has claimed, for the caller to publish.
    pub async fn claim_queued(
        &self,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<JobMessage>, StoreError> {
        const FIND: &str = "select id from jobs where state = 'queued' \
            and (claimed_until is null or claimed_until <= $1) order by id limit $2";
        const CLAIM_ONE: &str = "update jobs set claimed_until = $3 where id = $1 \
            and state = 'queued' and (claimed_until is null or claimed_until <= $2) \
            returning id, account_id, lane, mode, task, expires_at, trace";
        let found: Vec<JobId> = on!(self.reader(), db => sqlx::query_scalar(FIND)
            .bind(now)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let mut messages = Vec::with_capacity(found.len());
        let mut tx = self.begin().await?;
        // One by one in the order of their ids, so that two relays never wait for each other
        // crosswise.
        for job in found {
            let claimed: Option<JobMessage> = on!(tx.db(), db => sqlx::query_as(CLAIM_ONE)
                .bind(job)
                .bind(now)
                .bind(now + CLAIM)
                .fetch_optional(db)
                .await)?;
            messages.extend(claimed);
        }
        tx.commit().await?;
        Ok(messages)
    }

    /// Notes that the broker has a job; false if it was not queued (any more).
    pub async fn mark_published(&self, job: JobId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = on!(self.writer(), db => sqlx::query(PUBLISHED)
            .bind(job)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Does the same for many jobs at once; those that are not queued (any more) are left as they are.
    pub async fn mark_all_published(
        &self,
        jobs: &[JobId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match jobs {
            [] => {}
            &[job] => drop(self.mark_published(job, now).await?),
            jobs => {
                let mut jobs = jobs.to_vec();
                // In the order of their ids, as everybody locks them.
                jobs.sort();
                let mut tx = self.begin().await?;
                for job in jobs {
                    on!(tx.db(), db => sqlx::query(PUBLISHED)
                        .bind(job)
                        .bind(now)
                        .execute(db)
                        .await
                        .map(drop))?;
                }
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Moves the oldest held jobs of an account to queued, as many as its cap leaves room for,
    /// claimed for the caller to publish.
    pub async fn release(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<JobMessage>, StoreError> {
        const SQL: &str = "update jobs set state = 'queued', claimed_until = $2 where id in \
            (select id from jobs where account_id = $1 and state = 'held' order by id limit $3) \
            and state = 'held' returning id, account_id, lane, mode, task, expires_at, trace";
        if !self.has_held(account).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let Some(locked) = account::lock(&mut tx, account).await? else {
            return Ok(Vec::new());
        };
        let open = open_jobs(&mut tx, account, Mode::Async).await?;
        let room = locked.limits.in_flight.saturating_sub(open.in_flight);
        let mut released: Vec<JobMessage> = on!(tx.db(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(now + CLAIM)
            .bind(Int(room))
            .fetch_all(db)
            .await)?;
        tx.commit().await?;
        released.sort_by_key(|message| message.job);
        Ok(released)
    }

    /// Names the accounts that have held jobs.
    pub async fn accounts_with_held(&self) -> Result<Vec<AccountId>, StoreError> {
        const SQL: &str = "select distinct account_id from jobs where state = 'held'";
        let accounts = on!(self.reader(), db => sqlx::query_scalar(SQL).fetch_all(db).await)?;
        Ok(accounts)
    }

    /// A cheap look before the account is locked; most accounts never hold a job.
    async fn has_held(&self, account: AccountId) -> Result<bool, StoreError> {
        const SQL: &str = "select 1 from jobs where account_id = $1 and state = 'held' limit 1";
        let row = on!(self.reader(), db => sqlx::query(SQL).bind(account).fetch_optional(db).await.map(|row| row.is_some()))?;
        Ok(row)
    }
}
