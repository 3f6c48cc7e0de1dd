//! `GET /v1/me`: whether a key works, and whose it is. Its body is documented nowhere.

use axum::extract::State;
use common::store::Caller;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::json::Json;

/// `GET /v1/me`.
pub(super) async fn read(State(app): State<App>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let account = app.store.account(caller.account).await?;
    let account = account.ok_or(ApiError::Unauthenticated)?;
    let data = json!({
        "id": account.id.to_string(),
        "name": account.name,
        "email": account.email,
        "credits": account.balance.as_f64(),
    });
    Ok(Json(json!({ "success": true, "data": data })))
}
