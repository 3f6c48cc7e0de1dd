//! The fields of a body as parameters of a query.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::parameter::Parameter;
use super::schemas::{Schemas, reference, text_of};
use crate::cloudlayer::request::query::TEXTS;

/// The parameters that say the same as a body of this type.
pub(super) fn parameters<T: ToSchema>() -> Vec<Parameter> {
    let (mut named, mut schemas) = (Vec::new(), Schemas::default());
    let whole = reference::<T>(&mut named);
    schemas.add(named);
    let all = schemas.finish();
    let mut found = Vec::new();
    collect(&all, &whole, &mut found);
    found.sort_by_key(|(_, _, required)| !required);
    let found = found.into_iter();
    found
        .map(|(name, field, required)| parameter(&all, name, field, required))
        .collect()
}

type Found<'a> = Vec<(&'a str, &'a Value, bool)>;

/// The fields of an object and of all that it is made of.
fn collect<'a>(all: &'a Value, schema: &'a Value, found: &mut Found<'a>) {
    let schema = resolved(all, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(all, part, found);
    }
    let required = schema["required"].as_array();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let needed = required.is_some_and(|names| names.iter().any(|one| one == name));
        found.push((name, field, needed));
    }
}

fn resolved<'a>(all: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str();
    let name = reference.and_then(|text| text.rsplit('/').next());
    name.map_or(schema, |name| &all[name])
}

fn parameter(all: &Value, name: &str, field: &Value, required: bool) -> Parameter {
    let schema = present(field);
    let mut object = json!({
        "name": name, "in": "query", "required": required, "description": text_of(field),
    });
    for mark in ["deprecated", "x-platen-extension"] {
        if field[mark] == true {
            object[mark] = true.into();
        }
    }
    if TEXTS.contains(&name) || is_plain(resolved(all, &schema)) {
        object["schema"] = schema;
    } else {
        object["content"] = json!({ "application/json": { "schema": schema } });
    }
    Parameter::made(object)
}

/// Whether a value is written as it is.
fn is_plain(schema: &Value) -> bool {
    let kind = schema["type"].as_str().unwrap_or_default();
    matches!(kind, "boolean" | "integer" | "number" | "string")
}

/// The schema of a field that is there: not null, and described beside it.
fn present(field: &Value) -> Value {
    let mut schema = field.as_object().cloned().unwrap_or_else(Map::new);
    for beside in ["description", "deprecated", "x-platen-extension"] {
        schema.remove(beside);
    }
    if let Some(Value::Array(kinds)) = schema.get("type") {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema.insert("type".to_owned(), kind.unwrap_or_default());
    }
    let choices = schema.get("oneOf").and_then(Value::as_array);
    let choices = choices.map(|choices| {
        let there = choices.iter().filter(|choice| choice["type"] != "null");
        there.cloned().collect::<Vec<_>>()
    });
    match choices.as_deref() {
        Some([only]) if schema.len() == 1 => json!({ "$ref": only["$ref"] }),
        Some(choices) => {
            schema.insert("oneOf".to_owned(), choices.into());
            schema.into()
        }
        None => schema.into(),
    }
}
