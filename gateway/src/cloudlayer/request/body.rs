//! Reads the JSON body, and of it only the fields that mean something, so that an odd body of many
//! megabytes costs no more memory than its length.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Invalid;

/// The most bytes of JSON that all fields but documents and data may take together.
const OPTIONS_JSON_LIMIT: usize = 256 * 1024;

/// Every field that a conversion understands; others are ignored.
pub(super) const KNOWN: &[&str] = &[
    "async",
    "authentication",
    "autoScroll",
    "batch",
    "bestEffort",
    "colorScheme",
    "cookies",
    "data",
    "delay",
    "emulateMediaType",
    "failOn",
    "filename",
    "footerTemplate",
    "format",
    "fullPage",
    "generatePreview",
    "geolocation",
    "headerTemplate",
    "headers",
    "height",
    "html",
    "imageType",
    "inline",
    "landscape",
    "locale",
    "margin",
    "metadata",
    "name",
    "outline",
    "pageRanges",
    "preferCSSPageSize",
    "printBackground",
    "projectId",
    "quality",
    "scale",
    "selector",
    "storage",
    "tagged",
    "template",
    "templateId",
    "templateVersion",
    "timeZone",
    "timeout",
    "transparent",
    "trim",
    "url",
    "viewPort",
    "waitForFrame",
    "waitForFrameAttachment",
    "waitForFrameImages",
    "waitForFrameNavigation",
    "waitForFrameSelector",
    "waitForSelector",
    "waitUntil",
    "webhook",
    "width",
];

/// The known fields of the body; of a repeated one, the last.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, Invalid> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.trim_ascii_start().first() {
        None => Err(Invalid::body(
            "The body is empty; it must be a JSON object.",
        )),
        Some(b'{') => parse(bytes),
        Some(_) => Err(Invalid::body(
            "The body must be a JSON object, such as {\"url\": \"https://example.com\"}.",
        )),
    }
}

fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Invalid> {
    let Known(raw) = serde_json::from_slice(bytes)
        .map_err(|error| Invalid::body(format!("The body is not valid JSON: {error}.")))?;
    let options = raw.iter().filter(|(name, _)| !LONG.contains(name));
    check_options(options.map(|(_, value)| value.get().len()).sum())?;
    let mut map = Map::new();
    for (name, value) in raw {
        // A template's data stays text: it is read once, and maps in it keep their order.
        if name == "data" && value.get().starts_with('{') {
            map.insert(name.to_owned(), value.get().into());
            continue;
        }
        check_long(name, value.get())?;
        let value = serde_json::from_str(value.get())
            .map_err(|error| Invalid::new(name, format!("can't be read as JSON: {error}")))?;
        map.insert(name.to_owned(), value);
    }
    Ok(map)
}

/// Fields with limits of their own.
pub(super) const LONG: &[&str] = &["data", "html", "template"];

/// The most bytes of such a field that is no text: enough for a complaint that shows what it is.
const WRONG_LIMIT: usize = 1024;

/// Refuses what should be a text and is long and something else: taken apart it would take many times its length.
fn check_long(name: &str, value: &str) -> Result<(), Invalid> {
    if !LONG.contains(&name) || value.starts_with('"') || value.len() <= WRONG_LIMIT {
        return Ok(());
    }
    let expected = match name {
        "data" => "an object",
        "html" => "a string, the base64 of an HTML document",
        _ => "a string, the base64 of a template",
    };
    let sent = match value.as_bytes().first() {
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        _ => "a long number",
    };
    Err(Invalid::new(
        name,
        format!("must be {expected}, not {sent}"),
    ))
}

/// Holds all other fields together to their limit.
pub(super) fn check_options(length: usize) -> Result<(), Invalid> {
    if length <= OPTIONS_JSON_LIMIT {
        return Ok(());
    }
    let message = format!(
        "All fields but `html`, `template` and `data` must be at most {} KiB together.",
        OPTIONS_JSON_LIMIT / 1024
    );
    Err(Invalid::body(message).too_large())
}

/// The known fields as they stand in the body, not yet taken apart.
struct Known<'a>(Vec<(&'static str, &'a RawValue)>);

impl<'de> Deserialize<'de> for Known<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KnownVisitor)
    }
}

struct KnownVisitor;

impl<'de> Visitor<'de> for KnownVisitor {
    type Value = Known<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found: Vec<(&'static str, &'de RawValue)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(name) = KNOWN.iter().copied().find(|name| *name == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value()?;
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some(slot) => slot.1 = value,
                None => found.push((name, value)),
            }
        }
        Ok(Known(found))
    }
}
