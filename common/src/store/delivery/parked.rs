//! Deliveries that wait for their endpoint to be switched on again.

use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId};
use crate::store::column::Int;
use crate::store::engine::on;
use crate::store::{Store, StoreError};

/// The most rows that one transaction moves.
const BATCH: u32 = 500;

impl Store {
    /// Parks a delivery that nobody has leased, to be given up at `until`; false if it is leased,
    /// parked already or has ended, or if its endpoint has been switched on meanwhile.
    pub async fn park(
        &self,
        id: DeliveryId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "update deliveries set parked_at = $3, due_at = $2, queued_until = null \
            where id = $1 and state = 'pending' and parked_at is null and lease_token is null \
            and exists (select 1 from accounts a where a.id = deliveries.account_id \
            and a.webhook_off_at is not null)";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(until)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Makes the parked deliveries of an account due now, at the address that its endpoint has now,
    /// and says how many there were. For an endpoint that has been switched on.
    pub async fn release_parked(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        const FIND: &str = "select id from deliveries where account_id = $1 \
            and parked_at is not null order by id limit $2";
        const RELEASE: &str = "update deliveries set parked_at = null, due_at = $2, url = \
            coalesce((select a.webhook_url from accounts a where a.id = deliveries.account_id), url) \
            where id = $1 and state = 'pending' and parked_at is not null";
        let mut released = 0;
        loop {
            let found: Vec<DeliveryId> = on!(self.reader(), db => sqlx::query_scalar(FIND)
                .bind(account)
                .bind(Int(BATCH))
                .fetch_all(db)
                .await)?;
            if found.is_empty() {
                return Ok(released);
            }
            released += self.move_each(RELEASE, &found, now).await?;
        }
    }

    /// Names the accounts whose endpoint is on and for which deliveries are parked all the same: whoever
    /// switched it on was cut off before it released them, or somebody parked one in that moment.
    pub async fn accounts_with_stranded_deliveries(&self) -> Result<Vec<AccountId>, StoreError> {
        const SQL: &str = "select distinct d.account_id from deliveries d \
            join accounts a on a.id = d.account_id where d.parked_at is not null \
            and a.webhook_off_at is null and a.webhook_url is not null";
        let accounts = on!(self.reader(), db => sqlx::query_scalar(SQL).fetch_all(db).await)?;
        Ok(accounts)
    }

    /// Gives up the deliveries whose parking time is over, at most a batch of them, and says how many;
    /// to be repeated until there are none.
    pub async fn give_up_parked(&self, now: Timestamp) -> Result<u64, StoreError> {
        const FIND: &str = "select id from deliveries where state = 'pending' and due_at <= $1 \
            and parked_at is not null order by due_at limit $2";
        const GIVE_UP: &str = "update deliveries set state = 'failed', finished_at = $2, \
            parked_at = null where id = $1 and state = 'pending' and parked_at is not null \
            and due_at <= $2";
        let mut found: Vec<DeliveryId> = on!(self.reader(), db => sqlx::query_scalar(FIND)
            .bind(now)
            .bind(Int(BATCH))
            .fetch_all(db)
            .await)?;
        found.sort_unstable();
        self.move_each(GIVE_UP, &found, now).await
    }

    /// One by one in the order of their ids, so that two who do this never wait for each other crosswise.
    async fn move_each(
        &self,
        sql: &'static str,
        ids: &[DeliveryId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut moved = 0;
        let mut tx = self.begin().await?;
        for id in ids {
            moved += on!(tx.db(), db => sqlx::query(sql)
                .bind(id)
                .bind(now)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
        }
        tx.commit().await?;
        Ok(moved)
    }
}
