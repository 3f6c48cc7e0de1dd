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
mod detach;
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
mod migrations;
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

use std::path::Path;

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
pub use self::engine::{Server, SqlitePair};
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
pub use self::template::{Template, TemplateChange, TemplateDraft};
pub use self::timeline::{Event, Timeline, What};
pub use self::totals::Counters;

use self::engine::on;
use self::migrations::{POSTGRES, SQLITE, migrator};

/// The database; clones share its connections.
#[derive(Debug, Clone)]
pub enum Store {
    /// A PostgreSQL server.
    Postgres(Server),
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
            Self::Postgres(server) => migrator(POSTGRES).run(server.without_haste()).await?,
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
            Self::Postgres(server) => server.close().await,
            Self::Sqlite(pair) => pair.close().await,
        }
    }
}
