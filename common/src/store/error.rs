//! Why the database did not do as asked, and what that says about what has happened.

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

/// Why the database did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It refused, and would refuse again: a mistake of ours. What was asked has not happened.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// It can't be reached or takes nothing; later it may. A transaction has not happened; a single
    /// statement that writes may have, if the connection broke under it.
    #[error("the database is away")]
    Away(#[source] sqlx::Error),
    /// The connection broke while a transaction was being committed: it may have happened, or may
    /// yet happen.
    #[error("the database broke off during a commit")]
    CommitUnknown(#[source] sqlx::Error),
    /// The tables could not be made or brought up to date.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) {
            Self::Away(error)
        } else {
            Self::Database(error)
        }
    }
}

impl StoreError {
    /// What a commit that has failed says.
    pub(super) fn of_commit(error: sqlx::Error) -> Self {
        if is_away(&error) {
            Self::CommitUnknown(error)
        } else {
            Self::Database(error)
        }
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Database(error) = error {
        return refuses_everybody(error.as_ref());
    }
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    )
}

/// Whether the database said no to the moment, and not to the statement.
fn refuses_everybody(error: &(dyn DatabaseError + 'static)) -> bool {
    if let Some(error) = error.try_downcast_ref::<PgDatabaseError>() {
        return postgres_is_away(error.code());
    }
    let sqlite = error.try_downcast_ref::<SqliteError>();
    let code = sqlite.and_then(|error| error.code()?.parse().ok());
    code.is_some_and(sqlite_is_away)
}

/// By SQLSTATE (PostgreSQL's manual, appendix A).
fn postgres_is_away(code: &str) -> bool {
    // Connection lost; out of memory, disk or connections; a file can't be read or written.
    ["08", "53", "58"].iter().any(|class| code.starts_with(class))
        // Shutting down, crashed, starting up, dropped, idle for too long.
        || code.starts_with("57P0")
        // Cancelled by an operator or a time limit; idle for too long in a transaction; read-only,
        // as a standby is; in each other's way: a deadlock, an order that can't be, a lock that is not had.
        || ["57014", "25P03", "25006", "40P01", "40001", "55P03"].contains(&code)
}

/// By result code (sqlite.org/rescode.html); the low byte is the kind.
const fn sqlite_is_away(code: i32) -> bool {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const NO_MEMORY: i32 = 7;
    const READ_ONLY: i32 = 8;
    const IO: i32 = 10;
    const FULL: i32 = 13;
    const CAN_NOT_OPEN: i32 = 14;
    matches!(
        code & 0xff,
        BUSY | LOCKED | NO_MEMORY | READ_ONLY | IO | FULL | CAN_NOT_OPEN
    )
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn what_passes_by_itself_is_told_from_mistakes_of_ours() {
        for code in [
            "08006", "53300", "53100", "57P01", "57P03", "25006", "57014", "40P01", "40001",
            "55P03",
        ] {
            assert!(postgres_is_away(code), "{code}");
        }
        for code in ["23505", "22P02", "42P01", "40002", "25001", "57000"] {
            assert!(!postgres_is_away(code), "{code}");
        }
        for code in [5, 13, 10, 6410, 261] {
            assert!(sqlite_is_away(code), "{code}");
        }
        for code in [1, 19, 2067, 787, 20] {
            assert!(!sqlite_is_away(code), "{code}");
        }
        let broken = || sqlx::Error::Io(io::ErrorKind::ConnectionReset.into());
        assert!(matches!(broken().into(), StoreError::Away(_)));
        let unknown = StoreError::of_commit(broken());
        assert!(matches!(unknown, StoreError::CommitUnknown(_)));
        for ours in [sqlx::Error::RowNotFound, sqlx::Error::Protocol("x".into())] {
            assert!(matches!(ours.into(), StoreError::Database(_)));
        }
    }
}
