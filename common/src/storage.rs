//! A customer's own bucket in an S3-compatible store: where it is, and the keys that open it.
//!
//! The keys lie sealed in their row (see [`crate::seal`]) and travel inside of sealed tasks; they are
//! never printed and never shown.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::StorageId;

/// Where a bucket is; nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The store, http or https, without credentials, query and fragment; `None` is Amazon S3 itself.
    pub endpoint: Option<Url>,
    /// The store's word for where it is; letters, digits and hyphens, as it may become part of a host.
    pub region: String,
    /// The bucket; letters, digits, dots, hyphens and underscores.
    pub bucket: String,
}

/// An access key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// Keys as a row holds them, encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKeys(pub Vec<u8>);

/// A bucket that can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// By which configuration.
    pub storage: StorageId,
    /// Where it is.
    pub place: Place,
    /// What opens it.
    pub keys: Keys,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl fmt::Debug for SealedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedKeys({} bytes)", self.0.len())
    }
}
