//! What Prometheus is answered: `GET /metrics`, as text.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use prometheus::{Encoder as _, Registry, TextEncoder};

/// The format's version is part of its name.
const TEXT: HeaderValue = HeaderValue::from_static(prometheus::TEXT_FORMAT);

/// Answers a request, whatever its body.
pub(super) fn answer<B>(registry: &Registry, request: &Request<B>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return reply(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered\n");
    }
    if request.uri().path() != "/metrics" {
        return reply(StatusCode::NOT_FOUND, "there is /metrics\n");
    }
    let mut text = Vec::new();
    if let Err(error) = TextEncoder::new().encode(&registry.gather(), &mut text) {
        tracing::error!(%error, "the metrics can't be written");
        return reply(StatusCode::INTERNAL_SERVER_ERROR, "see the log\n");
    }
    reply(StatusCode::OK, text)
}

fn reply(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response
}
