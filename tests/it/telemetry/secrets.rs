//! Log lines and spans say which work they are about, and nothing of what customers entrust to it.

use platen_tests::collector::Collector;
use platen_tests::html::encoded;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;
use serde_json::{Value, json};

const PASSWORD: &str = "tr0ub4dor-and-3-passwords";
const COOKIE: &str = "cookie-value-6f1d2c9b";
const DOCUMENT: &str = "words-of-a-document-41ac77";
const QUERY: &str = "query-token-90be12";
const HOOK: &str = "hook-secret-5d07aa";
const STATE: &str = "trace-state-77ce01";

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Does work of several kinds that well and badly ends, each with secrets, and gives the ids of jobs.
async fn work(api: &Api, site: &Site) -> Vec<String> {
    site.page("/", "Words");
    let hook = format!("/hooks/{HOOK}");
    let refused = Reply::new("text/plain", DOCUMENT);
    site.script(&hook, vec![Reply::status(500), refused]);
    let webhook = format!("{}?token={QUERY}", site.url(&hook));
    let page = json!({
        "url": format!("{}?token={QUERY}", site.url("/")), "webhook": webhook,
        "authentication": { "username": "reader", "password": PASSWORD },
        "cookies": [{ "name": "session", "value": COOKIE }],
    });
    let mut broken = page.clone();
    broken["waitForSelector"] = never_ready()["waitForSelector"].clone();
    let document =
        json!({ "html": encoded(&format!("<!-- {DOCUMENT} --><p>Short")), "webhook": webhook });
    let (parent, state) = (
        format!("00-{TRACE}-b7ad6b7169203331-01"),
        format!("x={STATE}"),
    );
    let headers = [
        ("traceparent", parent.as_str()),
        ("tracestate", state.as_str()),
    ];
    let mut jobs = Vec::new();
    for (path, options) in [
        ("/v2/url/pdf", page),
        ("/v2/url/image", broken),
        ("/v2/html/pdf", document),
    ] {
        let options = api::with(options, "async", json!(true));
        let answer = api.try_post_with(path, &headers, &options).await;
        let job = answer.expect("an answer").expect_success().json();
        jobs.push(api::text(&job, "jobId"));
    }
    let bad = json!({ "html": encoded(DOCUMENT), "timeout": -1 });
    assert_eq!(api.post("/v2/html/pdf", &bad).await.status, 400);
    let stranger = Api::new(api.base(), &format!("cl-{PASSWORD}"));
    assert_eq!(stranger.post("/v2/html/pdf", &bad).await.status, 401);
    for job in &jobs {
        api.finished(job).await;
    }
    site.wait_for(&hook, 4).await;
    jobs
}

#[tokio::test(flavor = "multi_thread")]
async fn log_lines_and_spans_name_the_work_and_hold_no_secret() {
    let (collector, site) = (Collector::start().await, Site::start().await);
    let start = Start::open()
        .variable("PLATEN_OTLP_ENDPOINT", collector.url())
        .variable("PLATEN_LOG", "debug")
        .variable("PLATEN_LOG_FORMAT", "json");
    let mut services = Services::start(Ground::shared(), Size::ONE, &start).await;
    let api = services.api(0);
    let jobs = work(&api, &site).await;
    collector.trace(TRACE, &[("deliver", 4)]).await;
    for member in services.members_mut() {
        member.terminate();
        assert!(member.ended().await.success());
    }

    let key = api.key().to_owned();
    let encoded_document = encoded(DOCUMENT);
    let encoded_document = encoded_document.as_str().expect("a text");
    let secrets = [
        PASSWORD,
        COOKIE,
        DOCUMENT,
        QUERY,
        HOOK,
        STATE,
        key.trim_start_matches("cl-"),
        encoded_document.trim_end_matches('='),
        // In base64, the beginnings of the document and of "reader:" with the password.
        "PCEtLSB3b3Jkcy1v",
        "cmVhZGVyO",
    ];
    let log = services.log().since(0);
    for secret in secrets {
        let told = log.iter().find(|line| line.contains(secret));
        assert_eq!(told, None, "`{secret}` is in the log");
        for call in collector.calls() {
            let body = String::from_utf8_lossy(&call.body);
            assert!(!body.contains(secret), "`{secret}` is in a span");
        }
    }
    let lines: Vec<Value> = log.iter().map(|line| parsed(line)).collect();
    for job in &jobs {
        assert_named(&lines, "a job was rendered", ("job.id", job));
        assert_named(&lines, "a webhook was delivered", ("job.id", job));
    }
    assert_named(
        &lines,
        "answered a request",
        ("account.id", services.account()),
    );
}

/// A line of the log, which names nothing twice.
fn parsed(line: &str) -> Value {
    for id in ["account.id", "job.id", "delivery.id", "trace_id"] {
        let count = line.matches(&format!("\"{id}\"")).count();
        assert!(count <= 1, "{id} is there {count} times: {line}");
    }
    let parsed: Value = serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("a line of the log is JSON ({error}): {line}"));
    assert!(parsed["level"].is_string() && parsed["timestamp"].is_string());
    parsed
}

/// Insists on a line that has this message, this id and the trace.
fn assert_named(lines: &[Value], message: &str, (id, value): (&str, &str)) {
    let of_message = lines.iter().filter(|line| line["message"] == message);
    let found = of_message.clone().any(|line| {
        field(line, id).as_deref() == Some(value)
            && field(line, "trace_id").as_deref() == Some(TRACE)
    });
    let all: Vec<&Value> = of_message.collect();
    assert!(found, "`{message}` of {value}: {all:#?}");
}

/// A field of the event or of the spans that it happened in.
fn field(line: &Value, name: &str) -> Option<String> {
    let spans = line["spans"].as_array().into_iter().flatten();
    let mut all = std::iter::once(line).chain(spans);
    let found = all.find_map(|fields| fields.get(name))?;
    found.as_str().map(str::to_owned)
}
