//! API keys: their hashes, and who calls with them.

use crate::clock::Timestamp;
use crate::id::{AccountId, KeyId, ProjectId};
use crate::key::KeyHash;

use super::column::Text;
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Which one.
    pub id: KeyId,
    /// Whose.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// The last four characters of the secret.
    pub last4: String,
    /// Whose budget its charges count against.
    pub project: Option<ProjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who pays.
    pub account: AccountId,
    /// With which key.
    pub key: KeyId,
    /// The last four characters of its secret.
    pub last4: String,
    /// Whose budget its charges count against.
    pub project: Option<ProjectId>,
}

from_row!(Key, row => Key {
    id: row.try_get("id")?,
    account: row.try_get("account_id")?,
    name: row.try_get("name")?,
    last4: row.try_get("last4")?,
    project: row.try_get("project_id")?,
    created_at: row.try_get("created_at")?,
    revoked_at: row.try_get("revoked_at")?,
});

from_row!(Caller, row => Caller {
    account: row.try_get("account_id")?,
    key: row.try_get("id")?,
    last4: row.try_get("last4")?,
    project: row.try_get("project_id")?,
});

impl Store {
    /// Adds a key to an account that exists.
    #[expect(
        clippy::too_many_arguments,
        reason = "the columns of one row, each of another type"
    )]
    pub async fn create_key(
        &self,
        account: AccountId,
        name: &str,
        hash: &KeyHash,
        last4: &str,
        now: Timestamp,
    ) -> Result<KeyId, StoreError> {
        const SQL: &str = "insert into keys (id, account_id, name, hash, last4, created_at) \
            values ($1, $2, $3, $4, $5, $6)";
        let id = KeyId::new();
        on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(account)
            .bind(Text(name))
            .bind(hash)
            .bind(Text(last4))
            .bind(now)
            .execute(db)
            .await
            .map(drop))?;
        Ok(id)
    }

    /// Reads the keys of an account, oldest first, revoked ones among them.
    pub async fn keys(&self, account: AccountId) -> Result<Vec<Key>, StoreError> {
        const SQL: &str = "select id, account_id, name, last4, project_id, created_at, revoked_at \
            from keys where account_id = $1 order by id";
        let keys = on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_all(db).await)?;
        Ok(keys)
    }

    /// Ends a key; false if there is none or it has ended before.
    pub async fn revoke_key(&self, id: KeyId, now: Timestamp) -> Result<bool, StoreError> {
        const SQL: &str = "update keys set revoked_at = $2 where id = $1 and revoked_at is null";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }

    /// Finds who a key belongs to; a revoked one belongs to nobody.
    pub async fn authenticate(&self, hash: &KeyHash) -> Result<Option<Caller>, StoreError> {
        const SQL: &str = "select id, account_id, last4, project_id from keys \
            where hash = $1 and revoked_at is null";
        let caller =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(hash).fetch_optional(db).await)?;
        Ok(caller)
    }
}
