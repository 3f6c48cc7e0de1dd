//! How many values JSON holds, looked at before it is parsed: each takes many times its own length in memory.

use crate::invalid::Invalid;

/// The most values, names and lists of a body.
const MOST_VALUES: usize = 100_000;

/// Refuses a body that holds too many.
pub(crate) fn check(body: &[u8]) -> Result<(), Invalid> {
    if values(body) <= MOST_VALUES {
        return Ok(());
    }
    let message = format!("the request body must hold at most {MOST_VALUES} values");
    Err(Invalid::body(message).too_large())
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
