//! Deliveries that wait for their endpoint to be switched on again.

use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId};
use crate::store::column::Int;
use crate::store::engine::on;
use crate::store::{Store, StoreError};

/// The most rows that one statement moves.
const BATCH: u32 = 500;

impl Store {
    /// Parks a delivery that nobody has leased, to be given up at `until`; false if it is leased,
    /// parked already or has ended.
    pub async fn park(
        &self,
        id: DeliveryId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "update deliveries set parked_at = $3, due_at = $2, queued_until = null \
            where id = $1 and state = 'pending' and parked_at is null and lease_token is null";
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
        const SQL: &str = "update deliveries set parked_at = null, due_at = $2, url = \
            coalesce((select webhook_url from accounts where accounts.id = $1), url) \
            where parked_at is not null and id in (select id from deliveries \
            where account_id = $1 and parked_at is not null order by id limit $3)";
        let mut released = 0;
        loop {
            let rows = on!(self.writer(), db => sqlx::query(SQL)
                .bind(account)
                .bind(now)
                .bind(Int(BATCH))
                .execute(db)
                .await
                .map(|done| done.rows_affected()))?;
            released += rows;
            if rows == 0 {
                return Ok(released);
            }
        }
    }

    /// Gives up the deliveries whose parking time is over, at most a batch of them, and says how many;
    /// to be repeated until there are none.
    pub async fn give_up_parked(&self, now: Timestamp) -> Result<u64, StoreError> {
        const SQL: &str = "update deliveries set state = 'failed', finished_at = $1, \
            parked_at = null where state = 'pending' and parked_at is not null and id in \
            (select id from deliveries where state = 'pending' and due_at <= $1 \
            and parked_at is not null order by due_at limit $2)";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(now)
            .bind(Int(BATCH))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows)
    }
}
