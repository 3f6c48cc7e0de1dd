//! The fields of an object as tables.

use serde_json::Value;

use super::kind::row;
use super::text::inline;
use super::{Document, word};
use crate::openapi::schemas::text_of;

/// Some fields that belong together.
struct Group<'a> {
    title: &'a str,
    fields: &'a Value,
    required: Vec<&'a str>,
}

/// The fields of a schema. Of several groups, all but the first are folded up.
pub(super) fn write(page: &mut String, document: Document<'_>, schema: &Value) {
    let mut groups = Vec::new();
    collect(document, schema, &mut groups);
    let (own, grouped): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| group.title.is_empty());
    for group in own {
        table(page, document, &group);
    }
    let only = grouped.len() == 1;
    for (place, group) in grouped.iter().enumerate() {
        let open = if place == 0 || only { " open" } else { "" };
        let count = group.fields.as_object().map_or(0, serde_json::Map::len);
        page.push_str(&format!(
            "<details class=\"group\"{open}><summary>{} <span>{count}</span></summary>",
            inline(group.title)
        ));
        table(page, document, group);
        page.push_str("</details>");
    }
}

fn collect<'a>(document: Document<'a>, schema: &'a Value, groups: &mut Vec<Group<'a>>) {
    let (name, target) = document.resolve(schema);
    if let Some(parts) = target["allOf"].as_array() {
        for part in parts {
            collect(document, part, groups);
        }
    }
    let fields = &target["properties"];
    if fields.as_object().is_none_or(serde_json::Map::is_empty) {
        return;
    }
    let required = target["required"].as_array().into_iter().flatten();
    groups.push(Group {
        title: name.map_or("", |_| word(&target["description"])),
        fields,
        required: required.filter_map(Value::as_str).collect(),
    });
}

fn table(page: &mut String, document: Document<'_>, group: &Group<'_>) {
    page.push_str("<div class=\"scroll\"><table class=\"fields\"><thead><tr><th>Field<th>Value<th>Meaning</thead><tbody>");
    let mut fields: Vec<_> = group.fields.as_object().into_iter().flatten().collect();
    // What is needed first, what is old last.
    fields.sort_by_key(|(name, field)| {
        let needed = group.required.contains(&name.as_str());
        (!needed, field["deprecated"] == true)
    });
    for (name, field) in fields {
        let mut more = String::new();
        for (holds, mark) in [
            (group.required.contains(&name.as_str()), "needed"),
            (field["deprecated"] == true, "old"),
            (field["x-platen-extension"] == true, "extension"),
        ] {
            if holds {
                more.push_str(&format!(" <span class=\"mark {mark}\">{mark}</span>"));
            }
        }
        page.push_str(&row(document, name, &more, field, text_of(field)));
    }
    page.push_str("</tbody></table></div>");
}
