//! Whether the process lives, and whether it takes work: every part's probes, over HTTP.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use common::health::{Complaint, Health};
use common::store::Store;
use http::StatusCode;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::json::Json;

/// Adds what the gateway needs to take work: it does not drain, and the database answers. Not the
/// broker: jobs are accepted without it and published when it is back.
pub(crate) fn watch(health: &Health, store: Store, draining: CancellationToken) {
    health.ready_when(move || {
        let (store, draining) = (store.clone(), draining.is_cancelled());
        async move {
            if draining {
                return Err("the gateway is shutting down".to_owned());
            }
            store
                .ping()
                .await
                .map_err(|_| "the database is away".to_owned())
        }
    });
}

/// The process is worth keeping.
pub(crate) async fn live(State(app): State<App>) -> Response {
    answer(app.health.is_live().await)
}

/// The process takes work.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    answer(app.health.is_ready().await)
}

/// What a probe is answered.
pub(crate) fn answer(asked: Result<(), Vec<Complaint>>) -> Response {
    match asked {
        Ok(()) => Json(json!({ "status": "ok" })).into_response(),
        Err(complaints) => {
            let body = json!({ "status": "unavailable", "complaints": complaints });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}
