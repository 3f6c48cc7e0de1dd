//! The envelope around every answer, and its rate headers (reference iterationlayer 1.4 to 1.6).

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::store::Asset;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::error;
use crate::app::App;
use crate::error::{ApiError, rate_headers};
use crate::json::{Json, MEDIA_TYPE};

/// The most bytes of a result that are answered.
const RESULT_LIMIT: u64 = 256 * 1024 * 1024;

/// What a caller reads who does not wait: the vendor's own words.
const ACCEPTED: &str = "Request accepted. Results will be delivered to the provided webhook URL.";

/// The answer to a request whose result goes to a webhook.
pub(super) fn accepted() -> Response {
    let body = json!({ "success": true, "async": true, "message": ACCEPTED });
    (StatusCode::CREATED, Json(body)).into_response()
}

/// A file inside of the envelope.
pub(super) async fn file(app: &App, asset: &Asset) -> Result<Response, ApiError> {
    let bytes = app.objects.read(&asset.key, RESULT_LIMIT).await?;
    let mut body = String::with_capacity(bytes.len() / 3 * 4 + 128);
    // Written by hand, so that a long result is copied once.
    body.push_str(r#"{"success":true,"data":{"buffer":""#);
    STANDARD.encode_string(&bytes, &mut body);
    body.push_str(r#"","mime_type":"#);
    body.push_str(&json!(asset.content_type).to_string());
    body.push_str("}}");
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], body).into_response())
}

/// Writes the body of an answer that failed, and the rate headers of every answer to a known caller,
/// unless the database that knows them is away.
pub(crate) async fn finish(app: &App, request: &HeaderMap, response: Response) -> Response {
    let failed = response.extensions().get::<Arc<ApiError>>();
    if failed.is_some_and(|failed| failed.is_database_away()) {
        return enveloped(response);
    }
    let mut response = enveloped(response);
    if !response.headers().contains_key("x-ratelimit-limit") {
        response.headers_mut().extend(rate(app, request).await);
    }
    response
}

fn enveloped(response: Response) -> Response {
    let Some(failed) = response.extensions().get::<Arc<ApiError>>() else {
        return response;
    };
    let status = error::status(failed);
    let body = error::body(failed);
    let (mut parts, _) = response.into_parts();
    parts.status = status;
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, MEDIA_TYPE);
    Response::from_parts(parts, Body::from(body.to_string()))
}

/// Where the caller's account stands, without counting; nothing for a stranger.
async fn rate(app: &App, request: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Ok(caller) = app.keys.caller(request).await else {
        return headers;
    };
    match app.store.rate_window(caller.account, app.clock.now()).await {
        Ok(window) => headers.extend(window.iter().flat_map(rate_headers)),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "an answer lacks its rate headers");
        }
    }
    headers
}
