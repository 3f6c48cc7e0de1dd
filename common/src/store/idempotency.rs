//! Idempotency keys: which job a request became, so that its repeat gets that job and makes no other.

use crate::clock::Timestamp;
use crate::id::{AccountId, JobId};
use crate::idempotency::{Fingerprint, IdempotencyKey, Repeatable};

use super::accept::{AcceptError, Accepted, NewJob, admit};
use super::column::Int;
use super::engine::{Tx, from_row, on};
use super::{Store, StoreError, account};

/// What came of a request that may be a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It was the first.
    New(Accepted),
    /// It became this job before; nothing was charged, counted or stored now.
    Repeat(JobId),
}

/// What a key was used for.
struct Known {
    fingerprint: Fingerprint,
    job: JobId,
}

from_row!(Known, row => Known {
    fingerprint: row.try_get("fingerprint")?,
    job: row.try_get("job_id")?,
});

impl Known {
    fn job_of(&self, request: &Repeatable) -> Result<JobId, AcceptError> {
        if self.fingerprint != request.fingerprint {
            return Err(AcceptError::KeyReused);
        }
        Ok(self.job)
    }
}

impl Store {
    /// As [`Store::accept`], for a request with a key: of all that are equal, at the same time or
    /// later, one becomes a job, and the others are told which.
    pub async fn accept_once(
        &self,
        job: &NewJob,
        request: &Repeatable,
        now: Timestamp,
    ) -> Result<Admission, AcceptError> {
        let mut tx = self.begin().await?;
        match admit_once(&mut tx, job, request, now).await {
            Ok(Admission::New(accepted)) => {
                tx.commit().await?;
                Ok(Admission::New(accepted))
            }
            ended @ (Ok(Admission::Repeat(_)) | Err(_)) => {
                tx.rollback().await?;
                ended
            }
        }
    }

    /// Finds the job that a request became before, without any lock: a request that it does not find
    /// may be a repeat all the same.
    pub async fn repeated(
        &self,
        account: AccountId,
        request: &Repeatable,
    ) -> Result<Option<JobId>, AcceptError> {
        let known = on!(self.reader(), db => sqlx::query_as(FIND)
            .bind(account)
            .bind(&request.key)
            .fetch_optional(db)
            .await)?;
        known.map(|known: Known| known.job_of(request)).transpose()
    }

    /// Deletes keys that were used before `before`, the oldest first, and says how many.
    pub async fn forget_idempotency_keys(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        const SQL: &str = "delete from idempotency_keys where (account_id, key) in \
            (select account_id, key from idempotency_keys where created_at < $1 \
            order by created_at limit $2)";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(before)
            .bind(Int(limit))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows)
    }
}

const FIND: &str = "select fingerprint, job_id from idempotency_keys \
    where account_id = $1 and key = $2";

/// The account's lock comes first: whoever holds it sees every key that was used, and no other
/// request of the account uses one until the lock is gone.
async fn admit_once(
    tx: &mut Tx,
    job: &NewJob,
    request: &Repeatable,
    now: Timestamp,
) -> Result<Admission, AcceptError> {
    let Some(account) = account::lock(tx, job.account).await? else {
        return Err(AcceptError::NoSuchAccount);
    };
    if let Some(known) = find(tx, job.account, &request.key).await? {
        return Ok(Admission::Repeat(known.job_of(request)?));
    }
    let accepted = admit(tx, job, &account, now).await?;
    insert(tx, job, request, now).await?;
    Ok(Admission::New(accepted))
}

async fn find(
    tx: &mut Tx,
    account: AccountId,
    key: &IdempotencyKey,
) -> sqlx::Result<Option<Known>> {
    on!(tx.db(), db => sqlx::query_as(FIND).bind(account).bind(key).fetch_optional(db).await)
}

async fn insert(
    tx: &mut Tx,
    job: &NewJob,
    request: &Repeatable,
    now: Timestamp,
) -> sqlx::Result<()> {
    const SQL: &str = "insert into idempotency_keys \
        (account_id, key, fingerprint, job_id, created_at) values ($1, $2, $3, $4, $5)";
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(job.account)
        .bind(&request.key)
        .bind(&request.fingerprint)
        .bind(job.id)
        .bind(now)
        .execute(db)
        .await
        .map(drop))
}
