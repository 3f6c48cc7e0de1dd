//! Webhooks as their owner manages them: the account's endpoint and its secret, a ping to try it, and the
//! deliveries, to look through and to send again. An extension of ours, in both versions' paths.

pub(crate) mod deliveries;
pub(crate) mod endpoint;
pub(crate) mod ping;
mod query;
mod replay;

use axum::Router;
use axum::routing::{get, post};
use common::egress::{Policy, check_address, confirm_address};
use serde_json::{Map, Value};

use crate::app::App;
use crate::error::ApiError;
use crate::fields::Field;
use crate::invalid::Invalid;

/// Requests here are small.
const BODY_LIMIT: usize = 16 * 1024;

/// The routes, to be put under a version.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/webhook",
            get(endpoint::read)
                .put(endpoint::set)
                .delete(endpoint::unset),
        )
        .route("/webhook/enable", post(endpoint::enable))
        .route("/webhook/secret", get(endpoint::secret))
        .route("/webhook/secret/rotate", post(endpoint::rotate))
        .route("/webhook/ping", post(ping::ping))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/replay", post(replay::all))
        .route("/deliveries/{id}", get(deliveries::read))
        .route("/deliveries/{id}/replay", post(replay::one))
}

/// The body of a request; an empty one is an empty object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.len() > BODY_LIMIT {
        return Err(ApiError::TooLarge {
            field: None,
            message: format!("the body has more than {BODY_LIMIT} bytes"),
        });
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let read = serde_json::from_slice(body);
    read.map_err(|error| Invalid::body(format!("the body must be a JSON object: {error}")).into())
}

/// The address of an endpoint, which may be called.
async fn address(field: &Field<'_>, policy: &Policy) -> Result<String, ApiError> {
    let text = field.line(2048)?;
    let url = check_address(text, policy).map_err(|refused| field.invalid(refused.to_string()))?;
    let confirmed = confirm_address(&url, policy).await;
    confirmed.map_err(|refused| field.invalid(refused.to_string()))?;
    Ok(text.to_owned())
}
