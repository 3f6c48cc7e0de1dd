//! Who reads: an account, or anybody.

use axum::extract::FromRequestParts;
use common::store::Caller;
use http::request::Parts;

use crate::app::App;
use crate::auth::has_key;
use crate::error::ApiError;

/// The caller if a key was sent; one that opens nothing is refused.
pub(crate) struct Visitor(pub(crate) Option<Caller>);

impl FromRequestParts<App> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if !has_key(&parts.headers) {
            return Ok(Self(None));
        }
        Ok(Self(Some(app.keys.caller_of(parts).await?)))
    }
}
