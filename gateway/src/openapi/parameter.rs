//! What an operation takes outside of its body.

use serde_json::{Value, json};

use crate::idempotency;

/// A parameter.
pub(super) struct Parameter(Value);

impl Parameter {
    /// A part of the path.
    pub(super) fn path(name: &str, text: &str, schema: Value) -> Self {
        Self::of("path", name, text, schema)
    }

    /// A part of the query, which may be absent.
    pub(super) fn query(name: &str, text: &str, schema: Value) -> Self {
        Self::of("query", name, text, schema)
    }

    fn of(place: &str, name: &str, text: &str, schema: Value) -> Self {
        let required = place == "path";
        let mut object =
            json!({ "name": name, "in": place, "required": required, "description": text });
        object["schema"] = schema;
        Self(object)
    }

    /// It is Platen's own.
    pub(super) fn extension(mut self) -> Self {
        self.0["x-platen-extension"] = true.into();
        self
    }

    /// The header that makes a request safe to repeat.
    pub(super) fn idempotency_key() -> Self {
        let text = "Makes the request safe to repeat: for 24 hours the same key with the same path and body gives the \
                    same job, charged once.";
        let schema = json!({ "type": "string", "pattern": "^[!-~]{1,255}$" });
        Self::of("header", idempotency::NAME, text, schema).extension()
    }

    /// Which rows of a list are shown.
    pub(super) fn paging(id: &str) -> [Self; 3] {
        [
            Self::query(
                "limit",
                "The most entries.",
                json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 10 }),
            ),
            Self::query(
                "offset",
                "How many entries are left out at the beginning.",
                json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000, "default": 0 }),
            ),
            Self::query(
                "startAfterId",
                "The id of the last entry that was listed: the list goes on behind it.",
                json!({ "type": "string", "examples": [id] }),
            ),
        ]
    }

    /// One that is made elsewhere.
    pub(super) const fn made(object: Value) -> Self {
        Self(object)
    }

    /// Which rows of a list are shown by what they are called.
    pub(super) fn labels() -> [Self; 2] {
        let project = json!({ "type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9_-]*$" });
        let name = json!({ "type": "string", "maxLength": 200 });
        [
            Self::query("projectId", "Those of this project.", project).extension(),
            Self::query("name", "Those of exactly this name.", name).extension(),
        ]
    }

    pub(super) fn object(self) -> Value {
        self.0
    }
}
