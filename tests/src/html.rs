//! Documents for the tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A document with this body, encoded as the `html` field wants it.
pub fn html(body: &str) -> Value {
    encoded(&document(body))
}

/// A whole document with this body and no margin.
pub fn document(body: &str) -> String {
    format!(
        "<!doctype html><meta charset=utf-8><title>A test page</title><style>body{{margin:0}}</style>{body}"
    )
}

/// Any text, encoded as the `html` field wants it.
pub fn encoded(text: &str) -> Value {
    Value::String(STANDARD.encode(text))
}

/// A body of as many pages, each with its own words: `Leaf 1`, `Leaf 2`, …
pub fn leaves(count: usize) -> String {
    (1..=count)
        .map(|leaf| format!("<p style='break-after:page'>Leaf {leaf} </p>"))
        .collect()
}

/// Options of a job that always fails, soon: its page waits for an element that never comes.
pub fn never_ready() -> Value {
    let wait = json!({ "selector": "#never", "options": { "timeout": 200 } });
    json!({ "html": html("Words"), "waitForSelector": wait })
}
