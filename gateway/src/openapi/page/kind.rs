//! What a value may be, in a few words.

use serde_json::Value;

use super::text::{breakable, escaped, inline};
use super::{Document, word};

/// What a value may be.
pub(super) fn kind(document: Document<'_>, schema: &Value) -> String {
    let (name, target) = document.resolve(schema);
    if let Some(words) = target["enum"].as_array() {
        let words = words
            .iter()
            .map(|word| format!("<code>{}</code>", escaped(&word.to_string())));
        return words.collect::<Vec<_>>().join(" | ");
    }
    if let Some(name) = name {
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    let choices = schema["oneOf"]
        .as_array()
        .or_else(|| schema["anyOf"].as_array());
    if let Some(choices) = choices {
        let choices = choices.iter().filter(|choice| choice["type"] != "null");
        return choices
            .map(|choice| kind(document, choice))
            .collect::<Vec<_>>()
            .join(" or ");
    }
    let mut kinds = schema["type"].as_array().into_iter().flatten();
    let basic = kinds
        .find(|kind| **kind != "null")
        .unwrap_or(&schema["type"]);
    match (word(basic), word(&schema["format"])) {
        ("array", _) => format!("list of {}", kind(document, &schema["items"])),
        ("string", "uri") => "address".to_owned(),
        ("string", "byte") => "base64".to_owned(),
        ("string", "date-time") => "moment (ISO 8601)".to_owned(),
        ("integer", _) => "whole number".to_owned(),
        ("object", _) if !schema["additionalProperties"].is_null() => {
            format!(
                "object of {}",
                kind(document, &schema["additionalProperties"])
            )
        }
        ("", _) => "any".to_owned(),
        (other, _) => escaped(other),
    }
}

/// Its range, its length, its default.
pub(super) fn bounds(schema: &Value) -> Vec<String> {
    let mut said = Vec::new();
    let least = || match (&schema["minimum"], &schema["exclusiveMinimum"]) {
        (Value::Number(least), _) => Some(shown(least)),
        (_, Value::Number(least)) => Some(format!("more than {}", shown(least))),
        _ => None,
    };
    let most = schema["maximum"].as_number().map(shown);
    match (least(), most) {
        (Some(least), Some(most)) => said.push(format!("{least} to {most}")),
        (Some(least), None) => said.push(format!("at least {least}")),
        (None, Some(most)) => said.push(format!("at most {most}")),
        (None, None) => {}
    }
    for (name, unit) in [("maxLength", "characters"), ("maxItems", "items")] {
        if let Some(most) = schema[name].as_u64() {
            said.push(format!("at most {most} {unit}"));
        }
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        said.push(format!(
            "like <code class=\"pattern\">{}</code>",
            escaped(pattern)
        ));
    }
    if !schema["default"].is_null() {
        said.push(format!(
            "default <code>{}</code>",
            escaped(&schema["default"].to_string())
        ));
    }
    said
}

/// A number without the zeros behind its point.
fn shown(number: &serde_json::Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A row of a table of fields or parameters.
pub(super) fn row(
    document: Document<'_>,
    name: &str,
    more: &str,
    schema: &Value,
    text: &str,
) -> String {
    let bounds = bounds(schema);
    let bounds = if bounds.is_empty() {
        String::new()
    } else {
        format!("<p class=\"bounds\">{}</p>", bounds.join(" · "))
    };
    format!(
        "<tr><th scope=\"row\"><code>{}</code>{more}</th><td class=\"kind\">{}</td><td>{}{bounds}</td></tr>",
        breakable(name),
        kind(document, schema),
        inline(text),
    )
}
