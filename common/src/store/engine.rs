//! The two engines and how one SQL text runs on either.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Transaction};

use super::Store;

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
pub(super) type Pool<'a> = On<&'a PgPool, &'a SqlitePool>;

/// An open transaction; dropping it undoes it.
#[derive(Debug)]
pub(super) struct Tx(On<Transaction<'static, Postgres>, Transaction<'static, Sqlite>>);

impl Tx {
    /// The connection, for one statement.
    pub(super) fn db(&mut self) -> On<&mut PgConnection, &mut SqliteConnection> {
        match &mut self.0 {
            On::Postgres(tx) => On::Postgres(&mut *tx),
            On::Sqlite(tx) => On::Sqlite(&mut *tx),
        }
    }

    /// Makes it last.
    pub(super) async fn commit(self) -> sqlx::Result<()> {
        on!(self.0, tx => tx.commit().await)
    }

    /// Undoes it now, and not when the connection is used again.
    pub(super) async fn rollback(self) -> sqlx::Result<()> {
        on!(self.0, tx => tx.rollback().await)
    }
}

/// A SQLite file: one connection that writes, several that read.
#[derive(Debug, Clone)]
pub struct SqlitePair {
    pub(super) writer: SqlitePool,
    readers: SqlitePool,
}

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

const READERS: u32 = 4;

/// Pages that each connection keeps, as SQLite writes it: minus KiB. The system caches the file too,
/// so more would only be a second copy that grows with the database.
const PAGE_CACHE: &str = "-512";

impl SqlitePair {
    pub(super) async fn open(path: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("cache_size", PAGE_CACHE)
            .synchronous(SqliteSynchronous::Full);
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        // The writer comes first: it makes the file and turns the log on.
        let writer = writer_pool().connect_with(writing).await?;
        let readers = pool(READERS)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        Ok(Self { writer, readers })
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    // A file does not hang up, so connections neither age nor need a test.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// SQLite ends a transaction by itself when the disk is full or fails, which leaves the library's
/// count of open transactions wrong for ever: such a connection is replaced by a new one. The test
/// before it waits for a rollback that is still on its way.
fn writer_pool() -> SqlitePoolOptions {
    pool(1)
        .test_before_acquire(true)
        .before_acquire(|writer, _| Box::pin(async move { Ok(!writer.is_in_transaction()) }))
}

pub(super) async fn postgres(url: &str) -> sqlx::Result<PgPool> {
    let options = PgConnectOptions::from_str(url)?.application_name("platen");
    PgPoolOptions::new()
        .max_connections(16)
        .connect_with(options)
        .await
}

impl Store {
    /// For a statement that only reads.
    pub(super) fn reader(&self) -> Pool<'_> {
        match self {
            Self::Postgres(pool) => On::Postgres(pool),
            Self::Sqlite(pair) => On::Sqlite(&pair.readers),
        }
    }

    /// For a single statement that writes.
    pub(super) fn writer(&self) -> Pool<'_> {
        match self {
            Self::Postgres(pool) => On::Postgres(pool),
            Self::Sqlite(pair) => On::Sqlite(&pair.writer),
        }
    }

    /// For several statements that happen together or not at all.
    pub(super) async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(Tx(match self {
            Self::Postgres(pool) => On::Postgres(pool.begin().await?),
            // A deferred transaction that reads and then writes fails at once when another
            // process has written in between, whatever the busy timeout.
            Self::Sqlite(pair) => On::Sqlite(pair.writer.begin_with("begin immediate").await?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSERT: &str = "insert into t values (zeroblob(100000))";

    #[tokio::test]
    async fn a_full_disk_stops_writing_only_while_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let pair = SqlitePair::open(&folder.path().join("test.db"))
            .await
            .unwrap();
        let store = Store::Sqlite(pair.clone());
        let create = sqlx::query("create table t (x blob)");
        create.execute(&pair.writer).await.unwrap();
        // For this connection alone, as if the disk had no room for more.
        let full = sqlx::query("pragma max_page_count = 3");
        full.execute(&pair.writer).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let inserted = on!(tx.db(), db => sqlx::query(INSERT).execute(db).await.map(|_| ()));
        let refused = inserted.unwrap_err();
        assert!(refused.to_string().contains("full"), "{refused}");
        drop(tx);
        let tx = store.begin().await.unwrap();
        tx.commit().await.unwrap();
        let insert = sqlx::query(INSERT);
        insert.execute(&pair.writer).await.unwrap();
    }
}
