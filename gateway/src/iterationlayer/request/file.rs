//! Files that a request brings along or names, and fonts (reference iterationlayer 1.7 and 1.9).

use common::egress::{Policy, check_address};
use common::task::layers::{Blob, FileSource, FontFile};

use super::text::{family, italic, weight};
use crate::encoded::{DecodeError, decode};
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

/// The most bytes of one file.
const FILE_LIMIT: usize = 50_000_000;

/// The longest address of a file, in bytes.
const URL_LIMIT: usize = 8 * 1024;

/// The most fonts of one request.
const MOST_FONTS: usize = 50;

/// The two kinds of file input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Base64,
    Url,
}

const KINDS: &[(&str, Kind)] = &[("base64", Kind::Base64), ("url", Kind::Url)];

/// The caller's own fonts.
pub(super) fn fonts(fields: &Fields<'_>, policy: &Policy) -> Result<Vec<FontFile>, Invalid> {
    let fonts = fields.maybe("fonts", |field| {
        let items = field.list(MOST_FONTS)?;
        items.iter().map(|item| font(item, policy)).collect()
    })?;
    Ok(fonts.unwrap_or_default())
}

fn font(field: &Field<'_>, policy: &Policy) -> Result<FontFile, Invalid> {
    let fields = field.object()?;
    Ok(FontFile {
        name: fields.require("name", "the name that layers use", family)?,
        weight: fields.maybe("weight", weight)?.unwrap_or_default(),
        italic: fields.maybe("style", italic)?.unwrap_or(false),
        file: either(&fields, policy)?,
    })
}

/// `file`, or the older `buffer` in its place.
pub(super) fn either(fields: &Fields<'_>, policy: &Policy) -> Result<FileSource, Invalid> {
    match fields.maybe("buffer", bytes)? {
        Some(buffer) if fields.get("file").is_none() => Ok(buffer),
        _ => fields.require("file", "an object with base64 or url", |field| {
            input(field, policy)
        }),
    }
}

/// A file input; its `type` may be missing, and its `name` says nothing that its bytes don't.
fn input(field: &Field<'_>, policy: &Policy) -> Result<FileSource, Invalid> {
    let fields = field.object()?;
    let kind = fields.maybe("type", |field| field.word(KINDS))?;
    let kind = kind.unwrap_or(if fields.get("url").is_some() {
        Kind::Url
    } else {
        Kind::Base64
    });
    match kind {
        Kind::Base64 => fields.require("base64", "the standard base64 of a file", bytes),
        Kind::Url => fields.require("url", "an https address", |field| address(field, policy)),
    }
}

fn bytes(field: &Field<'_>) -> Result<FileSource, Invalid> {
    let bytes = decode(field.text()?, FILE_LIMIT).map_err(|error| match error {
        DecodeError::Empty => field.invalid("must not be empty"),
        DecodeError::Wrong => field.invalid("must be valid standard base64"),
        DecodeError::TooLarge => field
            .invalid(format!("must be a file of at most {FILE_LIMIT} bytes"))
            .too_large(),
    })?;
    Ok(FileSource::Inline(Blob(bytes.into())))
}

fn address(field: &Field<'_>, policy: &Policy) -> Result<FileSource, Invalid> {
    let url = check_address(field.line(URL_LIMIT)?, policy);
    url.map(FileSource::Url)
        .map_err(|refused| field.invalid(refused.to_string()))
}
