//! The schemas that operations refer to, by name.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// How the text of a field begins that is Platen's own.
const EXTENSION: &str = "An extension of Platen";

/// How the text of a field begins that has another name today.
const OLD: &str = "An older";

/// Named schemas, as utoipa collects them.
pub(super) type Named = Vec<(String, RefOr<Schema>)>;

/// Every schema of the document.
#[derive(Default)]
pub(super) struct Schemas(Map<String, Value>);

impl Schemas {
    /// Takes schemas in; the same name means the same schema.
    pub(super) fn add(&mut self, named: Named) {
        for (name, schema) in named {
            let mut schema = serde_json::to_value(schema).unwrap_or_default();
            mark(&mut schema);
            debug_assert!(
                self.0.get(&name).is_none_or(|known| *known == schema),
                "two schemas are called {name}"
            );
            self.0.insert(name, schema);
        }
    }

    /// All of them.
    pub(super) fn finish(mut self) -> Value {
        let parts: Vec<_> = self.0.values_mut().flat_map(optional_parts).collect();
        for name in parts {
            if let Some(part) = self.0.get_mut(&name).and_then(Value::as_object_mut) {
                part.remove("required");
            }
        }
        Value::Object(self.0)
    }
}

/// The parts of an object that may be missing as a whole, which then are as any other: utoipa writes them as "null, or an object
/// with all of these fields", but what is flattened is never null.
fn optional_parts(schema: &mut Value) -> Vec<String> {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    let mut names = Vec::new();
    for part in parts.into_iter().flatten() {
        let mut choices = part["oneOf"].as_array().into_iter().flatten();
        let Some(reference) = choices.find_map(|choice| choice["$ref"].as_str()) else {
            continue;
        };
        names.extend(reference.rsplit('/').next().map(str::to_owned));
        *part = json!({ "$ref": reference });
    }
    names
}

/// Marks the fields that are Platen's own, and the old names: of a reference utoipa drops the latter mark.
fn mark(schema: &mut Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        mark(part);
    }
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for field in fields.into_iter().flat_map(Map::values_mut) {
        let text = text_of(field);
        let (is_ours, is_old) = (text.starts_with(EXTENSION), text.starts_with(OLD));
        if is_ours {
            field["x-platen-extension"] = true.into();
        }
        if is_old {
            field["deprecated"] = true.into();
        }
    }
}

/// The text of a field; that of a reference, which may be null, stands beside the reference.
pub(super) fn text_of(field: &Value) -> &str {
    let choices = field["oneOf"].as_array().into_iter().flatten();
    let mut texts = std::iter::once(field)
        .chain(choices)
        .filter_map(|place| place["description"].as_str());
    texts.next().unwrap_or_default()
}

/// A reference to a type's schema, which is noted with all that it refers to.
pub(super) fn reference<T: ToSchema>(named: &mut Named) -> Value {
    let name = T::name().into_owned();
    named.push((name.clone(), T::schema()));
    T::schemas(named);
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
