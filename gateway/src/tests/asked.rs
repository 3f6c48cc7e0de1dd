//! Conversions that are asked for by GET.

use axum::body::Body;
use common::credits::Credits;
use common::job::Mode;
use common::task::{Output, Source};
use http::{HeaderValue, Method, StatusCode};
use serde_json::json;

use super::support::{Answer, Harness, RESULT, request};

const PAGE: &str = "url=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc";

#[tokio::test]
async fn a_get_converts_with_every_parameter_in_its_query() {
    let gateway = Harness::new().await;
    let query = "&timeout=5000&landscape=true&scale=0.5&pageRanges=1&margin=%7B%22top%22%3A96%7D&projectId=p1";
    let answer = gateway.get(&format!("/v2/url/pdf?{PAGE}{query}")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let (message, task) = gateway.take(Mode::Async).await;
    assert_eq!(answer.json()["jobId"], message.job.to_string());
    let page = "https://example.com/a?b=c".parse().unwrap();
    assert_eq!(task.source, Source::Url(page));
    assert_eq!(task.timeout.as_secs(), 5);
    let Output::Pdf(pdf) = task.output else {
        panic!("a PDF was asked for");
    };
    assert!(pdf.landscape && (pdf.scale - 0.5).abs() < 1e-9);
    assert_eq!(pdf.page_ranges, "1");
    assert!((pdf.margins.top.as_inches() - 1.0).abs() < 1e-9);
    assert_eq!(gateway.balance().await, Credits::whole(99));
    let job = gateway
        .get(&format!("/v2/jobs/{}", message.job))
        .await
        .json();
    assert_eq!(
        (&job["type"], &job["projectId"], &job["params"]["timeout"]),
        (&json!("url-pdf"), &json!("p1"), &json!(5000))
    );
}

#[tokio::test]
async fn a_v1_caller_who_gets_waits_for_the_file() {
    let gateway = Harness::new().await;
    let path = format!("/v1/url/image?{PAGE}&imageType=webp");
    let (answer, ()) = tokio::join!(gateway.get(&path), async {
        let (message, task) = gateway.take(Mode::Sync).await;
        assert!(matches!(task.output, Output::Image(_)));
        gateway.succeed(message.job).await;
    });
    assert_eq!(
        (answer.status, answer.body.as_ref()),
        (StatusCode::OK, RESULT.as_bytes())
    );
    let disposition = answer.header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"image.webp"),
        "{disposition}"
    );
}

#[tokio::test]
async fn what_is_wrong_in_a_query_is_named_and_costs_nothing() {
    let gateway = Harness::new().await;
    for (query, field, words) in [
        ("", "url", "is missing"),
        ("url=example.com", "url", "https://"),
        (&format!("{PAGE}&timeout=abc"), "timeout", "not \"abc\""),
        (
            &format!("{PAGE}&landscape=yes"),
            "landscape",
            "true or false",
        ),
        (&format!("{PAGE}&margin=%7Btop"), "margin", "as JSON"),
        (
            &format!("{PAGE}&margin=%7B%22top%22%3A%22x%22%7D"),
            "margin.top",
            "a length",
        ),
        (&format!("{PAGE}&{PAGE}"), "url", "twice"),
        ("html=PGI%2B", "html", "takes `url`"),
    ] {
        let answer = gateway.get(&format!("/v2/url/pdf?{query}")).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{query}: {answer:?}"
        );
        let error = answer.json();
        assert_eq!(error["details"]["field"], field, "{error}");
        assert!(
            error["message"].as_str().unwrap().contains(words),
            "{error}"
        );
    }
    let stranger = gateway.get_as("", &format!("/v2/url/pdf?{PAGE}")).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn a_head_converts_nothing() {
    let gateway = Harness::new().await;
    for path in ["/v1/url/pdf", "/v2/url/image"] {
        let path = format!("{path}?{PAGE}");
        let asked = request(Method::HEAD, &path, &gateway.key, Body::empty());
        let answer = gateway.send(asked).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (StatusCode::METHOD_NOT_ALLOWED, "GET,POST")
        );
    }
    gateway.assert_untouched().await;
}

#[tokio::test]
async fn a_get_is_repeated_without_harm_under_its_key() {
    let gateway = Harness::new().await;
    let get = async |query: &str| -> Answer {
        let path = format!("/v2/url/pdf?{query}");
        let mut asked = request(Method::GET, &path, &gateway.key, Body::empty());
        let key = HeaderValue::from_static("k");
        asked.headers_mut().insert("idempotency-key", key);
        gateway.send(asked).await
    };
    let first = get(PAGE).await;
    let repeat = get(PAGE).await;
    assert_eq!(
        (first.status, &first.body),
        (StatusCode::ACCEPTED, &repeat.body)
    );
    assert_eq!(repeat.header("idempotent-replayed"), "true");
    let other = get(&format!("{PAGE}&scale=2")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(gateway.balance().await, Credits::whole(99));
}
