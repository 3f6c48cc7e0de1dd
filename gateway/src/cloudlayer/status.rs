//! `GET /getStatus` (reference cloudlayer 11.1): whether a key works, and how much of its window is left.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use common::store::Caller;
use serde_json::json;

use crate::app::App;
use crate::error::{ApiError, rate_headers};
use crate::json::Json;

/// `GET /getStatus`.
pub(crate) async fn read(State(app): State<App>, caller: Caller) -> Result<Response, ApiError> {
    let window = app
        .store
        .rate_window(caller.account, app.clock.now())
        .await?;
    let mut response = Json(json!({ "status": "ok" })).into_response();
    if let Some(window) = window {
        response.headers_mut().extend(rate_headers(&window));
    }
    Ok(response)
}
