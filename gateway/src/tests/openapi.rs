//! The description: that it is what the parsers and the routes do, and that it is answered well.

mod agreement;
mod served;
mod shape;

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::Value;

use super::support::{Harness, request};
use crate::openapi::describe;

fn document() -> Value {
    describe("http://platen.test")
}

/// Every operation: its method, its path, itself.
fn operations(document: &Value) -> Vec<(Method, &str, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_ascii_uppercase().parse().unwrap();
            all.push((method, path.as_str(), operation));
        }
    }
    all
}

/// A path with something in its places.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_operation_is_there_and_wants_a_key_unless_it_says_otherwise() {
    let gateway = Harness::new().await;
    for (method, path, operation) in operations(&document()) {
        let answer = gateway
            .send(request(method.clone(), &filled(path), "", Body::empty()))
            .await;
        let is_closed = operation["security"].is_null();
        let is_refused = answer.status == StatusCode::UNAUTHORIZED;
        assert_eq!(is_refused, is_closed, "{method} {path}: {answer:?}");
        let described = &operation["responses"][answer.status.as_str()];
        assert!(!described.is_null(), "{method} {path}: {answer:?}");
        let said = String::from_utf8_lossy(&answer.body);
        assert!(!said.contains("no such path"), "{method} {path}: {said}");
    }
}

#[tokio::test]
async fn a_method_that_is_not_described_is_405_with_those_that_are() {
    let gateway = Harness::new().await;
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = filled(path);
        let answer = gateway
            .send(request(Method::PATCH, &path, &gateway.key, Body::empty()))
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed: BTreeSet<_> = answer.header("allow").split(',').map(str::trim).collect();
        let mut described: BTreeSet<_> = item
            .as_object()
            .unwrap()
            .keys()
            .map(|one| one.to_ascii_uppercase())
            .collect();
        if described.contains("GET") {
            described.insert("HEAD".to_owned());
        }
        let described: BTreeSet<_> = described.iter().map(String::as_str).collect();
        assert_eq!(allowed, described, "{path}");
    }
}

#[tokio::test]
async fn the_query_takes_what_is_described_and_nothing_beyond() {
    let gateway = Harness::new().await;
    let mut tried = 0;
    for (method, path, operation) in operations(&document()) {
        // Conversions by GET are held to those by POST.
        if path.ends_with("/pdf") || path.ends_with("/image") {
            continue;
        }
        let path = &path.replace(
            "/template/{id}",
            "/template/u-019b76da1c007d4ea7a1c3d2e5f60722",
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            if parameter["in"] != "query" {
                continue;
            }
            let mut values = Vec::new();
            if let (Some(least), Some(most)) =
                (schema["minimum"].as_i64(), schema["maximum"].as_i64())
            {
                values.extend(
                    [
                        (least, true),
                        (most, true),
                        (least - 1, false),
                        (most + 1, false),
                    ]
                    .map(|(value, good)| (value.to_string(), good)),
                );
            }
            for word in schema["enum"].as_array().into_iter().flatten() {
                let word = word.as_str().unwrap();
                values.extend([(word.to_owned(), true), (format!("{word}x"), false)]);
            }
            if schema["format"] == "date-time" {
                values.extend([
                    ("2026-01-31T08:30:00Z".to_owned(), true),
                    ("yesterday".to_owned(), false),
                ]);
            }
            for (value, good) in values {
                let answer = gateway
                    .send(request(
                        method.clone(),
                        &format!("{}?{name}={value}", filled(path)),
                        &gateway.key,
                        Body::empty(),
                    ))
                    .await;
                let taken = answer.status != StatusCode::BAD_REQUEST;
                assert_eq!(taken, good, "{path}?{name}={value}: {answer:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn every_reference_leads_somewhere_and_ids_are_unique() {
    let document = document();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let place = reference.split('"').next().unwrap();
        assert!(document.pointer(place).is_some(), "{place}");
    }
    let ids: Vec<_> = operations(&document)
        .iter()
        .map(|one| one.2["operationId"].to_string())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn what_is_ours_alone_is_marked() {
    let document = document();
    let marked = |place: &str| {
        document
            .pointer(place)
            .is_some_and(|found| found["x-platen-extension"] == true)
    };
    for field in [
        "Visit/properties/headers",
        "Visit/properties/geolocation",
        "Browser/properties/colorScheme",
        "Browser/properties/locale",
        "Browser/properties/failOn",
        "Browser/properties/bestEffort",
        "Image/properties/fullPage",
        "Image/properties/selector",
        "Pdf/properties/tagged",
        "Pdf/properties/outline",
        "Pdf/properties/metadata",
        "Template/properties/templateVersion",
    ] {
        assert!(marked(&format!("/components/schemas/{field}")), "{field}");
    }
    assert!(!marked("/components/schemas/Image/properties/trim"));
    assert!(marked("/paths/~1v2~1webhook~1ping/post"));
    assert!(!marked("/paths/~1v2~1url~1pdf/post"));
}
