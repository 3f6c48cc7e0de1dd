//! What a PDF says of itself: an extension of ours, in no reference.

use common::task::Metadata;

use super::Invalid;
use super::fields::{Field, Fields};

/// The longest text, in bytes.
const TEXT_LIMIT: usize = 1024;

/// The most keywords.
const MOST_KEYWORDS: usize = 100;

/// Reads `metadata`.
pub(super) fn read(fields: &Fields<'_>) -> Result<Metadata, Invalid> {
    Ok(fields.maybe("metadata", metadata)?.unwrap_or_default())
}

fn metadata(field: &Field<'_>) -> Result<Metadata, Invalid> {
    let fields = field.object()?;
    for (name, field) in fields.entries() {
        if !["title", "author", "subject", "keywords"].contains(&name) {
            return Err(
                field.invalid("is not known: there are title, author, subject and keywords")
            );
        }
    }
    Ok(Metadata {
        title: fields.maybe("title", text)?,
        author: fields.maybe("author", text)?,
        subject: fields.maybe("subject", text)?,
        keywords: fields.maybe("keywords", keywords)?,
    })
}

fn text(field: &Field<'_>) -> Result<String, Invalid> {
    field.line(TEXT_LIMIT).map(str::to_owned)
}

/// One text, or a list of words.
fn keywords(field: &Field<'_>) -> Result<String, Invalid> {
    if !field.value().is_array() {
        return text(field);
    }
    let words = field.list(MOST_KEYWORDS)?;
    let words: Vec<_> = words.iter().map(text).collect::<Result<_, _>>()?;
    let joined = words.join(", ");
    if joined.is_empty() || joined.len() > TEXT_LIMIT {
        return Err(field.invalid(format!("must have 1 to {TEXT_LIMIT} bytes together")));
    }
    Ok(joined)
}
