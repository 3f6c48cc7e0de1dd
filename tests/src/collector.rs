//! A collector of traces: takes what processes send by OTLP over HTTP, and reads it.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1 as wire;
use prost::Message as _;

use crate::{Reply, Seen, Site, eventually};

const PATH: &str = "/v1/traces";

/// The collector; it ends with its value.
#[derive(Debug)]
pub struct Collector {
    site: Site,
}

/// A span as it was sent; ids are hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Which program sent it.
    pub service: String,
    /// What it is called.
    pub name: String,
    /// What it is to others.
    pub kind: wire::span::SpanKind,
    /// Its trace.
    pub trace: String,
    /// Its id.
    pub id: String,
    /// The span that it is part of; empty for the first of a trace.
    pub parent: String,
    /// The traces and spans that it points to.
    pub links: Vec<(String, String)>,
    /// What it says of itself, as text.
    pub attributes: BTreeMap<String, String>,
    /// Whether what it stands for has failed.
    pub failed: bool,
    /// When it began and ended, in nanoseconds since 1970.
    pub time: (u64, u64),
}

impl Collector {
    /// Starts a collector that takes everything.
    pub async fn start() -> Self {
        Self::answering(vec![Reply::new("application/x-protobuf", "")]).await
    }

    /// Starts a collector that answers one reply after the other; the last one stays.
    pub async fn answering(replies: Vec<Reply>) -> Self {
        let site = Site::start().await;
        site.script(PATH, replies);
        Self { site }
    }

    /// Its address, as processes are told.
    pub fn url(&self) -> &str {
        self.site.origin()
    }

    /// Waits for so many calls, and gives all of them.
    pub async fn wait_for(&self, calls: usize) -> Vec<Seen> {
        self.site.wait_for(PATH, calls).await
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Seen> {
        self.site.seen(PATH)
    }

    /// The spans so far.
    pub fn spans(&self) -> Vec<Span> {
        self.calls().iter().flat_map(read).collect()
    }

    /// Waits until a trace has so many spans of each name, and gives all spans of the trace. What a
    /// process ended earlier has come by then; what other processes did may still be on its way.
    pub async fn trace(&self, trace: &str, awaited: &[(&str, usize)]) -> Vec<Span> {
        eventually(&format!("{awaited:?} of {trace}"), || async {
            let mut spans = self.spans();
            spans.retain(|span| span.trace == trace);
            let count = |name| spans.iter().filter(|span| span.name == name).count();
            let all = awaited.iter().all(|&(name, least)| count(name) >= least);
            all.then_some(spans)
        })
        .await
    }
}

/// The spans of the name, in the order of their beginnings.
///
/// # Panics
///
/// When there are more or fewer.
pub fn named<'a, const COUNT: usize>(spans: &'a [Span], name: &str) -> [&'a Span; COUNT] {
    let mut found: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
    found.sort_by_key(|span| span.time);
    let all: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let found = found.try_into();
    found.unwrap_or_else(|found: Vec<_>| panic!("{COUNT} `{name}`: {found:#?} of {all:?}"))
}

fn read(call: &Seen) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(call.body.clone()).expect("OTLP");
    let mut spans = Vec::new();
    for of_process in request.resource_spans {
        let process = of_process.resource.expect("who sends");
        let process = attributes(&process.attributes);
        let scopes = of_process.scope_spans.into_iter();
        for span in scopes.flat_map(|scope| scope.spans) {
            spans.push(Span {
                service: process["service.name"].clone(),
                kind: span.kind(),
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                links: span
                    .links
                    .iter()
                    .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
                    .collect(),
                attributes: attributes(&span.attributes),
                failed: span
                    .status
                    .is_some_and(|status| status.code() == wire::status::StatusCode::Error),
                time: (span.start_time_unix_nano, span.end_time_unix_nano),
                name: span.name,
            });
        }
    }
    spans
}

fn attributes(sent: &[KeyValue]) -> BTreeMap<String, String> {
    let pairs = sent.iter();
    pairs
        .map(|pair| (pair.key.clone(), text(pair.value.as_ref())))
        .collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(yes)) => yes.to_string(),
        other => panic!("a text, a number or a truth: {other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
