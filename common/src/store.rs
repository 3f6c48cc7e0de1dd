//! The database: the rows that are the truth about accounts, jobs, results and deliveries.
//!
//! One SQL text per query serves both engines. Each module owns one noun and the methods of
//! [`Store`] that read and move its rows. Every move of a state is a compare-and-set. In PostgreSQL
//! locks are taken in the order job, account, project, held job, sums of the account.

mod accept;
mod account;
mod asset;
mod audit;
mod census;
mod column;
mod config;
mod connect;
mod delivery;
mod end;
mod endpoint;
mod engine;
mod error;
mod forget;
mod idempotency;
mod job;
mod key;
mod labels;
mod ledger;
mod ping;
mod project;
mod rate;
mod recover;
mod relay;
mod settle;
mod storage;
mod stuck;
mod template;
mod timeline;
mod totals;

use std::borrow::Cow;
use std::path::Path;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgPool;

pub use self::accept::{AcceptError, Accepted, NewJob};
pub use self::account::{Account, Limits};
pub use self::asset::Asset;
pub use self::audit::AddedUp;
pub use self::census::{Crowd, OpenDeliveries};
pub use self::config::{Config, DatabaseUrl, InvalidDatabaseUrl};
pub use self::connect::Unready;
pub use self::delivery::{
    Attempt, AttemptRecord, Delivery, DeliveryFilter, LeaseRequest, LeaseToken, Leased,
    MadeAttempt, Next, Outgoing, Replay,
};
pub use self::endpoint::{Endpoint, SwitchedOff};
pub use self::engine::SqlitePair;
pub use self::error::StoreError;
pub use self::idempotency::Admission;
pub use self::job::{Job, JobFilter, Page};
pub use self::key::{Caller, Key};
pub use self::labels::Labels;
pub use self::ledger::Entry;
pub use self::ping::{Ping, PingError};
pub use self::project::Project;
pub use self::rate::RateWindow;
pub use self::recover::Recovery;
pub use self::settle::{Final, Retention, Settlement};
pub use self::storage::{MOST_STORAGES, SavedStorage, Storage};
pub use self::stuck::Stuck;
pub use self::template::{Template, TemplateDraft};
pub use self::timeline::{Event, Timeline, What};
pub use self::totals::Counters;

use self::engine::on;

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

const SQLITE: &Migrations = &[
    (
        1,
        "first",
        include_str!("../migrations/sqlite/0001_first.sql"),
    ),
    (
        2,
        "idempotency",
        include_str!("../migrations/sqlite/0002_idempotency.sql"),
    ),
    (
        3,
        "retention",
        include_str!("../migrations/sqlite/0003_retention.sql"),
    ),
    (
        4,
        "webhooks",
        include_str!("../migrations/sqlite/0004_webhooks.sql"),
    ),
    (
        5,
        "report",
        include_str!("../migrations/sqlite/0005_report.sql"),
    ),
    (
        6,
        "traces",
        include_str!("../migrations/sqlite/0006_traces.sql"),
    ),
    (
        7,
        "templates",
        include_str!("../migrations/sqlite/0007_templates.sql"),
    ),
    (
        8,
        "budgets",
        include_str!("../migrations/sqlite/0008_budgets.sql"),
    ),
    (
        9,
        "storage configs",
        include_str!("../migrations/sqlite/0009_storage_configs.sql"),
    ),
];

const POSTGRES: &Migrations = &[
    (
        1,
        "first",
        include_str!("../migrations/postgres/0001_first.sql"),
    ),
    (
        2,
        "idempotency",
        include_str!("../migrations/postgres/0002_idempotency.sql"),
    ),
    (
        3,
        "retention",
        include_str!("../migrations/postgres/0003_retention.sql"),
    ),
    (
        4,
        "webhooks",
        include_str!("../migrations/postgres/0004_webhooks.sql"),
    ),
    (
        5,
        "report",
        include_str!("../migrations/postgres/0005_report.sql"),
    ),
    (
        6,
        "traces",
        include_str!("../migrations/postgres/0006_traces.sql"),
    ),
    (
        7,
        "templates",
        include_str!("../migrations/postgres/0007_templates.sql"),
    ),
    (
        8,
        "budgets",
        include_str!("../migrations/postgres/0008_budgets.sql"),
    ),
    (
        9,
        "storage configs",
        include_str!("../migrations/postgres/0009_storage_configs.sql"),
    ),
];

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
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // A newer program has been here: its changes are additive, so this one goes on.
    migrator.set_ignore_missing(true);
    migrator
}
