//! The cloudlayer dialect as it is described.

mod answer;
mod banner;
mod base;
mod browser;
mod conversions;
mod deliveries;
mod files;
mod image;
mod length;
mod metadata;
mod pdf;
mod preview;
mod reads;
pub(super) mod request;
mod source;
pub(super) mod storage;
pub(super) mod template;
mod templates;
mod webhooks;

use super::operation::Operation;

pub(super) use self::answer::ErrorBody;

/// The two versions, as paths begin, with what ids of operations end in.
const VERSIONS: [(&str, &str); 2] = [("/v2", ""), ("/v1", "V1")];

/// The dialect's operations, in both versions.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    for (prefix, suffix) in VERSIONS {
        let version = Version { prefix, suffix };
        all.extend(conversions::operations(&version));
        all.extend(reads::operations(&version));
        if version.is_second() {
            all.extend(templates::operations(&version));
        }
        all.extend(storage::operations(&version));
        all.extend(webhooks::operations(&version));
    }
    all
}

/// A version of the dialect.
struct Version {
    prefix: &'static str,
    suffix: &'static str,
}

impl Version {
    /// Whether results are links where nothing is said, and not files.
    fn is_second(&self) -> bool {
        self.suffix.is_empty()
    }

    fn operation(&self, method: &'static str, path: &str, id: &str, summary: &str) -> Operation {
        let path = format!("{}{path}", self.prefix);
        Operation::new(method, path, format!("{id}{}", self.suffix), summary)
    }
}
