//! What a renderer has made and stored.

use serde::{Deserialize, Serialize};

use crate::objects::ObjectKey;

/// A finished file in the object store; never changed after it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Where it is.
    pub key: ObjectKey,
    /// Its media type, such as `application/pdf`.
    pub content_type: String,
    /// Its usual file extension, without a dot.
    pub extension: String,
    /// Bytes.
    pub size: u64,
}
