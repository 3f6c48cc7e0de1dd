//! The objects that tables refer to.

use serde_json::Value;

use super::kind::kind;
use super::text::paragraphs;
use super::{Document, fields, word};

/// Every object and every choice between several.
pub(super) fn write(page: &mut String, document: Document<'_>) {
    page.push_str("<section><h2 id=\"objects\">Objects</h2>");
    let schemas = document.0["components"]["schemas"].as_object();
    for (name, schema) in schemas.into_iter().flatten() {
        // Words are shown where they are used.
        if schema["enum"].is_array() {
            continue;
        }
        page.push_str(&format!(
            "<article id=\"type-{name}\" class=\"type\"><h3>{name}</h3>"
        ));
        page.push_str(&paragraphs(word(&schema["description"])));
        choices(page, document, schema);
        fields::write(page, document, schema);
        page.push_str("</article>");
    }
    page.push_str("</section>");
}

fn choices(page: &mut String, document: Document<'_>, schema: &Value) {
    let Some(choices) = schema["oneOf"].as_array() else {
        return;
    };
    page.push_str("<ul class=\"choices\">");
    for choice in choices {
        let text = word(&choice["description"]);
        let text = if text.is_empty() {
            String::new()
        } else {
            format!(": {}", super::text::inline(text))
        };
        page.push_str(&format!("<li>{}{text}", kind(document, choice)));
    }
    page.push_str("</ul>");
}
