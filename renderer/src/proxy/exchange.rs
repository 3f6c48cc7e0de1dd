//! One request of a page: a tunnel for https and sockets, or a plain http request passed on.

use std::error::Error;
use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use super::answer::{self, Body};
use super::dial::DialError;
use super::stream::Upstream;
use super::target::Target;
use super::{Shared, headers};

/// Answers a request; the seat is kept for as long as its tunnel, if it becomes one.
pub(super) async fn answer(
    request: Request<Incoming>,
    shared: &Arc<Shared>,
    seat: Arc<OwnedSemaphorePermit>,
) -> Response<Body> {
    let Some(authority) = request.uri().authority() else {
        return answer::malformed("this is a proxy: the request must name a host");
    };
    let target = match Target::parse(authority) {
        Ok(target) => target,
        Err(error) => return answer::malformed(&error.to_string()),
    };
    if *request.method() == Method::CONNECT {
        if request.uri().port_u16().is_none() {
            return answer::malformed("a tunnel needs a port");
        }
        return tunnel(request, target, shared, seat).await;
    }
    if request.uri().scheme_str() != Some("http") {
        return answer::malformed("only http is passed on; everything else needs a tunnel");
    }
    forward(request, target, shared).await
}

async fn tunnel(
    request: Request<Incoming>,
    target: Target,
    shared: &Arc<Shared>,
    seat: Arc<OwnedSemaphorePermit>,
) -> Response<Body> {
    if shared.origin().is_some_and(|origin| origin.is(&target)) {
        return answer::refused("this host has no sockets");
    }
    let upstream = match shared.dialer.dial(&target).await {
        Ok(upstream) => upstream,
        Err(error) => return failed(&target, &error, shared),
    };
    let relaying = relay(request, upstream, seat);
    tokio::spawn(shared.closing.clone().run_until_cancelled_owned(relaying));
    Response::new(answer::whole(""))
}

/// Carries bytes both ways until either side is done.
async fn relay(
    request: Request<Incoming>,
    mut upstream: Upstream<TcpStream>,
    seat: Arc<OwnedSemaphorePermit>,
) {
    let relayed = match hyper::upgrade::on(request).await {
        Ok(upgraded) => copy_bidirectional(&mut TokioIo::new(upgraded), &mut upstream)
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = relayed {
        tracing::debug!(error, "A tunnel ended early.");
    }
    drop(seat);
}

async fn forward(
    mut request: Request<Incoming>,
    target: Target,
    shared: &Arc<Shared>,
) -> Response<Body> {
    if let Some(origin) = shared.origin().filter(|origin| origin.is(&target)) {
        if target.port() != 80 {
            return answer::refused("this host has no such port");
        }
        return origin.answer(&request).await;
    }
    if let Err(error) = address(&mut request, &target) {
        return answer::malformed(&error.to_string());
    }
    match shared.client.request(request).await {
        Ok(response) => passed_back(response),
        Err(error) => {
            let source = error.source().and_then(<dyn Error>::downcast_ref);
            match source {
                Some(source) => failed(&target, source, shared),
                None => broken(&target, &error, shared),
            }
        }
    }
}

/// Makes a request to a proxy a request to its host, which is told nothing about the proxy.
fn address(request: &mut Request<Incoming>, target: &Target) -> Result<(), hyper::http::Error> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path_and_query| path_and_query.as_str());
    let uri = target.uri(path)?;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    headers::strip(request.headers_mut());
    let host = HeaderValue::try_from(target.to_string())?;
    request.headers_mut().insert(HOST, host);
    Ok(())
}

fn passed_back(mut response: Response<Incoming>) -> Response<Body> {
    match response.status() {
        // Nobody asked for another protocol, and a demand for a proxy's password would be taken for ours.
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            return answer::unreachable("the host answered as only a proxy may");
        }
        _ => headers::strip(response.headers_mut()),
    }
    *response.version_mut() = Version::HTTP_11;
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}

fn failed(target: &Target, error: &DialError, shared: &Shared) -> Response<Body> {
    match error {
        DialError::Refused(reason) => {
            shared.record.refused(target.to_string(), reason.clone());
            answer::refused(reason)
        }
        DialError::NoSuchName | DialError::TimedOut | DialError::Unreachable(_) => {
            let reason = format!("{target} {error}");
            shared.record.failed(target.to_string(), reason.clone());
            answer::unreachable(&reason)
        }
    }
}

fn broken(target: &Target, error: &dyn Error, shared: &Shared) -> Response<Body> {
    let reason = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let reason = format!("{target} did not give a valid answer: {reason}");
    shared.record.failed(target.to_string(), reason.clone());
    answer::unreachable(&reason)
}
