//! What a trace tells of an attempt: an outgoing HTTP call, by OpenTelemetry's conventions. Of the address
//! only the host, since paths and queries of webhooks are often secrets.

use std::time::Duration;

use common::clock::Timestamp;
use common::job::AttemptOutcome;
use common::store::{AttemptRecord, Delivery};
use common::telemetry::spans::{self, TARGET};
use tracing::Span;
use tracing::field::Empty;
use url::Url;

/// An attempt this long after the job's end is a trace of its own, which points to the job's: a trace that
/// goes on for hours is shown by no tool.
const TOGETHER: Duration = Duration::from_mins(5);

/// The span of an attempt. The first ones are part of the trace of the job; a retry also points to the
/// attempt before.
pub(super) fn attempt(delivery: &Delivery, number: u32, now: Timestamp) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "deliver",
        otel.kind = "client",
        otel.status_code = Empty,
        "error.type" = Empty,
        http.request.method = "POST",
        http.request.resend_count = number.saturating_sub(1),
        http.response.status_code = Empty,
        server.address = Empty,
        server.port = Empty,
        url.scheme = Empty,
        delivery.id = %delivery.id,
        job.id = %delivery.job,
        account.id = %delivery.account,
    );
    if !span.is_disabled() {
        address(&span, &delivery.url);
    }
    let is_replay = delivery.message != delivery.id;
    if is_replay || now.since(delivery.created_at) > TOGETHER {
        spans::link(&span, delivery.trace);
    } else {
        spans::set_parent(&span, delivery.trace);
    }
    spans::link(&span, delivery.attempt_trace);
    span
}

fn address(span: &Span, url: &str) {
    let Ok(url) = Url::parse(url) else {
        return;
    };
    span.record("server.address", url.host_str());
    span.record("server.port", url.port_or_known_default());
    span.record("url.scheme", url.scheme());
}

/// Notes what came of an attempt.
pub(super) fn note(span: &Span, record: &AttemptRecord) {
    span.record("http.response.status_code", record.status);
    if record.outcome != AttemptOutcome::Delivered {
        let status = record.status.map(|status| status.to_string());
        let kind = status.as_deref().unwrap_or(record.outcome.as_str());
        spans::fail(span, kind);
    }
}
