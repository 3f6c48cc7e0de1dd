//! The database: the rows that are the truth about accounts, jobs, results and deliveries.
//!
//! One SQL text per query serves both engines. Each module owns one noun and the methods of
//! [`Store`] that read and move its rows. Every move of a state is a compare-and-set. In PostgreSQL
//! locks are taken in the order job, account, held job, sums of the account.

mod accept;
mod account;
mod asset;
mod attempt;
mod column;
mod delivery;
mod end;
mod engine;
mod job;
mod key;
mod lease;
mod ledger;
mod rate;
mod recover;
mod relay;
mod settle;
mod totals;

use std::borrow::Cow;
use std::path::Path;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPool;

pub use self::accept::{AcceptError, Accepted, NewJob};
pub use self::account::{Account, Limits};
pub use self::asset::Asset;
pub use self::attempt::{Attempt, AttemptRecord, Next};
pub use self::delivery::Delivery;
pub use self::engine::SqlitePair;
pub use self::job::{Job, Page};
pub use self::key::{Caller, Key};
pub use self::lease::{LeaseToken, Leased};
pub use self::ledger::Entry;
pub use self::rate::RateWindow;
pub use self::recover::Recovery;
pub use self::settle::{Final, Retention, Settlement};
pub use self::totals::Counters;

use self::engine::on;

/// Why the database did not do as asked. What was asked has not happened, unless the connection
/// broke during a commit: then it may have.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is away.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tables could not be made or brought up to date.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// The database; clones share its connections.
#[derive(Debug, Clone)]
pub enum Store {
    /// A PostgreSQL server.
    Postgres(PgPool),
    /// A file.
    Sqlite(SqlitePair),
}

impl Store {
    /// Opens a file, which is made if it is missing. Tables come with [`Store::migrate`].
    pub async fn sqlite(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::Sqlite(SqlitePair::open(path).await?))
    }

    /// Connects to a server, such as `postgres://user:password@host/database`.
    pub async fn postgres(url: &str) -> Result<Self, StoreError> {
        Ok(Self::Postgres(engine::postgres(url).await?))
    }

    /// Makes the tables or brings them up to date; nothing happens when they are.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(pool) => migrator(POSTGRES).run(pool).await?,
            Self::Sqlite(pair) => migrator(SQLITE).run(&pair.writer).await?,
        }
        Ok(())
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), StoreError> {
        const SQL: &str = "select 1";
        on!(self.reader(), db => sqlx::query(SQL).execute(db).await.map(drop))?;
        Ok(())
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pair) => pair.close().await,
        }
    }
}

/// Versions, names and texts of the migrations, oldest first; a published one never changes.
type Migrations = [(i64, &'static str, &'static str)];

const SQLITE: &Migrations = &[(
    1,
    "first",
    include_str!("../migrations/sqlite/0001_first.sql"),
)];

const POSTGRES: &Migrations = &[(
    1,
    "first",
    include_str!("../migrations/postgres/0001_first.sql"),
)];

fn migrator(migrations: &'static Migrations) -> Migrator {
    let migrations = migrations.iter().map(|&(version, name, text)| {
        let sql = text.into_sql_str();
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}
