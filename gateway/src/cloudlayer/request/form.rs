//! Reads a body that is a form (reference 6.10, 6.11 and section 14, row 31): `options` (or `json`) holds JSON, a
//! template and its data are parts of their own, and any other part is an option by its name. A file is
//! given to whoever reads the form, piece by piece.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Constraints, Field, Multipart, SizeLimit, parse_boundary};
use serde_json::{Map, Value};

use super::Invalid;
use super::body::{self, KNOWN, LONG};
use crate::body::BODY_LIMIT;

/// Options that are texts, whatever they look like.
const TEXTS: &[&str] = &[
    "data",
    "filename",
    "html",
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

/// The most bytes that may come without a part, or a piece of one, being whole: the head of a part, or what is before
/// the first. The reader keeps them all.
const HELD: usize = 128 * 1024;

/// The part that is a file.
const FILE: &str = "file";

/// Whether the body is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    parse_boundary(kind).ok()
}

/// The known fields of a form without files; of a repeated one, the last.
pub(crate) async fn read(headers: &HeaderMap, bytes: Bytes) -> Result<Map<String, Value>, Invalid> {
    let body = stream::iter([Ok::<_, Infallible>(bytes)]);
    let mut form = Form::new(headers, body, (BODY_LIMIT, BODY_LIMIT));
    while form.file().await?.is_some() {}
    Ok(form.options)
}

/// A form while it is read.
pub(crate) struct Form {
    parts: Multipart<'static>,
    /// Bytes that have come since the last whole thing.
    held: Arc<AtomicUsize>,
    /// Parts so far.
    count: usize,
    /// Bytes of options so far, those with limits of their own apart.
    length: usize,
    /// Bytes that may still be kept, files apart.
    left: usize,
    options: Map<String, Value>,
}

impl Form {
    /// The form in a body of at most `limit` bytes, of which at most `kept` are no file's.
    pub(crate) fn new<S, E>(headers: &HeaderMap, body: S, (limit, kept): (usize, usize)) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        let limit = SizeLimit::new().whole_stream(u64::try_from(limit).unwrap_or(u64::MAX));
        let constraints = Constraints::new().size_limit(limit);
        let boundary = boundary(headers).unwrap_or_default();
        let held = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&held);
        let body = body.map(move |piece| {
            let piece = piece.map_err(Into::into)?;
            // One piece of any length may be in hand.
            if count.fetch_add(piece.len(), Ordering::Relaxed) > HELD {
                return Err(Box::<dyn StdError + Send + Sync>::from(format!(
                    "the head of a part, or what is before the first, is longer than {HELD} bytes"
                )));
            }
            Ok(piece)
        });
        Self {
            parts: Multipart::with_constraints(body, boundary, constraints),
            held,
            count: 0,
            length: 0,
            left: kept,
            options: Map::new(),
        }
    }

    /// Reads on to the next file, and notes the options before it; `None` at the end of the form.
    pub(crate) async fn file(&mut self) -> Result<Option<Field<'static>>, Invalid> {
        while let Some(part) = self
            .parts
            .next_field()
            .await
            .map_err(|error| broken(&error))?
        {
            self.took();
            self.count += 1;
            if self.count > MOST_PARTS {
                return Err(Invalid::body(format!(
                    "The form has more than {MOST_PARTS} parts."
                )));
            }
            let name = part.name().unwrap_or_default().to_owned();
            if name == FILE {
                return Ok(Some(part));
            }
            self.note(&name, part).await?;
        }
        Ok(None)
    }

    /// To be told whenever a piece of a file is whole.
    pub(crate) fn took(&self) {
        self.held.store(0, Ordering::Relaxed);
    }

    /// The options so far, as one text.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(&self.options).unwrap_or_default()
    }

    /// The known fields that were there; of a repeated one, the last.
    pub(crate) fn into_options(self) -> Map<String, Value> {
        self.options
    }

    async fn note(&mut self, name: &str, part: Field<'static>) -> Result<(), Invalid> {
        if matches!(name, "options" | "json") {
            let bytes = self.keep(name, part).await?;
            let options = body::read(&bytes).map_err(|invalid| within(name, invalid))?;
            self.options.extend(options);
            return Ok(());
        }
        let mut known = KNOWN.iter().chain(OWN).copied();
        let Some(known) = known.find(|known| *known == name) else {
            return Ok(());
        };
        let bytes = self.keep(known, part).await?;
        if !LONG.contains(&known) {
            self.length += bytes.len();
            body::check_options(self.length)?;
        }
        let text = str::from_utf8(&bytes).map_err(|_| Invalid::new(known, "must be UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        self.options.insert(known.to_owned(), value(known, text));
        Ok(())
    }

    /// All of a part.
    async fn keep(&mut self, name: &str, mut part: Field<'static>) -> Result<Vec<u8>, Invalid> {
        let mut bytes = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(|error| broken(&error))? {
            self.took();
            let Some(left) = self.left.checked_sub(piece.len()) else {
                return Err(Invalid::new(name, "is too long").too_large());
            };
            self.left = left;
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
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

/// The complaint about a form that can't be read on.
pub(crate) fn broken(error: &multer::Error) -> Invalid {
    if let multer::Error::StreamSizeExceeded { limit } = error {
        let message = format!("The request body is too long: at most {limit} bytes are taken.");
        return Invalid::body(message).too_large();
    }
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
