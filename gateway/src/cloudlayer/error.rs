//! The body of every error: the union of the shapes that are known of the dialect (reference
//! cloudlayer, section 3).

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::json::MEDIA_TYPE;

/// Writes the body of a response that failed; leaves every other as it is.
pub(crate) fn render(response: Response) -> Response {
    let Some(error) = response.extensions().get::<Arc<ApiError>>() else {
        return response;
    };
    let body = Body::from(body(error).to_string());
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, MEDIA_TYPE);
    Response::from_parts(parts, body)
}

/// The body that goes with an error.
pub(crate) fn body(error: &ApiError) -> Value {
    let status = error.status();
    let message = error.to_string();
    let mut body = json!({
        "statusCode": status.as_u16(),
        "error": status.canonical_reason().unwrap_or("Error"),
        "message": message,
    });
    // Old clients look for `allowed` and match `reason` to the letter.
    let is_refusal = matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    );
    if is_refusal {
        body["allowed"] = false.into();
        body["reason"] = message.into();
    }
    if let Some(field) = error.about() {
        body["details"] = json!({ "field": field });
    }
    if let ApiError::JobFailed { job, .. } = error {
        let job = job.to_string();
        body["id"] = job.clone().into();
        body["jobId"] = job.into();
        body["status"] = "error".into();
    }
    body
}
