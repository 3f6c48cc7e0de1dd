//! The two engines and how one SQL text runs on either.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Executor as _, Transaction};

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
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        on!(self.0, tx => tx.commit().await).map_err(StoreError::of_commit)
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

/// How long a caller waits for a connection to a server, be it that all are in use, that a new one
/// takes so long or that nobody answers: then the server counts as away.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Ends the transaction of a process that is gone without a word, since it holds locks: the server
/// itself would wait for hours. A statement, since connection poolers refuse it as an option.
const END_ABANDONED: &str = "set idle_in_transaction_session_timeout = '60s'";

/// A connection that was used more recently is taken for a good one: a test costs a round trip.
const FRESH: Duration = Duration::from_secs(1);

/// A pool that connects when it is first used.
pub(super) fn postgres(options: PgConnectOptions, connections: NonZeroU32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections.get())
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(END_ABANDONED).await.map(drop) })
        })
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move {
                // One that does not answer is replaced by a new one.
                Ok(used.idle_for < FRESH || connection.ping().await.is_ok())
            })
        })
        .connect_lazy_with(options)
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
