//! Reads a body that is a form (reference 6.10 and section 14, row 31): `options` (or `json`) holds JSON, a
//! template and its data are parts of their own, and any other part is an option by its name.

use std::convert::Infallible;

use bytes::Bytes;
use futures::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Multipart, parse_boundary};
use serde_json::{Map, Value};

use super::Invalid;
use super::body::{self, KNOWN, LONG};

/// Options that are texts, whatever they look like.
const TEXTS: &[&str] = &[
    "data",
    "filename",
    "name",
    "pageRanges",
    "projectId",
    "template",
    "templateId",
    "title",
    "webhook",
];

/// Parts that a form may have.
const MOST_PARTS: usize = 100;

/// Whether the body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    parse_boundary(kind).ok()
}

/// The known fields of the form; of a repeated one, the last.
pub(crate) async fn read(headers: &HeaderMap, bytes: Bytes) -> Result<Map<String, Value>, Invalid> {
    let boundary = boundary(headers).unwrap_or_default();
    let body = stream::iter([Ok::<_, Infallible>(bytes)]);
    let mut form = Multipart::new(body, boundary);
    let (mut map, mut options) = (Map::new(), 0);
    let mut parts = 0;
    while let Some(part) = form.next_field().await.map_err(|error| broken(&error))? {
        parts += 1;
        if parts > MOST_PARTS {
            return Err(Invalid::body(format!(
                "The form has more than {MOST_PARTS} parts."
            )));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| broken(&error))?;
        if matches!(name.as_str(), "options" | "json") {
            map.extend(body::read(&bytes).map_err(|invalid| within(&name, invalid))?);
            continue;
        }
        let Some(known) = KNOWN
            .iter()
            .chain(OWN)
            .copied()
            .find(|known| *known == name)
        else {
            continue;
        };
        if !LONG.contains(&known) {
            options += bytes.len();
            body::check_options(options)?;
        }
        let text = str::from_utf8(&bytes).map_err(|_| Invalid::new(known, "must be UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        map.insert(known.to_owned(), value(known, text));
    }
    Ok(map)
}

/// Fields of templates that are kept.
const OWN: &[&str] = &["sampleData", "title", "type"];

/// An option as a part writes it: JSON where it is some, and text where it is not.
fn value(name: &str, text: &str) -> Value {
    if TEXTS.contains(&name) {
        return text.into();
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn broken(error: &multer::Error) -> Invalid {
    Invalid::body(format!("The body is not a valid form: {error}."))
}

/// The complaint about JSON in a part.
fn within(part: &str, invalid: Invalid) -> Invalid {
    if !invalid.field.is_empty() {
        return invalid;
    }
    let message = invalid
        .message
        .replace("The body", &format!("The part `{part}`"));
    Invalid {
        field: part.to_owned(),
        message,
        ..invalid
    }
}
