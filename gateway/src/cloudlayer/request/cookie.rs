//! Cookies that are set before navigation (reference 6.2).

use common::task::{Cookie, SameSite};

use super::Invalid;
use super::fields::{Field, Fields};
use super::url;

/// The most cookies of one request.
const MOST: usize = 100;

/// The longest name and value together that browsers keep, in bytes.
const PAIR_LIMIT: usize = 4096;

/// Reads the list.
pub(super) fn list(field: &Field<'_>) -> Result<Vec<Cookie>, Invalid> {
    field.list(MOST)?.iter().map(cookie).collect()
}

fn cookie(field: &Field<'_>) -> Result<Cookie, Invalid> {
    let fields = field.object()?;
    let name = fields.require("name", "a string that is not empty", name)?;
    let value = fields.require("value", "a string that is not empty", value)?;
    if name.len() + value.len() > PAIR_LIMIT {
        return Err(field.invalid(format!(
            "must have at most {PAIR_LIMIT} bytes in `name` and `value` together, as browsers keep no more"
        )));
    }
    Ok(Cookie {
        name,
        value,
        url: fields.maybe("url", url::address)?.map(String::from),
        domain: fields.maybe("domain", domain)?,
        path: fields.maybe("path", path)?,
        expires: expires(&fields)?,
        http_only: fields.maybe("httpOnly", Field::boolean)?,
        secure: fields.maybe("secure", Field::boolean)?,
        same_site: fields.maybe("sameSite", |field| field.word(SAME_SITE))?,
    })
}

const SAME_SITE: &[(&str, SameSite)] = &[
    ("Strict", SameSite::Strict),
    ("Lax", SameSite::Lax),
    ("None", SameSite::None),
];

fn name(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.line(PAIR_LIMIT)?;
    if text.contains([';', '=', ',', ' ']) {
        return Err(field.unlike("a cookie's name without `;`, `=`, `,` and spaces"));
    }
    Ok(text.to_owned())
}

/// The text of a value is a secret, so it is not shown.
fn value(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.line(PAIR_LIMIT)?;
    if text.contains(';') {
        return Err(field.invalid("must not contain `;`, which ends a cookie's value"));
    }
    Ok(text.to_owned())
}

fn domain(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.line(253)?;
    if text.contains([';', '/', ' ', '@']) {
        return Err(field.unlike("a host name, such as `example.com`"));
    }
    Ok(text.to_owned())
}

fn path(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.line(1024)?;
    if !text.starts_with('/') || text.contains(';') {
        return Err(field.unlike("a path that begins with `/`"));
    }
    Ok(text.to_owned())
}

/// Unix seconds, under either name that the seed's documentation uses; -1 is a session's cookie.
fn expires(fields: &Fields<'_>) -> Result<Option<f64>, Invalid> {
    let name = if fields.get("expires").is_some() {
        "expires"
    } else {
        "expiration"
    };
    let read = |field: &Field<'_>| {
        if field.value().as_f64() == Some(-1.0) {
            return Ok(None);
        }
        // The year 9999, the last that a date header can write.
        field.number(0.0..=253_402_300_799.0).map(Some)
    };
    Ok(fields.maybe(name, read)?.flatten())
}
