//! Why sources are not joined; it passes from one process to another.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};

use super::{MOST_DICTS, MOST_PAGES};

/// Why sources were not joined. The text of what is a source's fault goes on after its name.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum JoinError {
    /// Not to be read.
    #[error("is not a PDF that can be read: {0}")]
    Broken(Cow<'static, str>),
    /// Not to be read without a password.
    #[error("is encrypted: send it without password protection")]
    Encrypted,
    /// It consists of more than can be held while it is read.
    #[error("has too many parts: at most {MOST_DICTS} dictionaries of one file are joined")]
    Parts,
    /// The result would have too many pages with it.
    #[error("brings the result over {MOST_PAGES} pages, which is the most that are joined")]
    Pages,
    /// The result would be too long with it.
    #[error("brings the result over {0} bytes, which is the most that are joined")]
    Long(u64),
    /// There is no time left.
    #[error("the time was over")]
    Late,
    /// A program that is needed for it can't be run.
    #[error("a program can't be run: {0}")]
    Tool(#[serde(with = "words")] io::Error),
    /// The result, or a file on the way to it, could not be written or read.
    #[error("the result can't be kept: {0}")]
    Kept(
        #[from]
        #[serde(with = "words")]
        io::Error,
    ),
}

impl JoinError {
    /// Not to be read, and why.
    pub(super) const fn broken(why: &'static str) -> Self {
        Self::Broken(Cow::Borrowed(why))
    }
}

/// An error of the system, of which the words alone are passed on.
mod words {
    use std::io;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(error: &io::Error, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(error)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<io::Error, D::Error> {
        String::deserialize(from).map(io::Error::other)
    }
}
