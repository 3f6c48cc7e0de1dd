//! Reads the JSON body, after a look at how many values it holds: each takes many times its own length
//! in memory.

use serde_json::{Map, Value};

use crate::invalid::Invalid;

/// The most values, names and lists of a body.
const MOST_VALUES: usize = 100_000;

/// The body's object.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, Invalid> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if values(bytes) > MOST_VALUES {
        let message = format!("the request body must hold at most {MOST_VALUES} values");
        return Err(Invalid::body(message).too_large());
    }
    let value = serde_json::from_slice(bytes)
        .map_err(|error| Invalid::body(format!("the request body must be valid JSON: {error}")))?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Invalid::body("the request body must be a JSON object"))
        }
    }
}

/// What separates and opens values outside of strings.
fn values(bytes: &[u8]) -> usize {
    let (mut count, mut in_string, mut escaped) = (0, false, false);
    for byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b',' | b':' | b'[' | b'{' => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_inside_of_strings_are_no_values() {
        assert_eq!(values(br#"{"a":"b,\",{[","c":[1,2]}"#), 6);
        assert_eq!(values(b""), 0);
    }
}
