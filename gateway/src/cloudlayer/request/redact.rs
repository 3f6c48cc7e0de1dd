//! The copy of a request that stays in the job's row and is shown to its owner: without passwords,
//! cookie values and documents, and never long.

use ::url::Url;
use serde_json::{Map, Value};

/// What stands in the place of something that is not kept.
const HIDDEN: &str = "...";

/// The longest template that is kept, in bytes.
const TEMPLATE_LIMIT: usize = 1024;

/// The most bytes of the whole copy as JSON.
const PARAMS_LIMIT: usize = 16 * 1024;

/// The fields of a cookie that are kept as they are.
const OF_COOKIE: &[&str] = &[
    "name",
    "url",
    "domain",
    "path",
    "expires",
    "expiration",
    "httpOnly",
    "secure",
    "sameSite",
];

/// Makes the copy.
pub(super) fn params(request: &Map<String, Value>) -> Value {
    let copy = request
        .iter()
        .map(|(name, value)| (name.clone(), field(name, value)));
    Value::Object(bounded(copy.collect()))
}

fn field(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("url" | "webhook", Value::String(url)) => without_userinfo(url),
        ("batch", batch) => addresses(batch),
        ("authentication", Value::Object(parts)) => authentication(parts),
        ("cookies", Value::Array(cookies)) => cookies.iter().map(cookie).collect(),
        // Ignored by the endpoint, so of any form.
        ("headers", Value::Object(headers)) => headers.keys().map(|name| header(name)).collect(),
        ("html" | "template" | "data" | "authentication" | "cookies" | "headers", Value::Null) => {
            Value::Null
        }
        ("html" | "template" | "data" | "authentication" | "cookies" | "headers", _) => {
            HIDDEN.into()
        }
        ("headerTemplate" | "footerTemplate", Value::Object(banner)) => template(banner),
        ("storage", Value::Object(parts)) => storage(parts),
        _ => storable(value),
    }
}

/// A batch in either of its spellings.
fn addresses(batch: &Value) -> Value {
    let each = |item: &Value| match item {
        Value::String(url) => without_userinfo(url),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            HIDDEN.into()
        }
    };
    match batch {
        Value::Array(items) => items.iter().map(each).collect(),
        Value::Object(parts) => {
            let urls = parts.get("urls").map(addresses);
            Value::Object(
                urls.map(|urls| ("urls".to_owned(), urls))
                    .into_iter()
                    .collect(),
            )
        }
        Value::Null => Value::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => HIDDEN.into(),
    }
}

fn authentication(parts: &Map<String, Value>) -> Value {
    let username = parts.get("username").map_or(Value::Null, storable);
    let both = [
        ("username".to_owned(), username),
        ("password".to_owned(), HIDDEN.into()),
    ];
    Value::Object(both.into_iter().collect())
}

/// The id alone: whoever sends keys along has mistaken the endpoint.
fn storage(parts: &Map<String, Value>) -> Value {
    let id = parts.get("id").map_or(Value::Null, storable);
    Value::Object([("id".to_owned(), id)].into_iter().collect())
}

fn header(name: &str) -> (String, Value) {
    (name.replace('\0', ""), HIDDEN.into())
}

fn cookie(value: &Value) -> Value {
    let Value::Object(parts) = value else {
        return HIDDEN.into();
    };
    let kept = parts
        .iter()
        .filter(|(name, _)| OF_COOKIE.contains(&name.as_str()));
    let mut kept: Map<_, _> = kept
        .map(|(name, value)| (name.clone(), cookie_part(name, value)))
        .collect();
    kept.insert("value".to_owned(), HIDDEN.into());
    Value::Object(kept)
}

fn cookie_part(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("url", Value::String(url)) => without_userinfo(url),
        _ => storable(value),
    }
}

fn template(banner: &Map<String, Value>) -> Value {
    let part = |(name, value): (&String, &Value)| {
        let is_long = value
            .as_str()
            .is_some_and(|text| text.len() > TEMPLATE_LIMIT);
        let value = if is_long {
            HIDDEN.into()
        } else {
            storable(value)
        };
        (name.clone(), value)
    };
    Value::Object(banner.iter().map(part).collect())
}

/// The address without its user name and password.
fn without_userinfo(text: &str) -> Value {
    let Ok(mut url) = Url::parse(text.trim()) else {
        return HIDDEN.into();
    };
    if url.username().is_empty() && url.password().is_none() {
        return storable(&text.into());
    }
    match url.set_username("").and_then(|()| url.set_password(None)) {
        Ok(()) => String::from(url).into(),
        Err(()) => HIDDEN.into(),
    }
}

/// The value without the one character that PostgreSQL can't hold in JSON.
fn storable(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) => text.replace('\0', "").into(),
        Value::Array(items) => items.iter().map(storable).collect(),
        Value::Object(parts) => {
            let parts = parts
                .iter()
                .map(|(name, value)| (name.replace('\0', ""), storable(value)));
            Value::Object(parts.collect())
        }
    }
}

/// Hides the longest values until the whole is short enough.
fn bounded(mut copy: Map<String, Value>) -> Map<String, Value> {
    let length = |(name, value): (&String, &Value)| (value.to_string().len(), name.clone());
    let mut lengths: Vec<_> = copy.iter().map(length).collect();
    lengths.sort_unstable();
    // Braces, and for every field its quotes, colon and comma.
    let mut total: usize = 2 + lengths
        .iter()
        .map(|(length, name)| length + name.len() + 4)
        .sum::<usize>();
    while total > PARAMS_LIMIT {
        let Some((length, name)) = lengths.pop() else {
            break;
        };
        copy.insert(name, HIDDEN.into());
        total -= length.saturating_sub(HIDDEN.len() + 2);
    }
    copy
}
