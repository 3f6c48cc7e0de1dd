//! Request headers for the page's own origin: an extension of ours, in no reference.

use common::task::Header;
use http::HeaderName;

use super::Invalid;
use super::fields::{Field, Fields};

/// The most headers of one request.
const MOST: usize = 50;

/// The longest value, in bytes.
const VALUE_LIMIT: usize = 4096;

/// Headers that the connection, the browser or the proxy answers for (the forbidden names of the Fetch
/// standard, those of one hop, and our own). What has an option of its own is told apart.
const FORBIDDEN: &[&str] = &[
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "connection",
    "content-length",
    "cookie2",
    "date",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The beginnings of names that are forbidden for the same reasons.
const FORBIDDEN_STARTS: &[&str] = &["proxy-", "sec-", "x-platen-"];

/// Reads `headers`: an object of names and values.
pub(super) fn read(fields: &Fields<'_>) -> Result<Vec<Header>, Invalid> {
    Ok(fields.maybe("headers", headers)?.unwrap_or_default())
}

fn headers(field: &Field<'_>) -> Result<Vec<Header>, Invalid> {
    let fields = field.object()?;
    let count = fields.entries().count();
    if count > MOST {
        return Err(field.invalid(format!("must have at most {MOST} headers, not {count}")));
    }
    let mut headers: Vec<Header> = Vec::with_capacity(count);
    for (name, field) in fields.entries() {
        let header = header(name, &field)?;
        let twice = |known: &Header| known.name.eq_ignore_ascii_case(name);
        if headers.iter().any(twice) {
            return Err(field.invalid("is there twice, in another spelling"));
        }
        headers.push(header);
    }
    Ok(headers)
}

fn header(name: &str, field: &Field<'_>) -> Result<Header, Invalid> {
    let lower = name.to_ascii_lowercase();
    if HeaderName::try_from(name).is_err() {
        return Err(field.invalid("is not the name of a header"));
    }
    if lower == "cookie" {
        return Err(field.invalid("can't be set here: use `cookies`"));
    }
    let is_forbidden = FORBIDDEN.contains(&lower.as_str())
        || FORBIDDEN_STARTS
            .iter()
            .any(|start| lower.starts_with(start));
    if is_forbidden {
        return Err(field.invalid("can't be set: the browser or the connection answers for it"));
    }
    let value = field.text()?;
    let plain = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    // The text of a value may be a secret, so it is not shown.
    if value.len() > VALUE_LIMIT || !value.bytes().all(plain) {
        return Err(field.invalid(format!(
            "must have a value of at most {VALUE_LIMIT} bytes of plain ASCII, without line breaks"
        )));
    }
    Ok(Header {
        name: name.to_owned(),
        value: value.trim().to_owned(),
    })
}
