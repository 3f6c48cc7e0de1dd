//! Sums over the jobs of an account, kept beside the jobs so that reading them is cheap.

use crate::id::AccountId;
use crate::job::JobKind;

use super::column::Int;
use super::engine::{Tx, from_row, on};
use super::{Store, StoreError};

/// Sums over every job that an account ever had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// Jobs accepted.
    pub total: u64,
    /// Of them ended well.
    pub success: u64,
    /// Of them ended badly.
    pub error: u64,
    /// Bytes of all results.
    pub bytes: u64,
    /// Milliseconds of rendering.
    pub compute_ms: u64,
    /// Bytes of the listed results that are still kept here.
    pub storage_bytes: u64,
    /// Jobs accepted, by what was asked for; kinds never asked for are left out.
    pub by_kind: Vec<(JobKind, u64)>,
}

/// The sums of one kind.
pub(super) struct Totals {
    kind: JobKind,
    success: Int<u64>,
    error: Int<u64>,
    bytes: Int<u64>,
    compute_us: Int<u64>,
}

from_row!(Totals, row => Totals {
    kind: row.try_get("kind")?,
    success: row.try_get("success")?,
    error: row.try_get("error")?,
    bytes: row.try_get("bytes")?,
    compute_us: row.try_get("compute_us")?,
});

impl Store {
    /// Reads the sums of an account.
    pub async fn counters(&self, account: AccountId) -> Result<Counters, StoreError> {
        const ENDED: &str = "select kind, success, error, bytes, compute_us \
            from job_totals where account_id = $1";
        const OPEN: &str = "select kind, count(*) from jobs \
            where account_id = $1 and finished_at is null group by kind";
        const STORED: &str = "select cast(coalesce(sum(size), 0) as bigint) from assets \
            where account_id = $1 and listed and object_key not like 'storages/%'";
        let ended: Vec<Totals> =
            on!(self.reader(), db => sqlx::query_as(ENDED).bind(account).fetch_all(db).await)?;
        let open: Vec<(JobKind, Int<u64>)> =
            on!(self.reader(), db => sqlx::query_as(OPEN).bind(account).fetch_all(db).await)?;
        let stored: Int<u64> =
            on!(self.reader(), db => sqlx::query_scalar(STORED).bind(account).fetch_one(db).await)?;
        Ok(add_up(&ended, &open, stored.0))
    }
}

fn add_up(ended: &[Totals], open: &[(JobKind, Int<u64>)], storage_bytes: u64) -> Counters {
    let mut counters = Counters {
        storage_bytes,
        ..Counters::default()
    };
    let mut compute_us = 0;
    for kind in JobKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.is_conversion())
    {
        let mut jobs = 0;
        for totals in ended.iter().filter(|totals| totals.kind == kind) {
            counters.success += totals.success.0;
            counters.error += totals.error.0;
            counters.bytes += totals.bytes.0;
            compute_us += totals.compute_us.0;
            jobs += totals.success.0 + totals.error.0;
        }
        jobs += open
            .iter()
            .filter(|(open, _)| *open == kind)
            .map(|(_, count)| count.0)
            .sum::<u64>();
        if jobs > 0 {
            counters.total += jobs;
            counters.by_kind.push((kind, jobs));
        }
    }
    counters.compute_ms = compute_us / 1000;
    counters
}

/// A job that has ended, to be added to the sums.
pub(super) struct Ended {
    pub(super) account: AccountId,
    pub(super) kind: JobKind,
    pub(super) success: bool,
    pub(super) bytes: u64,
    pub(super) compute_us: u64,
}

/// Adds a job to the sums of its account.
pub(super) async fn count(tx: &mut Tx, ended: &Ended) -> sqlx::Result<()> {
    const SQL: &str = "insert into job_totals \
        (account_id, kind, success, error, bytes, compute_us) values ($1, $2, $3, $4, $5, $6) \
        on conflict (account_id, kind) do update set \
        success = job_totals.success + excluded.success, \
        error = job_totals.error + excluded.error, \
        bytes = job_totals.bytes + excluded.bytes, \
        compute_us = job_totals.compute_us + excluded.compute_us";
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(ended.account)
        .bind(ended.kind)
        .bind(i64::from(ended.success))
        .bind(i64::from(!ended.success))
        .bind(Int(ended.bytes))
        .bind(Int(ended.compute_us))
        .execute(db)
        .await
        .map(drop))
}
