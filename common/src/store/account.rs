//! Accounts: who pays, with what balance, within which limits.

use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::id::AccountId;
use crate::job::EntryKind;

use super::column::{Int, Text};
use super::engine::{Tx, from_row, on};
use super::ledger::{self, Entry};
use super::rate::Buckets;
use super::{Store, StoreError};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which one.
    pub id: AccountId,
    /// What people call it.
    pub name: String,
    /// Where a person can be reached.
    pub email: Option<String>,
    /// What is left to spend; never negative.
    pub balance: Credits,
    /// How much it may ask for.
    pub limits: Limits,
    /// Who is told about its asynchronous jobs, unless the request says otherwise.
    pub webhook_url: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How much an account may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests per minute, at least 1; `None` is no limit.
    pub rate: Option<u32>,
    /// Jobs in flight of each mode, at least 1.
    pub in_flight: u32,
    /// Asynchronous jobs accepted and not ended.
    pub backlog: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: None,
            in_flight: 16,
            backlog: 10_000,
        }
    }
}

from_row!(Limits, row => Limits {
    rate: row.try_get::<Option<Int<u32>>, _>("rate")?.map(|rate| rate.0),
    in_flight: row.try_get::<Int<u32>, _>("in_flight")?.0,
    backlog: row.try_get::<Int<u32>, _>("backlog")?.0,
});

from_row!(Account, row => Account {
    id: row.try_get("id")?,
    name: row.try_get("name")?,
    email: row.try_get("email")?,
    balance: row.try_get("balance")?,
    limits: sqlx::FromRow::from_row(row)?,
    webhook_url: row.try_get("webhook_url")?,
    created_at: row.try_get("created_at")?,
});

impl Store {
    /// Makes an account whose first ledger entry is the grant.
    pub async fn create_account(
        &self,
        name: &str,
        email: Option<&str>,
        grant: Credits,
        now: Timestamp,
    ) -> Result<AccountId, StoreError> {
        const SQL: &str = "insert into accounts \
            (id, name, email, balance, rate, in_flight, backlog, created_at) \
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (id, limits) = (AccountId::new(), Limits::default());
        let mut tx = self.begin().await?;
        on!(tx.db(), db => sqlx::query(SQL)
            .bind(id)
            .bind(Text(name))
            .bind(email.map(Text))
            .bind(grant)
            .bind(limits.rate.map(Int))
            .bind(Int(limits.in_flight))
            .bind(Int(limits.backlog))
            .bind(now)
            .execute(db)
            .await
            .map(drop))?;
        ledger::write(&mut tx, &Entry::new(id, None, EntryKind::Grant, grant, now)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Reads an account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        const SQL: &str = "select id, name, email, balance, rate, in_flight, backlog, \
            webhook_url, created_at from accounts where id = $1";
        let account =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
        Ok(account)
    }

    /// Reads every account, oldest first.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        const SQL: &str = "select id, name, email, balance, rate, in_flight, backlog, \
            webhook_url, created_at from accounts order by id";
        let accounts = on!(self.reader(), db => sqlx::query_as(SQL).fetch_all(db).await)?;
        Ok(accounts)
    }

    /// Adds credits and gives the new balance; `None` if there is no such account. A negative
    /// amount that the balance does not cover is refused by the database.
    pub async fn grant(
        &self,
        id: AccountId,
        amount: Credits,
        now: Timestamp,
    ) -> Result<Option<Credits>, StoreError> {
        let mut tx = self.begin().await?;
        let Some(balance) = add(&mut tx, id, amount).await? else {
            return Ok(None);
        };
        let entry = Entry::new(id, None, EntryKind::Grant, amount, now);
        ledger::write(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(Some(balance))
    }

    /// Sets the limits; false if there is no such account. After a higher cap call
    /// [`Store::release`].
    pub async fn set_limits(&self, id: AccountId, limits: Limits) -> Result<bool, StoreError> {
        const SQL: &str =
            "update accounts set rate = $2, in_flight = $3, backlog = $4 where id = $1";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(limits.rate.map(Int))
            .bind(Int(limits.in_flight))
            .bind(Int(limits.backlog))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows == 1)
    }
}

/// What a decision about an account needs.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Standing {
    #[sqlx(flatten)]
    pub(super) limits: Limits,
    #[sqlx(flatten)]
    pub(super) buckets: Buckets,
}

/// Locks an account until the transaction ends. It is a statement of its own: under READ COMMITTED
/// only a later statement sees the rows that the lock's last holder has committed.
pub(super) async fn lock(tx: &mut Tx, id: AccountId) -> sqlx::Result<Option<Standing>> {
    const SQL: &str = "update accounts set balance = balance where id = $1 returning \
        rate, in_flight, backlog, rate_bucket, rate_count, rate_previous";
    on!(tx.db(), db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)
}

/// Moves a balance and gives the new one.
pub(super) async fn add(
    tx: &mut Tx,
    id: AccountId,
    amount: Credits,
) -> sqlx::Result<Option<Credits>> {
    const SQL: &str = "update accounts set balance = balance + $2 where id = $1 returning balance";
    on!(tx.db(), db => sqlx::query_scalar(SQL).bind(id).bind(amount).fetch_optional(db).await)
}
