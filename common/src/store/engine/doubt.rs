//! When a connection to a server was last found broken: others may have broken with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When that was; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    /// Notes it, if this error says so of the connection that it came from.
    pub(super) fn note(&self, error: &sqlx::Error) {
        if is_broken(error) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Whether it concerns a connection that nobody has used for so long.
    pub(super) fn concerns(&self, idle_for: Duration) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() <= idle_for)
    }
}

/// Whether the connection broke as others may have (PostgreSQL's manual, appendix A): it was lost, was not
/// answered in time, or the server ended it for no reason of its own.
fn is_broken(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Database(error) = error {
        let code = error.code().unwrap_or_default();
        return code.starts_with("08") || code.starts_with("57P0");
    }
    matches!(error, sqlx::Error::Io(_))
}
