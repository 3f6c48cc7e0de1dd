//! The dialect's statuses and words for what went wrong (reference iterationlayer 1.5 and 11).

use common::job::FailureKind;
use http::StatusCode;
use serde_json::{Value, json};

use crate::error::ApiError;

/// The status that the dialect gives it.
pub(crate) fn status(error: &ApiError) -> StatusCode {
    match error {
        ApiError::InsufficientCredit => StatusCode::PAYMENT_REQUIRED,
        ApiError::JobFailed { kind, .. } => match kind {
            // What the caller named could not be had.
            FailureKind::Navigation => StatusCode::BAD_REQUEST,
            FailureKind::Rendering | FailureKind::Timeout | FailureKind::Storage => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            FailureKind::Internal | FailureKind::Expired => StatusCode::INTERNAL_SERVER_ERROR,
        },
        ApiError::Unauthenticated
        | ApiError::BudgetExceeded
        | ApiError::Invalid { .. }
        | ApiError::Unprocessable { .. }
        | ApiError::Link(_)
        | ApiError::NotFound(_)
        | ApiError::Method
        | ApiError::Gone(_)
        | ApiError::Swept(_)
        | ApiError::TooLarge { .. }
        | ApiError::Range { .. }
        | ApiError::Limited { .. }
        | ApiError::Unavailable { .. }
        | ApiError::GaveUp
        | ApiError::NotBuilt(_)
        | ApiError::Lacking(_)
        | ApiError::Internal(_) => error.status(),
    }
}

/// The envelope around it.
pub(crate) fn body(error: &ApiError) -> Value {
    json!({ "success": false, "error": message(error) })
}

/// The text of the envelope's `error`.
fn message(error: &ApiError) -> String {
    match error {
        ApiError::Unauthenticated => "Invalid API key".to_owned(),
        ApiError::InsufficientCredit => "Insufficient credits".to_owned(),
        ApiError::Limited {
            window: Some(_), ..
        } => "Rate limit exceeded".to_owned(),
        ApiError::Invalid {
            field: Some(field),
            message,
        }
        | ApiError::Unprocessable {
            field: Some(field),
            message,
        }
        | ApiError::TooLarge {
            field: Some(field),
            message,
        } => bare(field, message),
        ApiError::Invalid { field: None, .. }
        | ApiError::Unprocessable { field: None, .. }
        | ApiError::TooLarge { field: None, .. }
        | ApiError::Limited { window: None, .. }
        | ApiError::BudgetExceeded
        | ApiError::Link(_)
        | ApiError::NotFound(_)
        | ApiError::Method
        | ApiError::Gone(_)
        | ApiError::Swept(_)
        | ApiError::Range { .. }
        | ApiError::JobFailed { .. }
        | ApiError::Unavailable { .. }
        | ApiError::GaveUp
        | ApiError::NotBuilt(_)
        | ApiError::Lacking(_)
        | ApiError::Internal(_) => error.to_string(),
    }
}

/// The vendor writes the name of a field without quotes: `layers must be a non-empty list`.
fn bare(field: &str, message: &str) -> String {
    let quoted = format!("`{field}` ");
    match message.strip_prefix(&quoted) {
        Some(predicate) => format!("{field} {predicate}"),
        None => message.to_owned(),
    }
}
