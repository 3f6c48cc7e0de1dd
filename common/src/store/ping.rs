//! Pings: samples that an owner sends to try an endpoint. Rows, since whoever asks for one (a gateway,
//! the command line) calls nobody: a dispatcher does.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::clock::Timestamp;
use crate::id::{AccountId, PingId};
use crate::job::Dialect;

use super::column::{Int, Text};
use super::delivery::AttemptRecord;
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// The most pings of an account in a minute: they are for people, not for floods.
const MOST: u32 = 10;
const WINDOW: Duration = Duration::from_mins(1);

/// How long whoever asked for a ping waits: as long as an endpoint may take, and some more.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the row is read meanwhile.
const LOOK: Duration = Duration::from_millis(250);

/// How long a dispatcher has a ping for itself.
const CLAIM: Duration = Duration::from_mins(1);

/// A ping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// Which one.
    pub id: PingId,
    /// Whose.
    pub account: AccountId,
    /// Where to.
    pub url: String,
    /// In whose words.
    pub dialect: Dialect,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What came of it, once it has been sent.
    pub record: Option<AttemptRecord>,
}

/// Why a ping was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// The account has sent many a moment ago.
    #[error("an account sends at most {MOST} pings a minute")]
    TooMany,
    /// The database did not do as asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PingError {
    /// How long to wait before the next.
    pub const RETRY_AFTER: Duration = WINDOW;
}

macro_rules! ping_columns {
    () => {
        "id, account_id, url, dialect, outcome, status, error, excerpt, duration_us, created_at"
    };
}

from_row!(Ping, row => {
    let micros: Option<Int<u64>> = row.try_get("duration_us")?;
    let outcome: Option<_> = row.try_get("outcome")?;
    Ping {
        id: row.try_get("id")?,
        account: row.try_get("account_id")?,
        url: row.try_get("url")?,
        dialect: row.try_get("dialect")?,
        created_at: row.try_get("created_at")?,
        record: match outcome {
            Some(outcome) => Some(AttemptRecord {
                outcome,
                status: row.try_get::<Option<Int<u16>>, _>("status")?.map(|status| status.0),
                error: row.try_get("error")?,
                excerpt: row.try_get("excerpt")?,
                duration: Duration::from_micros(micros.map_or(0, |micros| micros.0)),
            }),
            None => None,
        },
    }
});

impl Store {
    /// Asks for a ping.
    pub async fn create_ping(
        &self,
        account: AccountId,
        url: &str,
        dialect: Dialect,
        now: Timestamp,
    ) -> Result<PingId, PingError> {
        const SQL: &str = "insert into pings (id, account_id, url, dialect, created_at) \
            select $1, $2, $3, $4, $5 where (select count(*) from pings \
            where account_id = $2 and created_at > $6) < $7";
        let id = PingId::new();
        let inserted = on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(account)
            .bind(Text(url))
            .bind(dialect)
            .bind(now)
            .bind(now - WINDOW)
            .bind(Int(MOST))
            .execute(db)
            .await
            .map(|done| done.rows_affected()));
        match inserted.map_err(StoreError::from)? {
            0 => Err(PingError::TooMany),
            _ => Ok(id),
        }
    }

    /// Reads a ping of an account.
    pub async fn read_ping(
        &self,
        account: AccountId,
        id: PingId,
    ) -> Result<Option<Ping>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            ping_columns!(),
            " from pings where id = $1 and account_id = $2"
        );
        let ping = on!(self.reader(), db => sqlx::query_as(SQL)
            .bind(id)
            .bind(account)
            .fetch_optional(db)
            .await)?;
        Ok(ping)
    }

    /// Waits for a ping of an account to be sent, and gives what came of it; `None` if no dispatcher has
    /// sent it for half a minute.
    pub async fn await_ping(
        &self,
        account: AccountId,
        id: PingId,
    ) -> Result<Option<AttemptRecord>, StoreError> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let ping = self.read_ping(account, id).await?;
            if let Some(record) = ping.and_then(|ping| ping.record) {
                return Ok(Some(record));
            }
            sleep(LOOK).await;
        }
        Ok(None)
    }

    /// Takes a ping that nobody has taken, for the caller to send.
    pub async fn claim_ping(&self, now: Timestamp) -> Result<Option<Ping>, StoreError> {
        const FIND: &str = "select id from pings where finished_at is null \
            and (claimed_until is null or claimed_until <= $1) order by id limit 1";
        const TAKE: &str = concat!(
            "update pings set claimed_until = $3 where id = $1 and finished_at is null \
             and (claimed_until is null or claimed_until <= $2) returning ",
            ping_columns!()
        );
        let found: Option<PingId> = on!(self.reader(), db => sqlx::query_scalar(FIND)
            .bind(now)
            .fetch_optional(db)
            .await)?;
        let Some(id) = found else {
            return Ok(None);
        };
        let taken = on!(self.writer(), db => sqlx::query_as(TAKE)
            .bind(id)
            .bind(now)
            .bind(now + CLAIM)
            .fetch_optional(db)
            .await)?;
        Ok(taken)
    }

    /// Writes down what came of a ping.
    pub async fn finish_ping(
        &self,
        id: PingId,
        record: &AttemptRecord,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        const SQL: &str = "update pings set outcome = $2, status = $3, error = $4, excerpt = $5, \
            duration_us = $6, finished_at = $7 where id = $1 and finished_at is null";
        let micros = u64::try_from(record.duration.as_micros()).unwrap_or(u64::MAX);
        on!(self.writer(), db => sqlx::query(SQL)
            .bind(id)
            .bind(record.outcome)
            .bind(record.status.map(Int))
            .bind(record.error.as_deref().map(Text))
            .bind(record.excerpt.as_deref().map(Text))
            .bind(Int(micros))
            .bind(now)
            .execute(db)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets pings of before `before`, at most `limit`, and says how many.
    pub async fn forget_pings(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        const SQL: &str = "delete from pings where id in \
            (select id from pings where created_at < $1 order by created_at limit $2)";
        let rows = on!(self.writer(), db => sqlx::query(SQL)
            .bind(before)
            .bind(Int(limit))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows)
    }
}
