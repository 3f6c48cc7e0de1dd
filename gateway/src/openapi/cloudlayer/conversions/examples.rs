//! Requests that work.

use serde_json::{Value, json};

use crate::openapi::operation::Example;

/// `<h1>Invoice 42</h1><p>Thank you.</p>`.
const INVOICE: &str = "PGgxPkludm9pY2UgNDI8L2gxPjxwPlRoYW5rIHlvdS48L3A+";

/// `<h1>Hello, {{ name }}</h1>`.
const GREETING: &str = "PGgxPkhlbGxvLCB7eyBuYW1lIH19PC9oMT4=";

pub(super) fn url_to_pdf() -> Vec<Example> {
    vec![
        example(
            "plain",
            "A page, with all that it needs",
            json!({ "url": "https://example.com" }),
        ),
        example(
            "numbered",
            "A4, backgrounds, page numbers; the caller waits",
            json!({
                "url": "https://example.com",
                "async": false,
                "storage": true,
                "format": "a4",
                "printBackground": true,
                "margin": { "top": "2cm", "bottom": "2cm" },
                "footerTemplate": {
                    "template": "<p style=\"font-size:9px\"><span class=\"pageNumber\"></span> of <span class=\"totalPages\"></span></p>",
                },
                "waitUntil": "networkidle2",
                "filename": "example.pdf",
            }),
        ),
        example(
            "batch",
            "Two pages that become one PDF",
            json!({ "batch": { "urls": ["https://example.com", "https://example.com/"] }, "storage": true }),
        ),
    ]
}

pub(super) fn merge() -> Vec<Example> {
    let urls = [
        "https://example.com/cover.pdf",
        "https://example.com/annex.pdf",
    ];
    vec![
        example(
            "two",
            "Two files in this order",
            json!({ "batch": { "urls": urls }, "storage": true, "filename": "report.pdf" }),
        ),
        example(
            "list",
            "The same as older clients write it",
            json!({ "batch": urls, "storage": true }),
        ),
    ]
}

pub(super) fn url_to_image() -> Vec<Example> {
    vec![
        example(
            "phone",
            "A page as a phone shows it",
            json!({
                "url": "https://example.com",
                "viewPort": { "width": 390, "height": 844, "deviceScaleFactor": 2, "isMobile": true },
                "imageType": "webp",
                "quality": 85,
            }),
        ),
        example(
            "whole",
            "A page to its end, in dark colours and German; it must be answered well",
            json!({
                "url": "https://example.com",
                "async": false,
                "storage": true,
                "fullPage": true,
                "colorScheme": "dark",
                "locale": "de-DE",
                "headers": { "X-Tenant": "acme" },
                "failOn": ["mainStatus"],
            }),
        ),
    ]
}

pub(super) fn html_to_pdf() -> Vec<Example> {
    vec![
        example("plain", "A document", json!({ "html": INVOICE })),
        example(
            "kept",
            "A5 on its side, named and filed; the caller waits",
            json!({
                "html": INVOICE,
                "async": false,
                "storage": true,
                "format": "a5",
                "landscape": true,
                "name": "Invoice 42",
                "projectId": "shop-1",
                "filename": "invoice-42.pdf",
                "generatePreview": { "width": 300 },
            }),
        ),
        example(
            "archived",
            "Tagged, with an outline of its headings and words about itself",
            json!({
                "html": INVOICE,
                "tagged": true,
                "outline": true,
                "metadata": { "title": "Invoice 42", "author": "Acme", "keywords": ["invoice", "2026"] },
            }),
        ),
    ]
}

pub(super) fn html_to_image() -> Vec<Example> {
    vec![example(
        "trimmed",
        "A document as a picture without its empty border",
        json!({ "html": INVOICE, "imageType": "png", "trim": true, "transparent": true }),
    )]
}

pub(super) fn template_to_pdf() -> Vec<Example> {
    vec![
        example(
            "gallery",
            "An invoice of the gallery; the caller waits",
            json!({
                "templateId": "receipt",
                "async": false,
                "storage": true,
                "data": {
                    "__auto_calculate": true,
                    "company_name": "Corner Coffee",
                    "currency": "EUR",
                    "locale": "de-DE",
                    "items": [{ "title": "Espresso", "quantity": 2, "unit_price": 2.4, "amount": null }],
                    "amount": null,
                },
            }),
        ),
        example(
            "own",
            "A template that is sent along",
            json!({ "template": GREETING, "data": { "name": "paper" }, "format": "a6", "margin": { "top": "1cm", "left": "1cm" } }),
        ),
    ]
}

pub(super) fn template_to_image() -> Vec<Example> {
    vec![example(
        "card",
        "A card for social networks of the gallery",
        json!({ "templateId": "social-card", "data": { "title": "Paper, again" }, "imageType": "png" }),
    )]
}

pub(super) fn docx_to_pdf() -> Vec<Example> {
    vec![
        example(
            "plain",
            "A letter that lies on the network",
            letter(json!({})),
        ),
        example(
            "kept",
            "The same with a thumbnail of its first page; the caller waits",
            letter(
                json!({ "async": false, "storage": true, "generatePreview": true, "filename": "letter.pdf" }),
            ),
        ),
    ]
}

pub(super) fn docx_to_html() -> Vec<Example> {
    vec![example(
        "page",
        "A letter as a page, its pictures within it",
        letter(json!({ "async": false, "storage": false })),
    )]
}

pub(super) fn pdf_to_docx() -> Vec<Example> {
    vec![example(
        "editable",
        "A PDF as a document that can be edited",
        json!({ "url": "https://example.com/annex.pdf", "filename": "annex.docx" }),
    )]
}

/// A letter, with these options.
fn letter(mut options: Value) -> Value {
    options["url"] = "https://example.com/letter.docx".into();
    options
}

const fn example(name: &'static str, summary: &'static str, body: Value) -> Example {
    Example {
        name,
        summary,
        body,
    }
}
