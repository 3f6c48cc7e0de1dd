//! The two engines and how one SQL text runs on either.

mod doubt;
mod lent;
mod postgres;
mod sqlite;

use sqlx::Transaction;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};

use self::lent::Lent;
pub use self::postgres::Server;
pub use self::sqlite::SqlitePair;
use super::{Store, StoreError};

/// Something of either engine: a pool or a connection.
#[derive(Debug)]
pub(super) enum On<P, S> {
    Postgres(P),
    Sqlite(S),
}

/// Runs one body on whichever engine there is. The body is compiled once for each, so a type that
/// one of them can't bind does not build.
macro_rules! on {
    ($target:expr, $db:ident => $body:expr) => {
        match $target {
            $crate::store::engine::On::Postgres($db) => $body,
            $crate::store::engine::On::Sqlite($db) => $body,
        }
    };
}

/// Says once, for both engines, how a type is read from a row.
macro_rules! from_row {
    ($type:ty, $row:ident => $body:expr) => {
        $crate::store::engine::from_row!(@ sqlx::postgres::PgRow, $type, $row => $body);
        $crate::store::engine::from_row!(@ sqlx::sqlite::SqliteRow, $type, $row => $body);
    };
    (@ $source:ty, $type:ty, $row:ident => $body:expr) => {
        impl<'r> sqlx::FromRow<'r, $source> for $type {
            fn from_row($row: &'r $source) -> Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok($body)
            }
        }
    };
}

pub(super) use {from_row, on};

/// A pool for statements outside of a transaction.
pub(super) type Pool<'a> = On<&'a Server, &'a SqlitePool>;

/// An open transaction; dropping it undoes it.
#[derive(Debug)]
pub(super) struct Tx(On<Lent, Transaction<'static, Sqlite>>);

impl Tx {
    /// The connection, for one statement.
    pub(super) fn db(&mut self) -> On<&mut Lent, &mut SqliteConnection> {
        match &mut self.0 {
            On::Postgres(tx) => On::Postgres(tx),
            On::Sqlite(tx) => On::Sqlite(&mut *tx),
        }
    }

    /// Makes it last.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        on!(self.0, tx => tx.commit().await).map_err(StoreError::of_commit)
    }

    /// Undoes it now, and not when the connection is used again.
    pub(super) async fn rollback(self) -> sqlx::Result<()> {
        on!(self.0, tx => tx.rollback().await)
    }
}

impl Store {
    /// For a statement that only reads.
    pub(super) fn reader(&self) -> Pool<'_> {
        match self {
            Self::Postgres(server) => On::Postgres(server),
            Self::Sqlite(pair) => On::Sqlite(&pair.readers),
        }
    }

    /// For a single statement that writes.
    pub(super) fn writer(&self) -> Pool<'_> {
        match self {
            Self::Postgres(server) => On::Postgres(server),
            Self::Sqlite(pair) => On::Sqlite(&pair.writer),
        }
    }

    /// For several statements that happen together or not at all.
    pub(super) async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(Tx(match self {
            Self::Postgres(server) => On::Postgres(server.begin().await?),
            // A deferred transaction that reads and then writes fails at once when another
            // process has written in between, whatever the busy timeout.
            Self::Sqlite(pair) => On::Sqlite(pair.writer.begin_with("begin immediate").await?),
        }))
    }
}
