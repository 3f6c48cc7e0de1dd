//! Why a request was not accepted, as its caller reads it.

use std::time::Duration;

use common::store::{AcceptError, StoreError};

use crate::error::ApiError;
use crate::idempotency;

/// Says it to the caller.
pub(super) fn refused(error: AcceptError) -> ApiError {
    match error {
        AcceptError::InsufficientCredit => ApiError::InsufficientCredit,
        AcceptError::BudgetExceeded => ApiError::BudgetExceeded,
        AcceptError::NoSuchAccount => ApiError::Unauthenticated,
        AcceptError::RateLimited {
            retry_after,
            window,
        } => ApiError::Limited {
            message: "too many requests in this minute; Retry-After tells when the next one is taken",
            retry_after,
            window: Some(window),
        },
        AcceptError::TooManyInFlight => ApiError::Limited {
            message: "too many of this account's callers wait for a result already; ask for `async` or come back later",
            retry_after: Duration::from_secs(1),
            window: None,
        },
        AcceptError::BacklogFull => ApiError::Unavailable {
            message: "this account has too many open jobs; come back when some have ended",
            retry_after: Duration::from_secs(10),
            cause: None,
        },
        AcceptError::KeyReused => ApiError::Unprocessable {
            field: Some(idempotency::NAME.to_owned()),
            message: format!(
                "`{}` was used for another request (another method, path or body); a new request needs a new key",
                idempotency::NAME
            ),
        },
        AcceptError::Store(error) => broken(error),
    }
}

fn broken(error: StoreError) -> ApiError {
    let message = match &error {
        StoreError::Away(_) => {
            "requests can't be recorded at the moment; nothing was charged for this one, and it may succeed shortly"
        }
        StoreError::CommitUnknown(_) => {
            "the database broke off while the request was being recorded: it may have been accepted; with the same Idempotency-Key it is safe to repeat, without one it may be done and charged twice"
        }
        StoreError::Database(_) | StoreError::Migrate(_) => return ApiError::internal(error),
    };
    ApiError::database_away(message, error)
}
