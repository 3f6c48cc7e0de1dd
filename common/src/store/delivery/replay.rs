//! Sending again: a new delivery with all its attempts, under the message id of the first.

use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId};
use crate::job::DeliveryState;
use crate::store::column::Int;
use crate::store::engine::{Tx, on};
use crate::store::{Store, StoreError};

/// The most deliveries that one transaction sends again.
const BATCH: u32 = 100;

/// What became of the wish to send a delivery again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// It had ended, and a new delivery is due now; one that was asked for before and has not ended yet
    /// is this one too.
    Again(DeliveryId),
    /// It was waiting for its next attempt, which is due now.
    Hastened,
    /// It is being attempted at this moment.
    UnderWay,
    /// It waits for its endpoint to be switched on.
    Parked,
}

impl Store {
    /// Sends a delivery of the account again, or now; `None` if there is no such delivery.
    pub async fn replay(
        &self,
        account: AccountId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Option<Replay>, StoreError> {
        let Some(delivery) = self.delivery(account, id).await? else {
            return Ok(None);
        };
        match delivery.state {
            DeliveryState::Parked => return Ok(Some(Replay::Parked)),
            DeliveryState::Pending => {
                let hastened = self.postpone(id, now).await?;
                let replay = if hastened {
                    Replay::Hastened
                } else {
                    Replay::UnderWay
                };
                return Ok(Some(replay));
            }
            DeliveryState::Delivered | DeliveryState::Failed => {}
        }
        let mut tx = self.begin().await?;
        let again = again(&mut tx, id, now).await?;
        tx.commit().await?;
        Ok(again.map(Replay::Again))
    }

    /// How many deliveries of the account were given up at `since` or later and not sent again.
    pub async fn count_dead_letters(
        &self,
        account: AccountId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        const SQL: &str = "select count(*) from deliveries where account_id = $1 \
            and state = 'failed' and replayed_at is null and finished_at >= $2";
        let count: Int<u64> = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(account)
            .bind(since)
            .fetch_one(db)
            .await)?;
        Ok(count.0)
    }

    /// Sends again what [`Self::count_dead_letters`] counts, and says how many that were. Who asks
    /// twice sends once.
    pub async fn replay_dead_letters(
        &self,
        account: AccountId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        const FIND: &str = "select id from deliveries where account_id = $1 \
            and state = 'failed' and replayed_at is null and finished_at >= $2 \
            order by id limit $3";
        let mut sent = 0;
        loop {
            let dead: Vec<DeliveryId> = on!(self.reader(), db => sqlx::query_scalar(FIND)
                .bind(account)
                .bind(since)
                .bind(Int(BATCH))
                .fetch_all(db)
                .await)?;
            if dead.is_empty() {
                return Ok(sent);
            }
            let mut tx = self.begin().await?;
            for id in dead {
                sent += u64::from(again_once(&mut tx, id, now).await?);
            }
            tx.commit().await?;
        }
    }
}

/// Sends one again unless that was done before.
async fn again_once(tx: &mut Tx, id: DeliveryId, now: Timestamp) -> sqlx::Result<bool> {
    const CLAIM: &str = "update deliveries set replayed_at = $2 \
        where id = $1 and state = 'failed' and replayed_at is null";
    let rows = on!(tx.db(), db => sqlx::query(CLAIM)
        .bind(id)
        .bind(now)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1 && again(tx, id, now).await?.is_some())
}

/// A new delivery like one that has ended. A stored endpoint is called where it is now.
async fn again(tx: &mut Tx, id: DeliveryId, now: Timestamp) -> sqlx::Result<Option<DeliveryId>> {
    const OPEN: &str = "select o.id from deliveries d join deliveries o on o.job_id = d.job_id \
        and o.state = 'pending' and o.message_id = coalesce(d.message_id, d.id) \
        where d.id = $1 order by o.id limit 1";
    const MARK: &str = "update deliveries set replayed_at = $2 \
        where id = $1 and state in ('delivered', 'failed')";
    const INSERT: &str = "insert into deliveries \
        (id, job_id, account_id, url, own, state, due_at, created_at, message_id, \
        trace, attempt_trace) \
        select $2, d.job_id, d.account_id, \
        case when d.own then d.url else coalesce(a.webhook_url, d.url) end, \
        d.own, 'pending', $3, $3, coalesce(d.message_id, d.id), \
        d.trace, d.attempt_trace \
        from deliveries d join accounts a on a.id = d.account_id where d.id = $1";
    let marked = on!(tx.db(), db => sqlx::query(MARK)
        .bind(id)
        .bind(now)
        .execute(db)
        .await
        .map(|done| done.rows_affected()))?;
    if marked == 0 {
        return Ok(None);
    }
    let open = on!(tx.db(), db => sqlx::query_scalar(OPEN).bind(id).fetch_optional(db).await)?;
    if open.is_some() {
        return Ok(open);
    }
    let new = DeliveryId::new();
    on!(tx.db(), db => sqlx::query(INSERT)
        .bind(id)
        .bind(new)
        .bind(now)
        .execute(db)
        .await
        .map(drop))?;
    Ok(Some(new))
}
