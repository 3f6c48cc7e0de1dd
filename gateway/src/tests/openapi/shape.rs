//! Bodies made of a schema: for every field, however deep, one with each value that says something.

use serde_json::{Map, Value};

/// A schema in its document.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    document: &'a Value,
    schema: &'a Value,
}

/// A body with one field that says something.
pub(super) struct Case {
    /// The field, such as `cookies[].name`.
    pub(super) path: String,
    /// Its value.
    pub(super) value: Value,
    /// Whether the schema takes the value, where that is to be tried.
    pub(super) good: Option<bool>,
    /// The body.
    pub(super) body: Value,
}

impl<'a> Shape<'a> {
    pub(super) const fn new(document: &'a Value, schema: &'a Value) -> Self {
        Self { document, schema }
    }

    fn at(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    fn name(self) -> Option<&'a str> {
        self.schema["$ref"].as_str()?.rsplit('/').next()
    }

    fn resolved(self) -> Self {
        match self.name() {
            Some(name) => self.at(&self.document["components"]["schemas"][name]),
            None => self,
        }
    }

    /// The schema's choices; one without any is its own.
    fn choices(self) -> Vec<Self> {
        let target = self.resolved();
        match target.schema["oneOf"].as_array() {
            Some(choices) => choices
                .iter()
                .filter(|choice| choice["type"] != "null")
                .flat_map(|choice| self.at(choice).choices())
                .collect(),
            None => vec![target],
        }
    }

    fn is(self, kind: &str) -> bool {
        let mut kinds = self.schema["type"].as_array().into_iter().flatten();
        self.schema["type"] == kind || kinds.any(|one| one == kind)
    }

    /// The fields of an object and of all that it is made of.
    pub(super) fn fields(self) -> Vec<(&'a str, Self)> {
        let target = self.resolved();
        let parts = target.schema["allOf"].as_array().into_iter().flatten();
        let mut fields: Vec<_> = parts.flat_map(|part| self.at(part).fields()).collect();
        let own = target.schema["properties"]
            .as_object()
            .into_iter()
            .flatten();
        fields.extend(own.map(|(name, schema)| (name.as_str(), self.at(schema))));
        fields
    }

