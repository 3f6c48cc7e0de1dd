//! The spans of traces. They are apart from those of the log: a trace's spans have the target
//! [`TARGET`], are named by OpenTelemetry's conventions and never shown in log lines; a log line's carry
//! ids, have the target [`LOG`] and go to no collector. No filter of log lines hides them, so that lines of
//! any level carry the ids. Where no traces are made, a trace's span costs the look at one flag.

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use tracing::Span;
use tracing::field::display;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::TraceContext;

/// The target of every span that belongs to a trace.
pub const TARGET: &str = "platen::trace";

/// The target of every span whose ids log lines carry.
pub const LOG: &str = "platen::log";

/// Makes a span the child of another, which may be another process's. Only before it is entered, and
/// before anything asks where it is.
pub fn set_parent(span: &Span, parent: Option<TraceContext>) {
    let Some(parent) = parent.filter(|_| !span.is_disabled()) else {
        return;
    };
    let parent = Context::new().with_remote_span_context(parent.to_otel());
    if let Err(error) = span.set_parent(parent) {
        tracing::debug!(%error, "a span stays out of its trace");
    }
}

/// Points from a span to another that it follows without being part of it.
pub fn link(span: &Span, to: Option<TraceContext>) {
    if let Some(to) = to.filter(|_| !span.is_disabled()) {
        span.add_link(to.to_otel());
    }
}

/// Notes that what a span stands for has failed; `kind` is one of few words. The span has the fields
/// `otel.status_code` and `error.type`.
pub fn fail(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind);
}

/// Writes the id of a span's trace to the field `trace_id` of a span of the log.
pub fn show(span: &Span, log: &Span) {
    if span.is_disabled() {
        return;
    }
    if let Some(context) = TraceContext::of(span) {
        log.record("trace_id", display(context.trace_id()));
    }
}
