//! How a service comes to its database: it waits for the server, however long that takes, and then
//! for tables that are new enough. Only `platen migrate` and `platen serve` change tables.

use std::num::NonZeroU32;
use std::time::Duration;

use super::config::{Config, DatabaseUrl, InvalidDatabaseUrl};
use super::engine::Server;
use super::migrations::POSTGRES;
use super::{Store, StoreError};
use crate::retry::insist;

/// Why a server's database can't be used yet.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// It has no tables, or old ones. Newer ones will do: changes are additive, so that an old program goes on.
    #[error(
        "the tables are at version {found}, and version {needed} is needed: run `platen migrate`"
    )]
    Tables {
        /// The version that is there; 0 without tables.
        found: i64,
        /// The version that this program needs.
        needed: i64,
    },
    /// It can't be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// A handle to a server, which connects when it is first used. A statement that has no answer
    /// after `timeout` has failed as if the server were away; migrations take as long as they take.
    pub fn remote(
        url: &DatabaseUrl,
        connections: NonZeroU32,
        timeout: Duration,
    ) -> Result<Self, InvalidDatabaseUrl> {
        let server = Server::new(url.parse()?, connections, timeout);
        Ok(Self::Postgres(server))
    }

    /// Connects, and waits for the server and for tables that are new enough; says in the log for what.
    pub async fn connect(config: &Config) -> Result<Self, InvalidDatabaseUrl> {
        let options = config.database_url.parse()?;
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let (connections, timeout) = (config.database_connections, config.database_timeout);
        let store = Self::remote(&config.database_url, connections, timeout)?;
        let what = format!("use the database at {server}");
        insist(&what, || store.ready()).await;
        tracing::info!(server, "connected to the database");
        Ok(store)
    }

    /// Checks that the database answers and that its tables are new enough.
    pub async fn ready(&self) -> Result<(), Unready> {
        let Self::Postgres(server) = self else {
            // A file belongs to one process, which migrates it at its start.
            return Ok(());
        };
        let needed = POSTGRES.iter().map(|(version, ..)| *version).max();
        let found = version(server).await.map_err(StoreError::from)?;
        let needed = needed.unwrap_or_default();
        if found < needed {
            return Err(Unready::Tables { found, needed });
        }
        Ok(())
    }
}

/// The version of the newest migration that has been run.
async fn version(server: &Server) -> sqlx::Result<i64> {
    const EXISTS: &str = "select to_regclass('_sqlx_migrations') is not null";
    const NEWEST: &str = "select coalesce(max(version), 0) from _sqlx_migrations where success";
    let exists: bool = sqlx::query_scalar(EXISTS).fetch_one(server).await?;
    if !exists {
        return Ok(0);
    }
    sqlx::query_scalar(NEWEST).fetch_one(server).await
}
