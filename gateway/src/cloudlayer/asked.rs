//! A conversion that is asked for by GET: the same request with its fields in the query. It converts and is
//! charged like a POST, and like a POST is repeated without harm only under an `Idempotency-Key`.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::ALLOW;
use http::request::Parts;

use super::request::query;
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::idempotency::Arriving;

/// An authenticated GET, as if its query had been posted.
pub(crate) struct Asked(pub(crate) Posted);

impl FromRequestParts<App> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = app.keys.caller_of(parts).await?;
        let sent = parts.uri.query().unwrap_or_default();
        let body = query::body(sent)?;
        let repeatable = Arriving::new(parts, &app.seal)?.map(|mut arriving| {
            arriving.update(sent.as_bytes());
            arriving.finish()
        });
        Ok(Self(Posted {
            // A query is short: the server takes no long ones.
            share: app.room.share(caller.account),
            caller,
            body,
            repeatable,
        }))
    }
}

/// `HEAD` asks for an answer's head without its work, which a conversion does not have.
pub(crate) async fn head() -> Response {
    let allowed = (ALLOW, HeaderValue::from_static("GET,POST"));
    ([allowed], ApiError::Method).into_response()
}
