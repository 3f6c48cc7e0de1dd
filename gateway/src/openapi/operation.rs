//! One operation: a method on a path, what it takes and what it answers.

use serde_json::{Value, json};
use utoipa::ToSchema;

use super::parameter::Parameter;
use super::query;
use super::schemas::{Named, reference};
use super::trouble::{Speaker, Trouble, answers};

/// An operation as the document has it.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) object: Value,
    pub(super) schemas: Named,
}

/// A request that works.
pub(super) struct Example {
    /// Its name in the document.
    pub(super) name: &'static str,
    /// What it shows.
    pub(super) summary: &'static str,
    /// The body.
    pub(super) body: Value,
}

impl Operation {
    /// An operation with an id, which names it in generated clients, and a title.
    pub(super) fn new(
        method: &'static str,
        path: impl Into<String>,
        id: impl Into<String>,
        summary: &str,
    ) -> Self {
        let id: String = id.into();
        Self {
            method,
            path: path.into(),
            object: json!({ "operationId": id, "summary": summary, "responses": {} }),
            schemas: Vec::new(),
        }
    }

    /// The group that it belongs to.
    pub(super) fn tag(mut self, tag: &str) -> Self {
        self.object["tags"] = json!([tag]);
        self
    }

    /// What more there is to say of it.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.object["description"] = text.into();
        self
    }

    /// It is Platen's own.
    pub(super) fn extension(mut self) -> Self {
        self.object["x-platen-extension"] = true.into();
        self
    }

    /// It needs no key.
    pub(super) fn public(mut self) -> Self {
        self.object["security"] = json!([]);
        self
    }

    /// It needs no key, but shows more with one.
    pub(super) fn open(mut self) -> Self {
        self.object["security"] = json!([{}, { "key": [] }, { "bearer": [] }]);
        self
    }

    /// It takes this in its path, query or headers.
    pub(super) fn parameter(mut self, parameter: Parameter) -> Self {
        if let Some(list) = self.object["parameters"].as_array_mut() {
            list.push(parameter.object());
        } else {
            self.object["parameters"] = json!([parameter.object()]);
        }
        self
    }

    /// It takes JSON of this type; the first example is the one that people see first.
    pub(super) fn takes<T: ToSchema>(mut self, required: bool, examples: Vec<Example>) -> Self {
        let schema = reference::<T>(&mut self.schemas);
        let mut content = json!({ "schema": schema });
        for example in examples {
            content["examples"][example.name] =
                json!({ "summary": example.summary, "value": example.body });
        }
        self.object["requestBody"] =
            json!({ "required": required, "content": { "application/json": content } });
        self
    }

    /// It takes a form of this type too.
    pub(super) fn takes_form<T: ToSchema>(mut self) -> Self {
        let schema = reference::<T>(&mut self.schemas);
        self.object["requestBody"]["content"]["multipart/form-data"] = json!({ "schema": schema });
        self
    }

    /// It takes the fields of this type in its query.
    pub(super) fn asks<T: ToSchema>(self) -> Self {
        let parameters = query::parameters::<T>();
        parameters.into_iter().fold(self, Self::parameter)
    }

    /// It answers JSON of this type.
    pub(super) fn gives<T: ToSchema>(mut self, status: u16, text: &str) -> Self {
        let schema = reference::<T>(&mut self.schemas);
        self.answer(
            status,
            text,
            &json!({ "application/json": { "schema": schema } }),
        )
    }

    /// It answers a list of this type.
    pub(super) fn gives_list<T: ToSchema>(mut self, status: u16, text: &str) -> Self {
        let schema = reference::<T>(&mut self.schemas);
        let list = json!({ "type": "array", "items": schema });
        self.answer(
            status,
            text,
            &json!({ "application/json": { "schema": list } }),
        )
    }

    /// It answers a file of one of these media types.
    pub(super) fn gives_file(self, status: u16, text: &str, types: &[&str]) -> Self {
        let types = types.iter().map(|name| ((*name).to_owned(), json!({})));
        self.answer(status, text, &Value::Object(types.collect()))
    }

    /// It answers without a body.
    pub(super) fn gives_nothing(self, status: u16, text: &str) -> Self {
        self.answer(status, text, &Value::Null)
    }

    /// An answer carries these headers, of those that the document knows.
    pub(super) fn with_headers(mut self, status: u16, names: &[&str]) -> Self {
        for name in names {
            let header = json!({ "$ref": format!("#/components/headers/{name}") });
            self.object["responses"][status.to_string()]["headers"][*name] = header;
        }
        self
    }

    /// This may go wrong.
    pub(super) fn fails(mut self, speaker: Speaker, troubles: &[Trouble]) -> Self {
        for (status, answer) in answers(speaker, troubles, &mut self.schemas) {
            self.object["responses"][status.to_string()] = answer;
        }
        self
    }

    /// Adds the media types of one more answer; several may share a status.
    fn answer(mut self, status: u16, text: &str, content: &Value) -> Self {
        let answer = &mut self.object["responses"][status.to_string()];
        answer["description"] = text.into();
        for (name, media) in content.as_object().into_iter().flatten() {
            answer["content"][name.as_str()] = media.clone();
        }
        self.with_headers(status, &["X-Request-Id"])
    }
}
