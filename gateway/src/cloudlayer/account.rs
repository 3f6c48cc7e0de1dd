//! `GET /account` (reference cloudlayer 11.2): what the account has and what it has used.

use std::collections::BTreeMap;

use axum::extract::State;
use common::store::Caller;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiError;
use crate::json::Json;

/// Limits that this installation does not have.
const UNLIMITED: i8 = -1;

/// `GET /account`.
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<AccountView>, ApiError> {
    let account = app.store.account(caller.account).await?;
    let account = account.ok_or(ApiError::Unauthenticated)?;
    let counters = app.store.counters(caller.account).await?;
    let kinds = counters.by_kind.iter();
    Ok(Json(AccountView {
        email: account.email.unwrap_or_default(),
        uid: account.id.to_string(),
        name: account.name,
        subscription: "self-hosted",
        // Accounts hold a balance of credits, which the dialect calls usage.
        sub_type: "usage",
        sub_active: true,
        calls: counters.total,
        calls_limit: UNLIMITED,
        credit: account.balance.as_f64(),
        bytes_total: counters.bytes,
        bytes_limit: UNLIMITED,
        compute_time_total: counters.compute_ms,
        compute_time_limit: UNLIMITED,
        storage_used: counters.storage_bytes,
        storage_limit: UNLIMITED,
        total_jobs: counters.total,
        success_jobs: counters.success,
        error_jobs: counters.error,
        by_kind: kinds.map(|(kind, count)| (kind.as_str(), *count)).collect(),
    }))
}

/// The account object; times in milliseconds, sizes in bytes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountView {
    email: String,
    uid: String,
    name: String,
    subscription: &'static str,
    sub_type: &'static str,
    sub_active: bool,
    calls: u64,
    calls_limit: i8,
    credit: f64,
    bytes_total: u64,
    bytes_limit: i8,
    compute_time_total: u64,
    compute_time_limit: i8,
    storage_used: u64,
    storage_limit: i8,
    total_jobs: u64,
    success_jobs: u64,
    error_jobs: u64,
    /// Jobs of each type that there were, such as `"url-pdf": 15`.
    #[serde(flatten)]
    by_kind: BTreeMap<&'static str, u64>,
}
