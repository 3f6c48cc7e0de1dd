//! How a service comes to its database: it waits for the server, however long that takes, and then
//! for tables that are new enough. Only `platen migrate` and `platen serve` change tables.

use std::error::Error;
use std::num::NonZeroU32;

use sqlx::postgres::PgPool;

use super::config::{Config, DatabaseUrl, InvalidDatabaseUrl};
use super::{POSTGRES, Store, StoreError, engine};
use crate::retry::Pauses;

/// What the tables are to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// As new as it needs, or newer: changes are additive, so that an old program goes on.
    Current,
    /// Older than it needs.
    Behind {
        /// The version that is there; 0 without tables.
        found: i64,
        /// The version that is needed.
        needed: i64,
    },
}

impl Store {
    /// A handle to a server, which connects when it is first used.
    pub fn remote(url: &DatabaseUrl, connections: NonZeroU32) -> Result<Self, InvalidDatabaseUrl> {
        Ok(Self::Postgres(engine::postgres(url.parse()?, connections)))
    }

    /// Connects, and waits for the server and for tables that are new enough; says in the log for what.
    pub async fn connect(config: &Config) -> Result<Self, InvalidDatabaseUrl> {
        let options = config.database_url.parse()?;
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let store = Self::remote(&config.database_url, config.database_connections)?;
        let mut pauses = Pauses::default();
        loop {
            tokio::time::sleep(pauses.next()).await;
            match store.schema().await {
                Ok(Schema::Current) => {
                    tracing::info!(server, "connected to the database");
                    return Ok(store);
                }
                Ok(Schema::Behind { found, needed }) => tracing::warn!(
                    server,
                    found,
                    needed,
                    "waiting for the database's tables: run `platen migrate`"
                ),
                Err(error) => log(&server, &error),
            }
        }
    }

    /// Compares the tables with what this program needs.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let Self::Postgres(pool) = self else {
            // A file belongs to one process, which migrates it at its start.
            return Ok(Schema::Current);
        };
        let needed = POSTGRES.iter().map(|(version, ..)| *version).max();
        let (found, needed) = (version(pool).await?, needed.unwrap_or_default());
        Ok(if found >= needed {
            Schema::Current
        } else {
            Schema::Behind { found, needed }
        })
    }
}

fn log(server: &str, error: &(dyn Error + 'static)) {
    tracing::warn!(server, error, "waiting for the database");
}

/// The version of the newest migration that has been run.
async fn version(pool: &PgPool) -> sqlx::Result<i64> {
    const EXISTS: &str = "select to_regclass('_sqlx_migrations') is not null";
    const NEWEST: &str = "select coalesce(max(version), 0) from _sqlx_migrations where success";
    let exists: bool = sqlx::query_scalar(EXISTS).fetch_one(pool).await?;
    if !exists {
        return Ok(0);
    }
    sqlx::query_scalar(NEWEST).fetch_one(pool).await
}
