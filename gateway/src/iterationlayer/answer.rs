//! The envelope around every answer, and its rate headers (reference iterationlayer 1.4 to 1.6).

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use common::encode;
use common::objects::Reading;
use futures::stream::{self, StreamExt as _};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::error;
use crate::app::App;
use crate::error::{ApiError, rate_headers};
use crate::json::{Json, MEDIA_TYPE};

/// What stands before a file in its answer.
const BEFORE: &str = r#"{"success":true,"data":{"buffer":""#;

/// What a caller reads who does not wait: the vendor's own words.
const ACCEPTED: &str = "Request accepted. Results will be delivered to the provided webhook URL.";

/// The answer to a request whose result goes to a webhook.
pub(super) fn accepted() -> Response {
    let body = json!({ "success": true, "async": true, "message": ACCEPTED });
    (StatusCode::CREATED, Json(body)).into_response()
}

/// A file inside of the envelope, written by hand, so that of a long one only a piece at a time is in memory.
pub(super) fn file(reading: Reading, content_type: &str) -> Response {
    let after = format!(r#"","mime_type":{}}}}}"#, json!(content_type));
    let around = u64::try_from(BEFORE.len() + after.len()).unwrap_or(u64::MAX);
    let length = around.saturating_add(encode::length(reading.size));
    let piece = |text: Bytes| stream::iter([Ok(text)]);
    let body = piece(Bytes::from_static(BEFORE.as_bytes()))
        .chain(encode::base64(reading.stream))
        .chain(piece(after.into()));
    let headers = [(CONTENT_TYPE, MEDIA_TYPE), (CONTENT_LENGTH, length.into())];
    (headers, Body::from_stream(body)).into_response()
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

/// Writes the body of an answer that failed.
pub(crate) fn enveloped(response: Response) -> Response {
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

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_file_goes_out_in_the_pieces_that_it_is_read_in() {
        let pieces = [&b"\x89P"[..], &b"NG\xff"[..]];
        let reading = Reading {
            size: 5,
            range: 0..5,
            stream: stream::iter(pieces.map(|piece| Ok(Bytes::from_static(piece)))).boxed(),
        };
        let response = file(reading, "image/png");
        let length = response.headers()[CONTENT_LENGTH].clone();
        let frames = response.into_body().into_data_stream();
        let frames: Vec<Bytes> = frames.try_collect().await.unwrap();
        assert!(frames.len() > 3 && frames[0] == BEFORE, "{frames:?}");
        let whole = frames.concat();
        let expected = r#"{"success":true,"data":{"buffer":"iVBOR/8=","mime_type":"image/png"}}"#;
        assert_eq!(whole, expected.as_bytes());
        assert_eq!(length, expected.len().to_string());
    }
}
