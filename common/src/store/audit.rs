//! Whether balances are what the ledger says: read in pieces, so that a look costs little however long
//! a ledger has grown.

use crate::credits::Credits;
use crate::id::{AccountId, EntryId};

use super::column::Int;
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// The sum of an account's entries up to one of them. Entries neither change nor go, and those of one
/// account are made one after the other, so what is added up need not be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddedUp {
    /// The last of them.
    pub upto: EntryId,
    /// Their sum.
    pub sum: Credits,
}

/// A piece of a ledger.
struct Piece {
    entries: u32,
    sum: Credits,
    last: Option<EntryId>,
}

from_row!(Piece, row => Piece {
    entries: row.try_get::<Int<u32>, _>("entries")?.0,
    sum: row.try_get("sum")?,
    last: row.try_get("last")?,
});

impl Store {
    /// Names accounts in the order of their ids, those after `after`.
    pub async fn accounts_after(
        &self,
        after: AccountId,
        limit: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        const SQL: &str = "select id from accounts where id > $1 order by id limit $2";
        let accounts = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(after)
            .bind(Int(limit))
            .fetch_all(db)
            .await)?;
        Ok(accounts)
    }

    /// Adds at most `limit` further entries of an account, those before `before`, and says how many
    /// there were. `before` must lie so far back that nobody still writes an entry before it.
    pub async fn add_up(
        &self,
        account: AccountId,
        added: AddedUp,
        before: EntryId,
        limit: u32,
    ) -> Result<(AddedUp, u32), StoreError> {
        const SQL: &str = "select count(*) as entries, \
            cast(coalesce(sum(amount), 0) as bigint) as sum, max(id) as last from \
            (select id, amount from ledger where account_id = $1 and id > $2 and id < $3 \
            order by id limit $4) as next";
        let piece: Piece = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(account)
            .bind(added.upto)
            .bind(before)
            .bind(Int(limit))
            .fetch_one(db)
            .await)?;
        let added = AddedUp {
            upto: piece.last.unwrap_or(added.upto),
            sum: added.sum + piece.sum,
        };
        Ok((added, piece.entries))
    }

    /// What an account has more, or less, than the sum of its ledger; zero if all is well, and `None` if
    /// there is no such account. One statement reads both, so nothing moves in between.
    pub async fn drift(
        &self,
        account: AccountId,
        added: AddedUp,
    ) -> Result<Option<Credits>, StoreError> {
        const SQL: &str = "select balance - cast(coalesce((select sum(amount) from ledger \
            where account_id = $1 and id > $2), 0) as bigint) as rest from accounts where id = $1";
        let rest: Option<Credits> = on!(self.reader(), db => sqlx::query_scalar(SQL)
            .bind(account)
            .bind(added.upto)
            .fetch_optional(db)
            .await)?;
        Ok(rest.map(|rest| rest - added.sum))
    }
}
