//! Whether the process lives, and whether it can do its work.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use common::id::JobId;
use serde_json::json;

use crate::app::App;
use crate::error::ApiError;
use crate::json::Json;

/// The longest that a check of the database may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The process answers.
pub(crate) async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The process takes work: it does not drain, and database and broker are there.
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, ApiError> {
    if app.draining.is_cancelled() {
        return Err(unready("the server is shutting down", None));
    }
    if !app.broker.is_ready() {
        return Err(unready("the broker is away", None));
    }
    let reading = tokio::time::timeout(PATIENCE, app.store.job_by_id(JobId::new()));
    match reading.await {
        Ok(Ok(_)) => Ok(Json(json!({ "status": "ok" })).into_response()),
        Ok(Err(error)) => Err(unready("the database is away", Some(error.into()))),
        Err(late) => Err(unready("the database does not answer", Some(late.into()))),
    }
}

fn unready(
    message: &'static str,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
) -> ApiError {
    ApiError::Unavailable {
        message,
        retry_after: PATIENCE,
        cause,
    }
}
