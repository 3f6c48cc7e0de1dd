//! The gallery holds what it promises.

use serde_json::json;

use super::*;
use crate::templates::example;

#[test]
fn every_template_makes_a_document_of_its_sample() {
    assert_eq!(all().len(), PARTS.len(), "every description is read");
    for entry in all() {
        let html = example(entry.id, None).unwrap().unwrap();
        assert!(
            html.trim_start().starts_with("<!doctype html>"),
            "{}",
            entry.id
        );
        for outside in ["http:", "https:", "@import", "<script"] {
            let found = html.contains(outside) && !html.contains("http://www.w3.org");
            assert!(!found, "{} loads from outside: {outside}", entry.id);
        }
        assert!(
            entry.preview.starts_with(b"\x89PNG") && entry.preview.len() < 200_000,
            "{}",
            entry.id
        );
        let data = example(entry.id, Some("{}")).unwrap();
        assert!(data.is_ok(), "{} without data: {data:?}", entry.id);
    }
}

#[test]
fn the_invoice_adds_up() {
    let html = example("professional-invoice", None).unwrap().unwrap();
    for text in ["£7,111.00", "£1,422.20", "£8,533.20", "2 December 2026"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn a_template_s_size_gives_way_to_the_callers() {
    let certificate = find("certificate").unwrap();
    let options = |sent: Value, kind| {
        let mut options = sent.as_object().unwrap().clone();
        certificate.complete(&mut options, kind);
        Value::Object(options)
    };
    let own = json!({ "format": "a4", "landscape": true, "printBackground": true });
    assert_eq!(options(json!({}), TemplateKind::Pdf), own);
    let sized = json!({ "width": "5in", "printBackground": false });
    assert_eq!(options(sized.clone(), TemplateKind::Pdf), sized);
    let viewport = json!({ "viewPort": { "width": 1123, "height": 794 } });
    assert_eq!(options(json!({}), TemplateKind::Image), viewport);
}
