//! The ledger: every move of every balance. The balance of an account is the sum of its entries.

use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::id::{AccountId, EntryId, JobId};
use crate::job::EntryKind;

use super::engine::{Tx, from_row, on};
use super::{Store, StoreError};

/// One move of a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which one.
    pub id: EntryId,
    /// Whose balance.
    pub account: AccountId,
    /// For which job; a grant has none.
    pub job: Option<JobId>,
    /// Why.
    pub kind: EntryKind,
    /// By how much; a charge is negative.
    pub amount: Credits,
    /// When.
    pub created_at: Timestamp,
}

from_row!(Entry, row => Entry {
    id: row.try_get("id")?,
    account: row.try_get("account_id")?,
    job: row.try_get("job_id")?,
    kind: row.try_get("kind")?,
    amount: row.try_get("amount")?,
    created_at: row.try_get("created_at")?,
});

impl Entry {
    pub(super) fn new(
        account: AccountId,
        job: Option<JobId>,
        kind: EntryKind,
        amount: Credits,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id: EntryId::new(),
            account,
            job,
            kind,
            amount,
            created_at,
        }
    }
}

impl Store {
    /// Reads the ledger of an account, oldest first.
    pub async fn ledger(&self, account: AccountId) -> Result<Vec<Entry>, StoreError> {
        const SQL: &str = "select id, account_id, job_id, kind, amount, created_at \
            from ledger where account_id = $1 order by id";
        let entries =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_all(db).await)?;
        Ok(entries)
    }
}

/// Writes an entry; a second charge or refund for the same job is an error.
pub(super) async fn write(tx: &mut Tx, entry: &Entry) -> sqlx::Result<()> {
    const SQL: &str = "insert into ledger (id, account_id, job_id, kind, amount, created_at) \
        values ($1, $2, $3, $4, $5, $6)";
    on!(tx.db(), db => sqlx::query(SQL)
        .bind(entry.id)
        .bind(entry.account)
        .bind(entry.job)
        .bind(entry.kind)
        .bind(entry.amount)
        .bind(entry.created_at)
        .execute(db)
        .await
        .map(drop))
}
