//! What is told of a request while it is answered: a span of the log, whose ids its lines carry, and a
//! span of its trace.

use axum::extract::{MatchedPath, Request};
use common::id::AccountId;
use common::telemetry::spans::{self, TARGET};
use common::telemetry::{TRACEPARENT, TraceContext};
use http::{Extensions, HeaderMap, Method};
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

/// Both spans of a request, among its extensions.
#[derive(Debug, Clone)]
pub(crate) struct Observed {
    pub(crate) log: Span,
    pub(crate) trace: Span,
}

/// A request as it may be named to others: by few names, whatever callers make up.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// `_OTHER` if it is unheard of.
    pub(crate) method: &'static str,
    /// The pattern that its path fits, and never the path itself: links carry signatures.
    route: Option<String>,
}

impl Named {
    pub(crate) fn of(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>();
        Self {
            method: known(request.method()),
            route: route.map(|route| route.as_str().to_owned()),
        }
    }

    pub(crate) fn route(&self) -> &str {
        self.route.as_deref().unwrap_or("unknown")
    }
}

fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.into_iter().find(|known| method == known);
    known.unwrap_or("_OTHER")
}

impl Observed {
    /// The spans of a request whose answer carries `id`.
    pub(crate) fn new(request: &Request, named: &Named, id: &str) -> Self {
        let method = request.method();
        let log = tracing::error_span!(
            target: spans::LOG,
            "request",
            id,
            %method,
            route = named.route(),
            account.id = Empty,
            trace_id = Empty,
        );
        let trace = match named.route() {
            // Asked every few seconds by machines.
            "/health/live" | "/health/ready" => Span::none(),
            _ => trace(named, id, parent(request.headers())),
        };
        spans::show(&trace, &log);
        Self { log, trace }
    }

    /// Does work within both. That of the log is the inner one, so that tasks which are spawned in the
    /// current span have it too.
    pub(crate) fn around<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = T> {
        let work = work.instrument(self.log.clone());
        work.instrument(self.trace.clone())
    }

    /// Notes whose request it is.
    pub(crate) fn is_of(extensions: &Extensions, account: AccountId) {
        if let Some(observed) = extensions.get::<Self>() {
            for span in [&observed.log, &observed.trace] {
                span.record("account.id", display(account));
            }
        }
    }

    /// Notes what is answered.
    pub(crate) fn answered(&self, status: u16) {
        self.trace.record("http.response.status_code", status);
        if status >= 500 {
            spans::fail(&self.trace, &status.to_string());
        }
    }
}

fn trace(named: &Named, id: &str, parent: Option<TraceContext>) -> Span {
    let (method, route) = (named.method, named.route.as_deref());
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = name(method, route),
        otel.kind = "server",
        otel.status_code = Empty,
        "error.type" = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id,
        account.id = Empty,
    );
    spans::set_parent(&span, parent);
    span
}

/// A path that is no route may be anything, and names must be few.
fn name(method: &str, route: Option<&str>) -> String {
    match route {
        Some(route) => format!("{method} {route}"),
        None => method.to_owned(),
    }
}

/// Where the caller's own trace is. Two headers contradict each other.
fn parent(headers: &HeaderMap) -> Option<TraceContext> {
    let mut sent = headers.get_all(TRACEPARENT).iter();
    let (first, None) = (sent.next()?, sent.next()) else {
        return None;
    };
    TraceContext::read(first.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_taken_from_the_one_header_that_can_be_read() {
        const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        for (sent, read) in [
            (vec![GOOD], true),
            (vec![], false),
            (vec![GOOD, GOOD], false),
            (vec!["", GOOD], false),
            (vec!["00-"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in &sent {
                headers.append(TRACEPARENT, value.parse().unwrap());
            }
            let expected = read.then(|| GOOD.parse().unwrap());
            assert_eq!(parent(&headers), expected, "{sent:?}");
        }
    }

    #[test]
    fn no_word_of_a_strangers_becomes_a_spans_name() {
        assert_eq!(name("GET", Some("/v2/jobs/{id}")), "GET /v2/jobs/{id}");
        assert_eq!(name("GET", None), "GET");
        let own = Method::from_bytes(b"MADE-UP").unwrap();
        assert_eq!(name(known(&own), None), "_OTHER");
    }
}
