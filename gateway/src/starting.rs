//! A gateway that still waits for its servers says so, in place of letting its callers hang.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONNECTION};
use http::{HeaderValue, Uri};

use crate::error::ApiError;
use crate::{body, cloudlayer, health, iterationlayer};

/// What is answered until everything else can be.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/health/live", get(async || health::answer(Ok(()))))
        .fallback(come_back)
}

async fn come_back(path: Uri, mut body: Body) -> Response {
    // Whoever still sends would get no answer.
    body::discard(&mut body).await;
    let response = ApiError::Unavailable {
        message: "this gateway has just started and waits for its servers; nothing was charged, and the same request may succeed shortly",
        retry_after: Duration::from_secs(5),
        cause: None,
    }
    .into_response();
    let mut response = if iterationlayer::owns(path.path()) {
        iterationlayer::answer::enveloped(response)
    } else {
        cloudlayer::error::render(response)
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Whoever comes back is answered by the whole gateway.
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