    fn required(self) -> Vec<&'a str> {
        let target = self.resolved();
        let parts = target.schema["allOf"].as_array().into_iter().flatten();
        let mut names: Vec<_> = parts.flat_map(|part| self.at(part).required()).collect();
        let own = target.schema["required"].as_array().into_iter().flatten();
        names.extend(own.filter_map(Value::as_str));
        names
    }

    /// Only what is needed.
    fn bare(self) -> Value {
        let (required, fields) = (self.required(), self.fields());
        let needed = fields
            .into_iter()
            .filter(|(name, _)| required.contains(name));
        Value::Object(
            needed
                .map(|(name, field)| (name.to_owned(), field.sample()))
                .collect(),
        )
    }

    /// A value that the schema takes.
    pub(super) fn sample(self) -> Value {
        let target = self.choices()[0];
        let schema = target.schema;
        for example in [
            &self.schema["example"],
            &schema["example"],
            &schema["examples"][0],
            &schema["enum"][0],
        ] {
            if !example.is_null() {
                return example.clone();
            }
        }
        if target.is("array") {
            return Value::Array(vec![target.at(&schema["items"]).sample()]);
        }
        if target.is("boolean") {
            return true.into();
        }
        if target.is("number") || target.is("integer") {
            return match (&schema["default"], &schema["minimum"]) {
                (Value::Number(number), _) | (_, Value::Number(number)) => number.clone().into(),
                _ => 1.into(),
            };
        }
        if target.is("string") {
            return match schema["pattern"].as_str() {
                Some(pattern) if pattern.starts_with("^#") => "#102030".into(),
                Some("^/") => "/".into(),
                _ => "x".into(),
            };
        }
        if schema["additionalProperties"].is_object() {
            return serde_json::json!({ "color": "red" });
        }
        self.bare()
    }

    /// Values of a field, with whether they are good where that is to be tried.
    fn values(self) -> Vec<(Value, Option<bool>)> {
        let mut values = vec![(self.sample(), None)];
        for choice in self.choices() {
            values.push((choice.sample(), None));
            let schema = choice.schema;
            for word in schema["enum"].as_array().into_iter().flatten() {
                values.push((word.clone(), Some(true)));
            }
            let step = if choice.is("integer") { 1.0 } else { 0.01 };
            let number = |value: f64| -> Value {
                if value.fract() == 0.0 {
                    serde_json::from_str(&format!("{value:.0}")).unwrap()
                } else {
                    value.into()
                }
            };
            if let Some(least) = schema["minimum"].as_f64() {
                values.push((number(least), Some(true)));
                values.push((number(least - step), Some(false)));
            }
            if let Some(least) = schema["exclusiveMinimum"].as_f64() {
                values.push((number(least), Some(false)));
                values.push((number(least + step), Some(true)));
            }
            if let Some(most) = schema["maximum"].as_f64() {
                values.push((number(most), Some(true)));
                values.push((number(most + step), Some(false)));
            }
        }
        values
    }

    /// Every case. Where a schema holds itself, once is enough.
    pub(super) fn cases(self) -> Vec<Case> {
        self.cases_below(&[])
    }

    fn cases_below(self, above: &[&str]) -> Vec<Case> {
        let mut cases = Vec::new();
        for choice in self.choices() {
            let full = choice.sample();
            let starts = [full, choice.bare()];
            for (name, field) in choice.fields() {
                for (path, value, good, inner) in field.inner(name, above) {
                    for (start, is_whole) in starts.iter().zip([true, false]) {
                        let mut body = start.as_object().cloned().unwrap_or_else(Map::new);
                        body.insert(name.to_owned(), inner.clone());
                        cases.push(Case {
                            path: path.clone(),
                            value: value.clone(),
                            // Of an old name, the new one beside it wins; and only where all else is right does a
                            // wrong value say something.
                            good: good.filter(|good| {
                                field.schema["deprecated"] != true && (is_whole || *good)
                            }),
                            body: body.into(),
                        });
                    }
                }
            }
        }
        cases
    }

    /// The values of a field, and those with cases inside of it.
    fn inner(self, name: &str, above: &[&str]) -> Vec<(String, Value, Option<bool>, Value)> {
        let mut all: Vec<_> = self
            .values()
            .into_iter()
            .map(|(value, good)| (name.to_owned(), value.clone(), good, value))
            .collect();
        for choice in self.choices() {
            if choice.is("array") {
                let items = self.at(&choice.schema["items"]);
                let wrap = |item| Value::Array(vec![item]);
                all.extend(items.below(&format!("{name}[]"), above, wrap));
            } else if choice.schema["additionalProperties"].is_object() {
                all.push((format!("{name}.*"), Value::Null, None, choice.sample()));
            }
        }
        let mut choices = self.choices().into_iter();
        if choices.any(|choice| !choice.fields().is_empty()) {
            all.extend(self.below(name, above, |object| object));
        }
        all
    }
    /// The cases inside of a value, unless it stands inside of itself.
    fn below(
        self,
        prefix: &str,
        above: &[&str],
        wrap: fn(Value) -> Value,
    ) -> Vec<(String, Value, Option<bool>, Value)> {
        if self.name().is_some_and(|name| above.contains(&name)) {
            return Vec::new();
        }
        let names: Vec<_> = above.iter().copied().chain(self.name()).collect();
        let cases = self.cases_below(&names).into_iter();
        cases
            .map(|case| {
                let path = format!("{prefix}.{}", case.path);
                (path, case.value, case.good, wrap(case.body))
            })
            .collect()
    }
}
