//! Reads the JSON body, after a look at how many values it holds.

use serde_json::{Map, Value};

use crate::crowd;
use crate::invalid::Invalid;

/// The body's object.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, Invalid> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    crowd::check(bytes)?;
    let value = serde_json::from_slice(bytes)
        .map_err(|error| Invalid::body(format!("the request body must be valid JSON: {error}")))?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Invalid::body("the request body must be a JSON object"))
        }
    }
}
