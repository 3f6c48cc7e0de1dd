//! An account's stored endpoint: where it is, how it stands, and which secret signs for it.

use crate::clock::Timestamp;
use crate::id::AccountId;
use crate::job::OffReason;
use crate::signature::SecretVersion;

use super::column::{Int, Text};
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// The endpoint of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Who is told about the account's asynchronous jobs, unless the request says otherwise.
    pub url: Option<String>,
    /// Since when every call to it has failed.
    pub failing_since: Option<Timestamp>,
    /// When a call to it was last noted to have failed.
    pub failed_at: Option<Timestamp>,
    /// Whether it is switched off.
    pub off: Option<SwitchedOff>,
    /// Which secret signs the account's webhooks.
    pub secret: SecretVersion,
}

/// That an endpoint is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchedOff {
    /// Since when.
    pub at: Timestamp,
    /// Why.
    pub reason: OffReason,
}

macro_rules! endpoint_columns {
    () => {
        "webhook_url, webhook_failing_since, webhook_failed_at, webhook_off_at, webhook_off_reason, \
         webhook_secret, webhook_secret_overlap_until"
    };
}

pub(super) use endpoint_columns;

from_row!(Endpoint, row => {
    let at: Option<Timestamp> = row.try_get("webhook_off_at")?;
    let reason: Option<OffReason> = row.try_get("webhook_off_reason")?;
    Endpoint {
        url: row.try_get("webhook_url")?,
        failing_since: row.try_get("webhook_failing_since")?,
        failed_at: row.try_get("webhook_failed_at")?,
        off: at.zip(reason).map(|(at, reason)| SwitchedOff { at, reason }),
        secret: SecretVersion {
            current: row.try_get::<Int<u32>, _>("webhook_secret")?.0,
            overlap_until: row.try_get("webhook_secret_overlap_until")?,
        },
    }
});

impl Store {
    /// Reads the endpoint of an account.
    pub async fn endpoint(&self, account: AccountId) -> Result<Option<Endpoint>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            endpoint_columns!(),
            " from accounts where id = $1"
        );
        let endpoint =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_optional(db).await)?;
        Ok(endpoint)
    }

    /// Sets the address, which switches it on, or clears it, which leaves it off if it was; false if
    /// there is no such account. Deliveries that are on their way keep the address that they were born
    /// with; after this call [`Store::release_parked`] for the others.
    pub async fn set_webhook(&self, id: AccountId, url: Option<&str>) -> Result<bool, StoreError> {
        const SET: &str = "update accounts set webhook_url = $2, webhook_failing_since = null, \
            webhook_failed_at = null, webhook_off_at = null, webhook_off_reason = null \
            where id = $1";
        const CLEAR: &str = "update accounts set webhook_url = $2 where id = $1";
        let sql = if url.is_some() { SET } else { CLEAR };
        let rows = on!(self.writer(), db => sqlx::query(sql)
            .bind(id)
            .bind(url.map(Text))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Switches the endpoint on; false if it was not off. After this call [`Store::release_parked`].
    pub async fn switch_on(&self, id: AccountId) -> Result<bool, StoreError> {
        const SQL: &str = "update accounts set webhook_failing_since = null, \
            webhook_failed_at = null, webhook_off_at = null, webhook_off_reason = null \
            where id = $1 and webhook_off_at is not null";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Sets or clears the address as [`Self::set_webhook`], and sends what waited for it.
    pub async fn move_webhook(
        &self,
        id: AccountId,
        url: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_known = self.set_webhook(id, url).await?;
        if url.is_some() {
            self.release_parked(id, now).await?;
        }
        Ok(is_known)
    }

    /// Switches the endpoint on, and sends what waited for it.
    pub async fn enable_webhook(&self, id: AccountId, now: Timestamp) -> Result<(), StoreError> {
        self.switch_on(id).await?;
        self.release_parked(id, now).await?;
        Ok(())
    }

    /// Switches the endpoint off if it still is at this address and, where a time is given, has failed
    /// ever since; false if it was not on.
    pub async fn switch_off(
        &self,
        id: AccountId,
        url: &str,
        off: SwitchedOff,
        failing_since: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "update accounts set webhook_off_at = $3, webhook_off_reason = $4 \
            where id = $1 and webhook_url = $2 and webhook_off_at is null \
            and (cast($5 as bigint) is null or webhook_failing_since <= $5)";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(Text(url))
            .bind(off.at)
            .bind(off.reason)
            .bind(failing_since)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Notes that a call to the endpoint has failed. Its time of failing goes on if it had failed at
    /// `lately` or later too, and else begins: a failure a week ago says nothing of the days between.
    pub async fn note_failure(
        &self,
        id: AccountId,
        url: &str,
        lately: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        const SQL: &str = "update accounts set webhook_failed_at = $3, webhook_failing_since = \
            case when webhook_failed_at >= $4 then coalesce(webhook_failing_since, $3) \
            else $3 end where id = $1 and webhook_url = $2";
        on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(Text(url))
            .bind(now)
            .bind(lately)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes that a call to the endpoint has succeeded, which ends its time of failing.
    pub async fn note_success(&self, id: AccountId, url: &str) -> Result<(), StoreError> {
        const SQL: &str = "update accounts set webhook_failing_since = null, \
            webhook_failed_at = null where id = $1 \
            and webhook_url = $2 and webhook_failing_since is not null";
        on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(Text(url))
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Makes the next secret the current one. The one before signs too until `overlap_until`, and any
    /// older one no more. Gives the new version; `None` if there is no such account.
    pub async fn rotate_webhook_secret(
        &self,
        id: AccountId,
        overlap_until: Option<Timestamp>,
    ) -> Result<Option<SecretVersion>, StoreError> {
        const SQL: &str = concat!(
            "update accounts set webhook_secret = webhook_secret + 1, \
             webhook_secret_overlap_until = $2 where id = $1 returning ",
            endpoint_columns!()
        );
        let endpoint: Option<Endpoint> = on!(self.writer(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(overlap_until)
            .fetch_optional(db)
            .await)?;
        Ok(endpoint.map(|endpoint| endpoint.secret))
    }
}
