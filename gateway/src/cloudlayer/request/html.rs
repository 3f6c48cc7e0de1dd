//! The HTML group: the document that the caller sent, out of its base64 (reference 6.3).

use super::fields::{Field, Fields};
use super::{Conversion, Invalid};
use crate::encoded::{DecodeError, decode};

/// The most bytes of a document.
const DOCUMENT_LIMIT: usize = 10 * 1024 * 1024;

/// Reads the group.
pub(super) fn read(fields: &Fields<'_>, kind: Conversion) -> Result<String, Invalid> {
    for name in ["url", "batch", "headers", "geolocation"] {
        if fields.get(name).is_some() {
            return Err(fields.invalid(
                name,
                format!("can't be sent to {kind}, which takes `html`: leave it out, or post it to the url endpoint"),
            ));
        }
    }
    fields.require("html", "the base64 of an HTML document", document)
}

fn document(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?;
    let bytes = decode(text, DOCUMENT_LIMIT).map_err(|error| match error {
        DecodeError::Empty => {
            field.invalid("must not be empty; it must be the base64 of an HTML document")
        }
        DecodeError::TooLarge => too_large(field),
        DecodeError::Wrong => {
            let hint = if text.trim_start().starts_with('<') {
                "; this is HTML itself, encode it first"
            } else {
                ""
            };
            field.invalid(format!(
                "must be the base64 of an HTML document, in the standard alphabet{hint}"
            ))
        }
    })?;
    let document = text_of(bytes).ok_or_else(|| {
        field.invalid("must be the base64 of UTF-8 text, or of UTF-16 with a byte order mark")
    })?;
    if document.trim().is_empty() {
        return Err(field.invalid("must not be an empty document"));
    }
    Ok(document)
}

fn too_large(field: &Field<'_>) -> Invalid {
    let most = DOCUMENT_LIMIT / (1024 * 1024);
    let predicate = format!("must be a document of at most {most} MiB (before base64)");
    field.invalid(predicate).too_large()
}

/// The bytes as text: UTF-8, or UTF-16 when a byte order mark says so; the mark is dropped.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}
