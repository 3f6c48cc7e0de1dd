//! The URL group: which pages are opened, and with what credentials (reference 6.2).

use ::url::{ParseError, Url};
use common::task::{Address, Basic, Cookie, MOST_SOURCES};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::cookie;
use super::fields::{Field, Fields};
use super::{Conversion, Invalid};

/// The longest address, in bytes.
const URL_LIMIT: usize = 8 * 1024;

/// The longest user name or password, in bytes.
const CREDENTIAL_LIMIT: usize = 1024;

/// What is opened.
pub(super) struct Target {
    /// http or https, without credentials.
    pub(super) url: Url,
    /// From `authentication`, else from the address.
    pub(super) basic: Option<Basic>,
    /// Set before navigation.
    pub(super) cookies: Vec<Cookie>,
    /// The pages after the first, if it is a batch.
    pub(super) more: Option<Vec<Address>>,
}

/// Reads the group.
pub(super) fn read(fields: &Fields<'_>, kind: Conversion) -> Result<Target, Invalid> {
    if fields.get("html").is_some() {
        return Err(fields.invalid(
            "html",
            format!("can't be sent to {kind}, which takes `url`: leave it out, or post it to the html endpoint"),
        ));
    }
    if fields.get("batch").is_some() && kind == Conversion::UrlImage {
        return Err(fields.invalid(
            "batch",
            "can't be sent to url-image, since its results are joined into a PDF: send one request \
             with `url` for each address",
        ));
    }
    if fields.get("batch").is_some() && fields.flag("tagged")? {
        return Err(fields.invalid(
            "tagged",
            "has no effect with `batch`, since tags are not kept where pages are joined: leave it out",
        ));
    }
    let named = named(fields, "a page")?;
    let authentication = fields.maybe("authentication", authentication)?;
    let mut addresses = Vec::with_capacity(named.len());
    for field in &named {
        let mut url = address(field)?;
        let inside = take_userinfo(field, &mut url)?;
        let basic = authentication.clone().or(inside);
        addresses.push(Address { url, basic });
    }
    let more = addresses.split_off(1.min(addresses.len()));
    let first = addresses.pop().ok_or_else(|| missing(fields, "a page"))?;
    Ok(Target {
        url: first.url,
        basic: first.basic,
        cookies: fields.maybe("cookies", cookie::list)?.unwrap_or_default(),
        more: fields.get("batch").map(|_| more),
    })
}

/// The addresses of `what`, at least one: of `url`, or of `batch` in either of its spellings.
pub(super) fn named<'a>(fields: &Fields<'a>, what: &str) -> Result<Vec<Field<'a>>, Invalid> {
    let Some(batch) = fields.get("batch") else {
        let url = fields.get("url").ok_or_else(|| missing(fields, what))?;
        return Ok(vec![url]);
    };
    if fields.get("url").is_some() {
        return Err(batch.invalid("can't be sent together with `url`: send one of them"));
    }
    let expected = "a list of 1 to 20 absolute addresses";
    let urls = match batch.value() {
        Value::Array(_) => batch.list(MOST_SOURCES)?,
        Value::Object(_) => batch.object()?.require("urls", expected, |field| {
            let urls = field.list(MOST_SOURCES)?;
            if urls.is_empty() {
                return Err(field.invalid("must have at least one address"));
            }
            Ok(urls)
        })?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(batch.unlike("an object with a list `urls`"));
        }
    };
    if urls.is_empty() {
        return Err(batch.invalid("must have at least one address"));
    }
    Ok(urls)
}

fn missing(fields: &Fields<'_>, what: &str) -> Invalid {
    let example = "such as `https://example.com/page`";
    fields.invalid(
        "url",
        format!("is missing; it must be the absolute address of {what}, {example}"),
    )
}

/// An absolute http or https address.
pub(super) fn address(field: &Field<'_>) -> Result<Url, Invalid> {
    let text = field.text()?.trim();
    if text.len() > URL_LIMIT {
        return Err(field.invalid(format!("must be at most {URL_LIMIT} bytes long")));
    }
    let url = Url::parse(text).map_err(|error| {
        if error == ParseError::RelativeUrlWithoutBase {
            return field.unlike("an absolute address that begins with https:// or http://");
        }
        field.invalid(format!(
            "must be an absolute http or https address; this one can't be read: {error}"
        ))
    })?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(field.invalid(format!(
            "must begin with https:// or http://; the scheme `{scheme}` is not allowed"
        ))),
    }
}

/// Moves credentials out of the address, where a browser would show and log them.
pub(super) fn take_userinfo(field: &Field<'_>, url: &mut Url) -> Result<Option<Basic>, Invalid> {
    let (username, password) = (url.username(), url.password());
    if username.is_empty() && password.is_none() {
        return Ok(None);
    }
    let plain = |part: &str| {
        let text = percent_decode_str(part).decode_utf8().ok()?;
        Some(text.into_owned()).filter(|text| !text.chars().any(char::is_control))
    };
    let basic = plain(username)
        .filter(|username| !username.contains(':'))
        .zip(plain(password.unwrap_or_default()))
        .map(|(username, password)| Basic { username, password });
    let basic = basic.ok_or_else(|| {
        field
            .invalid("has a user name or password that can't be sent: use `authentication` instead")
    })?;
    // An http address has a host, so neither can be refused.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    cleared.map_err(|()| field.invalid("has credentials that can't be taken out of it"))?;
    Ok(Some(basic))
}

pub(super) fn authentication(field: &Field<'_>) -> Result<Basic, Invalid> {
    let fields = field.object()?;
    let part = |name| {
        fields.require(name, "a string that is not empty", |field| {
            field.line(CREDENTIAL_LIMIT).map(str::to_owned)
        })
    };
    let (username, password) = (part("username")?, part("password")?);
    if username.contains(':') {
        return Err(fields.invalid(
            "username",
            "must not contain `:`, which ends it in HTTP Basic",
        ));
    }
    Ok(Basic { username, password })
}
