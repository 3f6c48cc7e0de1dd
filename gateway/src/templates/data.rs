//! What goes into a template: a JSON object, as text until it is used.

use std::fmt;

use minijinja::value::{Serde, Value};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::totals;

/// What goes into a template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Data {
    json: String,
    /// Whether sums that are null are filled in.
    totals: bool,
}

impl Data {
    /// Reads a JSON object. The error goes on after the field's name.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidData> {
        // Read as a whole, and kept as it was sent: maps keep their order.
        let read = serde_json::from_str(text);
        match read {
            Ok(Object) => Ok(Self {
                json: text.to_owned(),
                totals: false,
            }),
            Err(error) if error.is_data() => Err(InvalidData::Kind),
            Err(error) => Err(InvalidData::Json(error.to_string())),
        }
    }

    /// The same, for a template whose sums are filled in.
    pub(crate) fn with_totals(text: &str) -> Result<Self, InvalidData> {
        let data = Self::parse(text)?;
        Ok(Self {
            totals: true,
            ..data
        })
    }

    /// As the engine takes it.
    pub(super) fn value(&self) -> Result<Value, InvalidData> {
        let invalid = |error: serde_json::Error| InvalidData::Json(error.to_string());
        if !self.totals {
            return serde_json::from_str(&self.json).map_err(invalid);
        }
        let mut map = serde_json::from_str(&self.json).map_err(invalid)?;
        totals::fill(&mut map);
        Ok(Value::from(Serde(map)))
    }
}

/// A text that is no data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidData {
    /// Not JSON.
    #[error("must be a JSON object, and is not JSON: {0}")]
    Json(String),
    /// Something else than an object.
    #[error("must be a JSON object, such as {{\"name\": \"Ada\"}}")]
    Kind,
}

/// Any JSON object, of which nothing is kept.
struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Passing)
    }
}

struct Passing;

impl<'de> Visitor<'de> for Passing {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Object)
    }
}
