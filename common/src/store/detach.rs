//! Sending a caller away whose job goes on: from then on the job's webhook tells its end.

use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId, JobId};
use crate::telemetry::TraceContext;

use super::engine::{from_row, on};
use super::{Store, StoreError, delivery};

struct Row {
    account: AccountId,
    webhook: Option<String>,
    trace: Option<TraceContext>,
    is_final: bool,
}

from_row!(Row, row => Row {
    account: row.try_get("account_id")?,
    webhook: row.try_get("webhook")?,
    trace: row.try_get("trace")?,
    is_final: row.try_get("is_final")?,
});

impl Store {
    /// Lets the webhook of a synchronous job fire, since its caller was sent away; false if the
    /// job has ended already: then answer with its result.
    pub async fn detach(&self, id: JobId) -> Result<bool, StoreError> {
        const SQL: &str = "update jobs set detached = true where id = $1 and finished_at is null";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// The same for a caller who has been sent away already, when this could not be said in time: if the
    /// job has ended meanwhile, its webhook is due at once. The delivery that was made for that.
    pub async fn detach_late(
        &self,
        id: JobId,
        now: Timestamp,
    ) -> Result<Option<DeliveryId>, StoreError> {
        const SQL: &str = "update jobs set detached = true \
            where id = $1 and mode = 'sync' and not detached \
            returning account_id, webhook, trace, finished_at is not null as is_final";
        let mut tx = self.begin().await?;
        let marked: Option<Row> = on!(tx.db(), db => sqlx::query_as(SQL)
            .bind(id)
            .fetch_optional(db)
            .await)?;
        let made = match marked.filter(|row| row.is_final) {
            Some(row) => {
                let (job, own) = ((id, row.account), row.webhook.as_deref());
                delivery::create(&mut tx, job, own, row.trace, now).await?
            }
            None => None,
        };
        tx.commit().await?;
        Ok(made)
    }
}
