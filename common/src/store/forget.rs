//! Old jobs: forgotten, with their deliveries and attempts, once nothing needs them. The ledger and the
//! sums of the account go on without them.

use crate::clock::Timestamp;
use crate::id::JobId;

use super::column::Int;
use super::engine::{Tx, on};
use super::{Store, StoreError};

/// The most rows that one transaction removes, so that nobody waits for it for long. A single job that
/// has more goes by itself.
const BATCH: u32 = 500;

impl Store {
    /// Removes jobs that ended at or before `before`, those that ended first at first, and says how many;
    /// to be repeated until there are none. Jobs stay whose result is kept, or that have an open delivery.
    pub async fn forget_jobs(&self, before: Timestamp) -> Result<usize, StoreError> {
        const SQL: &str = "select j.id, 1 \
            + (select count(*) from deliveries d where d.job_id = j.id) \
            + (select count(*) from deliveries d join attempts t on t.delivery_id = d.id \
               where d.job_id = j.id) \
            from jobs j where j.finished_at <= $1 \
            and not exists (select 1 from assets a where a.job_id = j.id) \
            and not exists \
            (select 1 from deliveries d where d.job_id = j.id and d.state = 'pending') \
            order by j.finished_at limit $2";
        let found: Vec<(JobId, Int<u64>)> = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(before)
            .bind(Int(BATCH))
            .fetch_all(db)
            .await)?;
        let jobs = fitting(found.iter().map(|(job, rows)| (*job, rows.0)));
        if jobs.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        for &job in &jobs {
            forget(&mut tx, job).await?;
        }
        tx.commit().await?;
        Ok(jobs.len())
    }
}

/// The first jobs, as many as have no more rows together than a batch, but at least one.
fn fitting<J>(found: impl Iterator<Item = (J, u64)>) -> Vec<J> {
    let mut total = 0;
    found
        .take_while(|(_, rows)| {
            let is_first = total == 0;
            total += rows;
            is_first || total <= u64::from(BATCH)
        })
        .map(|(job, _)| job)
        .collect()
}

/// Removes a job and what hangs on it. A delivery that has been opened since stays, and with it, by the
/// table's own reference, everything: the whole batch fails and is tried again without this job.
async fn forget(tx: &mut Tx, job: JobId) -> sqlx::Result<()> {
    const ATTEMPTS: &str = "delete from attempts where delivery_id in \
        (select id from deliveries where job_id = $1 and state <> 'pending')";
    const DELIVERIES: &str = "delete from deliveries where job_id = $1 and state <> 'pending'";
    const JOB: &str = "delete from jobs where id = $1 and finished_at is not null";
    for sql in [ATTEMPTS, DELIVERIES, JOB] {
        on!(tx.db(), db => sqlx::query(sql).bind(job).execute(db).await.map(drop))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;

    use super::*;
    use crate::store::migrations::{SQLITE, migrator};

    #[test]
    fn a_batch_is_as_many_jobs_as_have_few_enough_rows_together() {
        let fit = |rows: &[u64]| fitting(rows.iter().enumerate().map(|(job, &rows)| (job, rows)));
        assert_eq!(fit(&[]), Vec::<usize>::new());
        assert_eq!(fit(&[1; 600]).len(), 500);
        assert_eq!(fit(&[6; 600]).len(), 83);
        assert_eq!(fit(&[499, 1, 1]), [0, 1]);
        assert_eq!(fit(&[499, 2, 1]), [0]);
        // Its rows hang together.
        assert_eq!(fit(&[700, 1]), [0]);
    }

    #[tokio::test]
    async fn the_ledger_of_the_first_schema_keeps_its_entries_and_its_rules() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::sqlite(&folder.path().join("old.db")).await.unwrap();
        let Store::Sqlite(pair) = &store else {
            panic!("it is a file");
        };
        migrator(&SQLITE[..1]).run(&pair.writer).await.unwrap();
        let run = async |sql: &'static str| sqlx::query(sql).execute(&pair.writer).await;
        run(
            "insert into accounts (id, name, balance, in_flight, backlog, created_at) \
             values ('a', 'a', 9, 1, 1, 1)",
        )
        .await
        .unwrap();
        run("insert into ledger values ('e', 'a', null, 'grant', 9, 1)")
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let kept = sqlx::query("select id, amount from ledger");
        let kept = kept.fetch_one(&pair.writer).await.unwrap();
        assert_eq!(
            (kept.get::<String, _>(0), kept.get::<i64, _>(1)),
            ("e".into(), 9)
        );
        // Of a job that is gone, and only once.
        run("insert into ledger values ('f', 'a', 'gone', 'charge', -1, 1)")
            .await
            .unwrap();
        for refused in [
            "insert into ledger values ('g', 'a', 'gone', 'charge', -1, 1)",
            "insert into ledger values ('g', 'a', 'other', 'charge', 1, 1)",
            "insert into ledger values ('g', 'a', 'other', 'refund', -1, 1)",
            "insert into ledger values ('g', 'a', 'other', 'grant', 1, 1)",
            "insert into ledger values ('g', 'b', null, 'grant', 1, 1)",
        ] {
            assert!(run(refused).await.is_err(), "{refused}");
        }
    }
}
