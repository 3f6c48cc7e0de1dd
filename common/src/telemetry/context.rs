//! Where in a trace something happens, as it travels in rows, messages and requests: the W3C
//! `traceparent`, 55 characters. A caller's `tracestate` is dropped: it is a stranger's text of any
//! length, and would travel on to customers' endpoints.

use std::fmt;
use std::str::FromStr;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The name of the header, in requests and in messages.
pub const TRACEPARENT: &str = "traceparent";

/// A span of some process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace: TraceId,
    span: SpanId,
    sampled: bool,
}

/// A text that is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent, such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
pub struct ParseTraceError;

impl TraceContext {
    /// Where a span of this process is; `None` if no traces are made, or not of such spans.
    pub fn of(span: &Span) -> Option<Self> {
        Self::from_otel(span.context().span().span_context())
    }

    /// What a header says, if that can be read: a malformed one counts as absent.
    pub fn read(header: &[u8]) -> Option<Self> {
        std::str::from_utf8(header).ok()?.trim().parse().ok()
    }

    /// The id that all spans of the trace share: 32 hexadecimal digits.
    pub fn trace_id(self) -> impl fmt::Display {
        self.trace
    }

    pub(super) fn to_otel(self) -> SpanContext {
        let flags = TraceFlags::default().with_sampled(self.sampled);
        SpanContext::new(self.trace, self.span, flags, true, TraceState::NONE)
    }

    fn from_otel(context: &SpanContext) -> Option<Self> {
        context.is_valid().then(|| Self {
            trace: context.trace_id(),
            span: context.span_id(),
            sampled: context.is_sampled(),
        })
    }
}

impl FromStr for TraceContext {
    type Err = ParseTraceError;

    /// As the standard has it: a later version may have more after the flags, which is passed over.
    fn from_str(text: &str) -> Result<Self, ParseTraceError> {
        let (known, more) = text.split_at_checked(55).ok_or(ParseTraceError)?;
        let mut parts = known.split('-');
        let mut part = |length| {
            let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let part = parts.next().ok_or(ParseTraceError)?;
            let fits = part.len() == length && part.bytes().all(digit);
            fits.then_some(part).ok_or(ParseTraceError)
        };
        let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let ends = match version {
            "00" => more.is_empty(),
            "ff" => false,
            _ => more.is_empty() || more.starts_with('-'),
        };
        let flags = u8::from_str_radix(flags, 16).map_err(|_| ParseTraceError)?;
        let context = SpanContext::new(
            TraceId::from_hex(trace).map_err(|_| ParseTraceError)?,
            SpanId::from_hex(span).map_err(|_| ParseTraceError)?,
            TraceFlags::new(flags),
            true,
            TraceState::NONE,
        );
        let read = Self::from_otel(&context).filter(|_| ends);
        read.ok_or(ParseTraceError)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled);
        write!(f, "00-{}-{}-{flags:02x}", self.trace, self.span)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written_as_it_was() {
        let read: TraceContext = GOOD.parse().unwrap();
        assert_eq!(read.to_string(), GOOD);
        assert_eq!(
            read.trace_id().to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        let unsampled = GOOD.replace("-01", "-00");
        assert_eq!(
            TraceContext::read(unsampled.as_bytes())
                .unwrap()
                .to_string(),
            unsampled
        );
    }

    #[test]
    fn a_later_version_may_say_more_and_becomes_ours() {
        for later in [
            GOOD.replacen("00", "01", 1),
            GOOD.replacen("00", "fe", 1) + "-more",
        ] {
            assert_eq!(later.parse::<TraceContext>().unwrap().to_string(), GOOD);
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for bad in [
            "",
            "00",
            &GOOD[..54],
            &format!("{GOOD}-more"),
            &format!("{GOOD}{}", "x".repeat(100_000)),
            &GOOD.replacen("00", "ff", 1),
            &GOOD.to_uppercase(),
            &GOOD.replace('-', "_"),
            &GOOD.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &GOOD.replace("b7ad6b7169203331", &"0".repeat(16)),
            &GOOD.replace("0af7", "+af7"),
            &GOOD.replace("0af7", "äaf"),
        ] {
            assert!(bad.parse::<TraceContext>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Some(read) = TraceContext::read(&bytes) {
                prop_assert_eq!(read.to_string().len(), GOOD.len());
            }
        }
    }
}
