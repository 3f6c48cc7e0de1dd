//! Where the bytes of a picture or a font are until a renderer needs them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::objects::ObjectKey;

/// The bytes of a file, or where they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileSource {
    /// The bytes themselves; a task as a whole holds at most [`crate::task::INLINE_LIMIT`] of them.
    Inline(Blob),
    /// The object that holds them.
    Stored(ObjectKey),
    /// Fetched by the renderer, through the guard that every outgoing request passes.
    Url(Url),
}

/// Bytes that are base64 in JSON and never printed.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Blob(pub Bytes);

impl TryFrom<String> for Blob {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self(STANDARD.decode(text)?.into()))
    }
}

impl From<Blob> for String {
    fn from(blob: Blob) -> Self {
        STANDARD.encode(&blob.0)
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
