//! Files at the gateway: how they arrive, whose they are then, and what is refused without a charge.

use axum::body::Body;
use common::credits::Credits;
use common::job::{JobKind, Lane, Mode};
use common::message::JobMessage;
use common::task::{FileConversion, FileInput, FileWork, Work};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Answer, Harness, request};
use crate::config::{Config, Feature};

async fn with_office() -> Harness {
    Harness::with(Config {
        features: vec![Feature::Office],
        ..Config::default()
    })
    .await
}

/// A form of fields and files.
fn form(boundary: &str, parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    body
}

async fn send(gateway: &Harness, path: &str, parts: &[Part<'_>]) -> Answer {
    send_with(gateway, path, form("edge", parts), ("edge", None)).await
}

/// A part of a form: its name and its content.
type Part<'a> = (&'a str, &'a [u8]);

async fn send_with(
    gateway: &Harness,
    path: &str,
    body: Vec<u8>,
    (boundary, repeat): (&str, Option<&str>),
) -> Answer {
    let mut request = request(Method::POST, path, &gateway.key, Body::from(body));
    let kind = format!("multipart/form-data; boundary={boundary}");
    let headers = request.headers_mut();
    headers.insert("content-type", kind.parse().unwrap());
    if let Some(key) = repeat {
        headers.insert("idempotency-key", key.parse().unwrap());
    }
    gateway.send(request).await
}

/// Takes the next job out of the broker and opens its work.
async fn take(gateway: &Harness) -> (JobMessage, FileWork) {
    let mut jobs = gateway.parts.broker.jobs(Lane::Office, Mode::Async, 16);
    let message = jobs.next().await.unwrap().message;
    let work = gateway.parts.seal.open(message.job, &message.task).unwrap();
    let Work::File(work) = work else {
        panic!("a file was expected: {work:?}");
    };
    (message, work)
}

#[tokio::test]
async fn a_file_lies_in_the_store_under_its_job_however_its_options_travel() {
    let gateway = with_office().await;
    let options = br#"{"timeout": 40000, "filename": "7", "name": "Letter"}"#;
    let each: [&[Part<'_>]; 3] = [
        &[
            ("timeout", b"40000"),
            ("filename", b"7"),
            ("name", b"Letter"),
            ("file", b"PK the file"),
        ],
        &[("file", b"PK the file"), ("options", options)],
        &[("json", options), ("file", b"PK the file")],
    ];
    for parts in each {
        let answer = send(&gateway, "/v2/docx/html", parts).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        let (message, work) = take(&gateway).await;
        assert_eq!(answer.json()["jobId"], message.job.to_string());
        assert_eq!(work.conversion, FileConversion::DocxHtml);
        assert_eq!(work.timeout.as_millis(), 40_000);
        let FileInput::Sent(key) = &work.file else {
            panic!("it was sent: {work:?}");
        };
        assert_eq!(key.job(), Some(message.job));
        let stored = gateway.parts.objects.read(key, 100).await.unwrap();
        assert_eq!(stored, "PK the file");
        let job = gateway.parts.store.job_by_id(message.job).await.unwrap();
        let job = job.unwrap();
        assert_eq!(job.kind, JobKind::DocxHtml);
        assert_eq!(job.params["filename"], "7");
        assert_eq!(job.name.as_deref(), Some("Letter"));
        gateway.fail(message.job, "Rendering: no").await;
    }
}

#[tokio::test]
async fn an_address_may_stand_in_the_place_of_a_file() {
    let gateway = with_office().await;
    let body = json!({ "url": "https://a.example/a.docx?key=1", "generatePreview": true });
    let answer = gateway.post("/v1/docx/pdf", &with(&body, true)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let (_, work) = take(&gateway).await;
    let address = "https://a.example/a.docx?key=1".parse().unwrap();
    assert_eq!(work.file, FileInput::Url(address));
    assert!(work.preview.is_some());
}

fn with(body: &Value, is_async: bool) -> Value {
    let mut body = body.clone();
    body["async"] = is_async.into();
    body["storage"] = is_async.into();
    body
}

#[tokio::test]
async fn what_is_wrong_is_named_and_leaves_neither_a_charge_nor_a_file() {
    let gateway = with_office().await;
    let long = vec![b'x'; 50_000_001];
    let file: Part<'_> = ("file", b"PK");
    let cases: [(&[Part<'_>], u16, &str); 9] = [
        (&[("timeout", b"2000")], 400, "`file` is missing"),
        (&[("file", b"")], 400, "`file` must not be empty"),
        (&[file, file], 400, "`file` must be sent once"),
        (
            &[("file", &long)],
            413,
            "`file` must be at most 50000000 bytes",
        ),
        (&[file, ("timeout", b"5")], 400, "`timeout`"),
        (&[file, ("options", b"[]")], 400, "`options`"),
        (
            &[file, ("generatePreview", b"true")],
            400,
            "`generatePreview`",
        ),
        (
            &[file, ("url", b"https://a.example/")],
            400,
            "`url` can't be sent beside a file",
        ),
        (
            &[file, ("html", &long[..600_000])],
            413,
            "`html` is too long",
        ),
    ];
    for (parts, status, words) in cases {
        let answer = send(&gateway, "/v2/docx/html", parts).await;
        assert_eq!(answer.status, status, "{words}: {answer:?}");
        let body = answer.json();
        assert!(body["message"].as_str().unwrap().contains(words), "{body}");
    }
    for (body, words) in [
        (json!({}), "`file` is missing"),
        (json!({ "url": "http://a.example/" }), "`url`"),
        (json!({ "url": "https://127.0.0.1/" }), "`url`"),
    ] {
        let answer = gateway.post("/v2/pdf/docx", &body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        let body = answer.json();
        assert!(body["message"].as_str().unwrap().contains(words), "{body}");
    }
    let cut = form("edge", &[file]);
    let cut = cut[..cut.len() - 12].to_vec();
    let answer = send_with(&gateway, "/v2/docx/pdf", cut, ("edge", None)).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn an_installation_without_an_office_suite_says_so_and_how_it_is_added() {
    let gateway = Harness::new().await;
    let sent = send(&gateway, "/v2/docx/pdf", &[("file", b"PK")]).await;
    let named = json!({ "url": "https://a.example/" });
    let named = gateway.post("/v1/pdf/docx", &named).await;
    for answer in [sent, named] {
        assert_eq!(answer.status, StatusCode::NOT_IMPLEMENTED);
        let body = answer.json();
        let message = body["message"].as_str().unwrap();
        for part in ["nothing was charged", "--features office", "LibreOffice"] {
            assert!(message.contains(part), "{message}");
        }
    }
    let unknown = form("edge", &[("file", b"PK")]);
    let mut stranger = request(Method::POST, "/v2/docx/pdf", "no-key", unknown.into());
    let kind = "multipart/form-data; boundary=edge".parse().unwrap();
    stranger.headers_mut().insert("content-type", kind);
    assert_eq!(gateway.send(stranger).await.status, 401);
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn a_form_is_repeated_by_what_is_in_it_and_not_by_its_boundary() {
    let gateway = with_office().await;
    let parts: [(&str, &[u8]); 2] = [("name", b"Letter"), ("file", b"PK the file")];
    let path = "/v2/docx/pdf";
    let first = form("one", &parts);
    let first = send_with(&gateway, path, first, ("one", Some("a"))).await;
    let again = form("another", &parts);
    let again = send_with(&gateway, path, again, ("another", Some("a"))).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{first:?}");
    assert_eq!(first.json()["jobId"], again.json()["jobId"]);
    assert_eq!(gateway.balance().await, Credits::whole(99));
    assert_eq!(gateway.object_count(), 1, "the repeat's file is not kept");
    for other in [
        [parts[0], ("file", b"PK another")],
        [("name", b"Other"), parts[1]],
    ] {
        let other = form("edge", &other);
        let answer = send_with(&gateway, path, other, ("edge", Some("a"))).await;
        assert_eq!(answer.status, 422, "{answer:?}");
    }
    assert_eq!(gateway.object_count(), 1);
}

#[tokio::test]
async fn who_can_not_pay_leaves_no_file() {
    let gateway = with_office().await;
    let (_, key) = gateway.other(Credits::ZERO).await;
    let poor = form("edge", &[("file", b"PK")]);
    let mut poor = request(Method::POST, "/v2/docx/pdf", &key, poor.into());
    let kind = "multipart/form-data; boundary=edge".parse().unwrap();
    poor.headers_mut().insert("content-type", kind);
    assert_eq!(gateway.send(poor).await.status, 401);
    assert_eq!(gateway.object_count(), 0);
}
