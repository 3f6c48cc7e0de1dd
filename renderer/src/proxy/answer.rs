//! The answers that the proxy makes up by itself, each marked as such.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// The header that tells the proxy's own answers from a host's; taken out of what hosts send.
pub(crate) const MARK: HeaderName = HeaderName::from_static("x-platen-proxy");

/// What a body may fail with.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Any body.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body that is there already.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Policy forbids the call.
pub(super) fn refused(reason: &str) -> Response<Body> {
    marked(StatusCode::FORBIDDEN, "refused", reason)
}

/// The host could not be reached, or does not speak HTTP.
pub(super) fn unreachable(reason: &str) -> Response<Body> {
    marked(StatusCode::BAD_GATEWAY, "unreachable", reason)
}

/// The request is not one for a proxy.
pub(super) fn malformed(reason: &str) -> Response<Body> {
    marked(StatusCode::BAD_REQUEST, "malformed", reason)
}

/// The proxy's own host has no such file.
pub(super) fn missing() -> Response<Body> {
    marked(StatusCode::NOT_FOUND, "missing", "there is no such file")
}

/// The proxy's own host is only read.
pub(super) fn read_only() -> Response<Body> {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    marked(status, "missing", "only GET and HEAD are answered here")
}

fn marked(status: StatusCode, mark: &'static str, reason: &str) -> Response<Body> {
    let mut response = Response::new(whole(format!("{reason}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(MARK, HeaderValue::from_static(mark));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, text);
    response
}
