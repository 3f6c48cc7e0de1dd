//! Answers that have no type of their own where they are made.

use serde::Serialize;
use utoipa::ToSchema;

/// A conversion was accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    /// `queued`, or `pending` for a caller who has waited long enough.
    status: AcceptedStatus,
    /// The id of the job.
    #[schema(example = "job_019b76da1c007d4ea7a1c3d2e5f60718")]
    id: String,
    /// The same.
    job_id: String,
}

/// Where an accepted conversion stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AcceptedStatus {
    /// Accepted.
    Queued,
    /// Accepted, and taking longer than a caller waits.
    Pending,
    /// Ended well in the meantime.
    Success,
    /// Ended badly in the meantime.
    Error,
}

/// Something went wrong.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::openapi) struct ErrorBody {
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status_code: u16,
    /// The status in words.
    error: String,
    /// What went wrong, and what would be right.
    message: String,
    /// False, with 401, 403 and 429.
    allowed: Option<bool>,
    /// The same as `message`, with 401, 403 and 429.
    reason: Option<String>,
    /// What it is about.
    details: Option<ErrorDetails>,
    /// The id of a job that failed.
    id: Option<String>,
    /// The same.
    job_id: Option<String>,
    /// `error`, of a job that failed.
    status: Option<String>,
}

/// What an error is about.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorDetails {
    /// The path of the field, such as `cookies[1].name`.
    field: String,
}

/// The key works.
#[derive(Serialize, ToSchema)]
pub(super) struct Status {
    /// `ok`.
    #[schema(example = "ok")]
    status: String,
}

/// The delivery that is sent.
#[derive(Serialize, ToSchema)]
pub(super) struct Replayed {
    /// Its id: a new one, if the first had ended.
    id: String,
}

/// How many deliveries are sent again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplayedAll {
    /// How many.
    count: u64,
    /// Whether nothing was sent.
    dry_run: bool,
}
