//! One trace from the caller's request to the webhook, whatever processes and waits lie between.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use platen_tests::collector::{Collector, Span, named};
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;
use serde_json::{Value, json};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

const GATEWAY: &str = "platen-gateway";
const RENDERER: &str = "platen-renderer";
const DISPATCHER: &str = "platen-dispatcher";

/// Not marked as one to be kept: what a stranger says of that does not count.
fn traceparent() -> String {
    format!("00-{TRACE}-{CALLER}-00")
}

fn start(collector: &Collector) -> Start {
    Start::open().variable("PLATEN_OTLP_ENDPOINT", collector.url())
}

async fn submit(api: &Api, options: Value) -> String {
    let headers = [("traceparent", traceparent())];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let options = api::with(options, "async", json!(true));
    let answer = api.try_post_with("/v2/html/pdf", &headers, &options).await;
    api::text(&answer.expect("an answer").expect_success().json(), "jobId")
}

fn assert_span(span: &Span, service: &str, kind: SpanKind, parent: &Span) {
    assert_eq!(
        (span.service.as_str(), span.kind),
        (service, kind),
        "{span:#?}"
    );
    assert_eq!(span.parent, parent.id, "{span:#?} is part of {parent:#?}");
    assert!(span.time.0 >= parent.time.0 && span.time.1 >= span.time.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_callers_request_to_the_webhook_through_three_processes() {
    let (collector, receiver) = (
        Collector::start().await,
        Receiver::answering(vec![Reply::status(500), Reply::status(200)]).await,
    );
    let services = Services::start(Ground::shared(), Size::ONE, &start(&collector)).await;
    let options =
        json!({ "html": html("Words"), "webhook": receiver.url(), "generatePreview": true });
    let job = submit(&services.api(0), options).await;
    let calls = receiver.wait_for(2).await;
    let last_of_each = [
        ("POST /v2/html/pdf", 1),
        ("process platen.jobs", 1),
        ("process platen.completions", 1),
        ("deliver", 2),
    ];
    let spans = collector.trace(TRACE, &last_of_each).await;

    let [request] = named(&spans, "POST /v2/html/pdf");
    assert_eq!(
        (request.parent.as_str(), request.kind),
        (CALLER, SpanKind::Server)
    );
    assert_eq!(request.attributes["http.response.status_code"], "202");
    assert_eq!(request.attributes["account.id"], services.account());
    let [accept] = named(&spans, "accept");
    assert_span(accept, GATEWAY, SpanKind::Internal, request);
    let [publish] = named(&spans, "publish platen.jobs");
    assert_span(publish, GATEWAY, SpanKind::Producer, accept);
    let [process] = named(&spans, "process platen.jobs");
    assert_span(process, RENDERER, SpanKind::Consumer, publish);
    for name in [
        "start",
        "navigate",
        "wait",
        "print",
        "store",
        "post_process",
    ] {
        let phase = spans.iter().find(|span| span.name == name);
        let phase = phase.unwrap_or_else(|| panic!("a phase `{name}`: {spans:#?}"));
        assert_span(phase, RENDERER, SpanKind::Internal, process);
        assert!(phase.time.1 <= process.time.1);
    }
    let [report] = named(&spans, "publish platen.completions");
    assert_span(report, RENDERER, SpanKind::Producer, process);
    let [settle] = named(&spans, "process platen.completions");
    assert_span(settle, DISPATCHER, SpanKind::Consumer, report);
    let attempts: [&Span; 2] = named(&spans, "deliver");
    for attempt in attempts {
        assert_span(attempt, DISPATCHER, SpanKind::Client, settle);
        assert_eq!(attempt.attributes["server.address"], "127.0.0.1");
    }
    for message in [publish, process, report, settle] {
        assert_eq!(message.attributes["messaging.system"], "rabbitmq");
        assert_eq!(message.attributes["messaging.message.conversation_id"], job);
    }
    let destination = &publish.attributes["messaging.destination.name"];
    assert_eq!(destination, "platen.jobs:browser.async");

    let status = |attempt: &Span| attempt.attributes["http.response.status_code"].clone();
    assert_eq!(attempts.map(status), ["500", "200"]);
    assert_eq!(attempts.map(|attempt| attempt.failed), [true, false]);
    let first = (TRACE.to_owned(), attempts[0].id.clone());
    assert_eq!(
        attempts.map(|attempt| attempt.links.clone()),
        [vec![], vec![first]]
    );
    for (call, attempt) in calls.iter().zip(attempts) {
        let told = format!("00-{TRACE}-{}-01", attempt.id);
        assert_eq!(call.header("traceparent"), told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_held_and_published_by_another_process_is_in_its_trace() {
    let (collector, receiver) = (Collector::start().await, Receiver::start().await);
    let services = Services::start(Ground::shared(), Size::ONE, &start(&collector)).await;
    let limit = ["account", "set", services.account(), "--in-flight", "1"];
    services.cli().run(&limit).await;
    let (site, gate) = (Site::start().await, Gate::default());
    site.reply("/", Reply::page("Slow").behind(&gate));
    let api = services.api(0);
    let first = api
        .submit("/v2/url/pdf", json!({ "url": site.url("/") }))
        .await;
    site.wait_for("/", 1).await;
    let options = json!({ "html": html("Words"), "webhook": receiver.url() });
    submit(&api, options).await;
    gate.open();
    api.succeeded(&first).await;
    receiver.wait_for(1).await;
    let awaited = ["accept", "publish platen.jobs", "process platen.jobs"].map(|name| (name, 1));
    let spans = collector.trace(TRACE, &awaited).await;
    let [accept] = named(&spans, "accept");
    let [publish] = named(&spans, "publish platen.jobs");
    assert_span(publish, DISPATCHER, SpanKind::Producer, accept);
    let [process] = named(&spans, "process platen.jobs");
    assert_span(process, RENDERER, SpanKind::Consumer, publish);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_tells_its_last_traces_before_it_ends() {
    let (collector, receiver) = (Collector::start().await, Receiver::start().await);
    // Whatever is logged.
    let start = start(&collector).variable("PLATEN_LOG", "error");
    let mut platen = Embedded::start(start).await;
    let options = json!({ "html": html("Words"), "webhook": receiver.url() });
    submit(&platen.api(), options).await;
    let call = receiver.wait_for(1).await.remove(0);
    platen.terminate();
    assert!(platen.ended().await.success());
    let mut spans = collector.spans();
    spans.retain(|span| span.trace == TRACE);
    assert!(spans.iter().all(|span| span.service == "platen-serve"));
    let [request] = named(&spans, "POST /v2/html/pdf");
    let [mut before] = named(&spans, "accept");
    assert_eq!(before.parent, request.id);
    for name in [
        "publish platen.jobs",
        "process platen.jobs",
        "publish platen.completions",
        "process platen.completions",
        "deliver",
    ] {
        let [span] = named(&spans, name);
        assert_eq!(span.parent, before.id, "{name}");
        before = span;
    }
    let told = format!("00-{TRACE}-{}-01", before.id);
    assert_eq!(call.header("traceparent"), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_mark_raises_no_ratio_and_a_malformed_one_is_passed_over() {
    let collector = Collector::start().await;
    let start = start(&collector).variable("PLATEN_TRACE_RATIO", "0");
    let mut platen = Embedded::start(start).await;
    let long = "x".repeat(30_000);
    for (traceparent, tracestate) in [
        (traceparent().replace("-00", "-01"), ""),
        (String::new(), ""),
        (long.clone(), long.as_str()),
        (
            format!("00-{}-{}-01", "0".repeat(32), "0".repeat(16)),
            "a=b",
        ),
    ] {
        let headers = [
            ("traceparent", traceparent.as_str()),
            ("tracestate", tracestate),
        ];
        let body = json!({ "html": html("Words"), "async": false });
        let answer = platen
            .api()
            .try_post_with("/v2/html/pdf", &headers, &body)
            .await;
        answer.expect("an answer").expect(200);
    }
    platen.terminate();
    assert!(platen.ended().await.success());
    assert_eq!(collector.spans(), []);
}

#[tokio::test]
async fn without_a_collector_nothing_is_traced() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let options = json!({ "html": html("Words"), "webhook": receiver.url() });
    let job = submit(&api, options).await;
    let call = &receiver.wait_for(1).await[0];
    assert!(!call.headers.contains_key("traceparent"));
    let store = shared::shared().await.store().await;
    let deliveries = store.deliveries(job.parse().expect("an id")).await;
    let delivery = &deliveries.expect("rows")[0];
    assert_eq!((delivery.trace, delivery.attempt_trace), (None, None));
}
