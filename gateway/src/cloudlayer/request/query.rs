//! A request whose fields stand in the query of a GET (reference section 5 knows `url` and `timeout`; that all
//! others work too is an extension of ours). It becomes the JSON body of the same request, so that what is
//! right and wrong is the same.

use serde_json::{Map, Value};

use super::Invalid;
use super::body::KNOWN;

/// Fields that are texts whatever they look like: `pageRanges=1` is no number.
pub(crate) const TEXTS: &[&str] = &[
    "colorScheme",
    "filename",
    "format",
    "height",
    "html",
    "imageType",
    "locale",
    "name",
    "pageRanges",
    "projectId",
    "selector",
    "timeZone",
    "url",
    "waitUntil",
    "webhook",
    "width",
];

/// The JSON body that says the same as the query. Unknown parameters are left out, as of a body.
pub(crate) fn body(query: &str) -> Result<Vec<u8>, Invalid> {
    let mut map = Map::new();
    for (name, value) in ::url::form_urlencoded::parse(query.as_bytes()) {
        if !KNOWN.contains(&name.as_ref()) {
            continue;
        }
        let value = read(&name, &value)?;
        if map.insert(name.to_string(), value).is_some() {
            return Err(Invalid::new(&name, "is there twice: send it once"));
        }
    }
    Ok(Value::Object(map).to_string().into_bytes())
}

/// Booleans, numbers, lists and objects are written as in JSON; all else is a text, of which the field says
/// whether it will do.
fn read(name: &str, text: &str) -> Result<Value, Invalid> {
    if TEXTS.contains(&name) {
        return Ok(text.into());
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) if text.trim_start().starts_with(['{', '[']) => {
            let predicate = format!("must be written as JSON, and can't be read: {error}");
            Err(Invalid::new(name, predicate))
        }
        Err(_) => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(query: &str) -> Result<Value, String> {
        let body = body(query).map_err(|invalid| invalid.to_string())?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn each_parameter_gets_the_type_of_its_field() {
        let query = "url=https%3A%2F%2Fa.example%2F%3Fx%3D1&timeout=5000&trim=true&scale=0.5&pageRanges=1&width=480\
            &margin=%7B%22top%22%3A%221in%22%7D&emulateMediaType=null&storage=true&waitUntil=load&name=7&x=1\
            &generatePreview=true&failOn=%5B%22mainStatus%22%5D&waitForFrameNavigation=networkidle0&delay=x";
        let expected = json!({
            "url": "https://a.example/?x=1", "timeout": 5000, "trim": true, "scale": 0.5, "pageRanges": "1",
            "width": "480", "margin": { "top": "1in" }, "emulateMediaType": null, "storage": true,
            "waitUntil": "load", "name": "7", "generatePreview": true, "failOn": ["mainStatus"],
            "waitForFrameNavigation": "networkidle0", "delay": "x",
        });
        assert_eq!(read(query), Ok(expected));
        assert_eq!(read(""), Ok(json!({})));
    }

    #[test]
    fn what_is_there_twice_or_half_is_named() {
        for (query, words) in [
            ("url=a&url=b", "`url` is there twice"),
            ("margin=%7B%22top", "`margin` must be written as JSON"),
        ] {
            let error = read(query).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
