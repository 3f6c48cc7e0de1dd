//! Bodies that say what is kept: storages, templates, webhooks.

use axum::body::Body;
use common::egress::Policy;
use http::Method;
use serde_json::{Value, json};

use super::super::super::support::{Harness, request};
use super::super::document;
use super::super::shape::Shape;
use super::{Findings, body};
use crate::cloudlayer;
use crate::fields::{Fields, asked};

#[test]
fn storages_read_what_is_described() {
    let document = document();
    let mut findings = Findings::default();
    for case in Shape::new(&document, body(&document, "/v2/storage", "post")).cases() {
        let fields = Fields::root(case.body.as_object().unwrap());
        let read = cloudlayer::storage::request::parse(&fields, &Policy::default());
        findings.note(&case, read.is_ok());
    }
    findings.check("/v2/storage", &[]);
}

#[tokio::test]
async fn kept_templates_read_what_is_described() {
    let gateway = Harness::new().await;
    let document = document();
    let kept = json!({ "template": "PGgxPkhlbGxvPC9oMT4=" });
    let kept = gateway.post("/v2/templates", &kept).await.json();
    let own = format!("/v2/template/{}", kept["id"].as_str().unwrap());
    for (method, path, address) in [
        ("post", "/v2/templates", "/v2/templates"),
        ("put", "/v2/template/{id}", &own),
    ] {
        let mut findings = Findings::default();
        asked::taken();
        for case in Shape::new(&document, body(&document, path, method)).cases() {
            let (method, sent) = (method.to_ascii_uppercase(), case.body.to_string());
            let sent = request(
                method.parse().unwrap(),
                address,
                &gateway.key,
                Body::from(sent),
            );
            findings.note(&case, gateway.send(sent).await.status.is_success());
        }
        findings.check(path, &[]);
    }
}

#[tokio::test]
async fn webhooks_read_what_is_described() {
    let gateway = Harness::new().await;
    // An address that is refused at once, so that no name is looked up.
    let text = document()
        .to_string()
        .replace("https://example.com/", "https://127.0.0.1/");
    let document: Value = serde_json::from_str(&text).unwrap();
    for (method, path) in [
        ("put", "/v2/webhook"),
        ("post", "/v2/webhook/secret/rotate"),
        ("post", "/v2/webhook/ping"),
        ("post", "/v2/deliveries/replay"),
    ] {
        let mut findings = Findings::default();
        asked::taken();
        for mut case in Shape::new(&document, body(&document, path, method)).cases() {
            if path.ends_with("ping") {
                // Without an endpoint every ping is refused.
                case.good = None;
            }
            let method: Method = method.to_ascii_uppercase().parse().unwrap();
            let sent = request(
                method,
                path,
                &gateway.key,
                Body::from(case.body.to_string()),
            );
            let answer = gateway.send(sent).await;
            findings.note(&case, answer.status.is_success());
        }
        findings.check(path, &[]);
    }
}
