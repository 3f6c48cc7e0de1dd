//! Work whose result goes into a customer's own bucket, under `<job>/<name>`.

use serde::{Deserialize, Serialize};

use super::Work;
use crate::id::JobId;
use crate::objects::ObjectKey;
use crate::storage::Target;

/// What a name that has nothing to show is called.
const NAMELESS: &str = "result";

/// Work, and where its result goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Own {
    /// Where its result goes.
    pub to: Destination,
    /// What is done.
    pub work: Work,
}

/// A place in a customer's bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    /// The bucket.
    pub target: Target,
    /// What the result is called, with its extension; any text.
    pub file_name: String,
    /// The `Content-Disposition` that the bucket keeps beside it; visible ASCII.
    pub disposition: String,
}

impl Destination {
    /// Where in the bucket the result lies. A job that runs twice writes the same object again, so that
    /// a crash leaves no second one in a bucket that we delete nothing from.
    pub fn key(&self, job: JobId) -> ObjectKey {
        ObjectKey::from_stored(format!("{job}/{}", plain(&self.file_name)))
    }

    /// The same of its thumbnail.
    pub fn preview_key(&self, job: JobId, extension: &str) -> ObjectKey {
        let name = plain(&self.file_name);
        let stem = name
            .rsplit_once('.')
            .map_or(name.as_str(), |(stem, _)| stem);
        ObjectKey::from_stored(format!("{job}/{stem}-preview.{extension}"))
    }
}

/// A name that every store takes as it is, in a link too: letters, digits, dots, hyphens, underscores.
fn plain(name: &str) -> String {
    let kept = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        _ => '_',
    };
    let name: String = name.chars().map(kept).collect();
    match name.strip_prefix('.') {
        Some(rest) => format!("{NAMELESS}.{rest}"),
        None if name.is_empty() => NAMELESS.to_owned(),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gives_one_plain_segment() {
        for (name, expected) in [
            ("invoice.pdf", "invoice.pdf"),
            ("a b/ü.pdf", "a_b__.pdf"),
            ("..", "result.."),
            (".pdf", "result.pdf"),
            ("", "result"),
        ] {
            assert_eq!(plain(name), expected);
        }
    }
}
