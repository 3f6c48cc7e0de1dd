//! A SQLite file and its two pools.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

/// A SQLite file: one connection that writes, several that read.
#[derive(Debug, Clone)]
pub struct SqlitePair {
    pub(in crate::store) writer: SqlitePool,
    pub(super) readers: SqlitePool,
}

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

const READERS: u32 = 4;

/// Pages that each connection keeps, as SQLite writes it: minus KiB. The system caches the file too,
/// so more would only be a second copy that grows with the database.
const PAGE_CACHE: &str = "-512";

impl SqlitePair {
    pub(in crate::store) async fn open(path: &Path) -> sqlx::Result<Self> {
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

    pub(in crate::store) async fn close(&self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::store::engine::on;

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
