//! PDFs that are joined in order: of pages that are printed one after the other, or of files.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Basic, Source, Task};
use crate::objects::ObjectKey;

/// The most sources of one job (reference cloudlayer 6.2).
pub const MOST_SOURCES: usize = 20;

/// Several pages, each printed as the first is, and joined in order into one PDF.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The first page, and how all of them are shown and printed. Its timeout is that of the whole job.
    pub first: Task,
    /// The pages after it, at most [`MOST_SOURCES`] with it.
    pub more: Vec<Address>,
}

/// A page's address, with what it asks a visitor for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// http or https, without credentials.
    pub url: Url,
    /// Sent to the page's own origin only.
    pub basic: Option<Basic>,
}

impl Batch {
    /// How many pages there are; at least one.
    pub fn count(&self) -> usize {
        1 + self.more.len()
    }

    /// Each page as a task of its own, in order.
    pub fn tasks(&self) -> impl Iterator<Item = Task> {
        let more = self.more.iter().map(|address| {
            let mut task = self.first.clone();
            task.source = Source::Url(address.url.clone());
            task.page.basic.clone_from(&address.basic);
            task
        });
        std::iter::once(self.first.clone()).chain(more)
    }
}

/// PDF files, joined in order into one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Where they are; 1 to [`MOST_SOURCES`].
    pub sources: Vec<PdfSource>,
    /// The longest that all of it may take, fetching included.
    pub timeout: Duration,
}

/// Where a PDF file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PdfSource {
    /// On the network; checked by [`crate::egress::check_address`].
    Url {
        /// Where, and whom it lets in.
        address: Address,
        /// The `Cookie` header, if the caller gave cookies for this address.
        cookie: Option<String>,
    },
    /// In the object store: a result of this installation, named by its signed link.
    Stored {
        /// The object.
        key: ObjectKey,
        /// Its link without what makes that work, for messages ([`shown_link`]).
        name: String,
    },
}

impl PdfSource {
    /// Host and path, as messages show them; of a link of ours no more than what it opens.
    pub fn name(&self) -> String {
        match self {
            Self::Url { address, .. } => shown(&address.url),
            Self::Stored { name, .. } => name.clone(),
        }
    }
}

/// Host and path of an address, cut where they are long; its query may hold secrets, and is left out.
pub fn shown(url: &Url) -> String {
    short(url, url.path())
}

/// A link of ours, as messages show it: host and asset, without its signature, which is in its path and good for whoever
/// reads it.
pub fn shown_link(url: &Url) -> String {
    let opened = url.path().rsplit_once("/assets/");
    let asset = opened.and_then(|(_, opened)| opened.split('/').next());
    short(url, &format!("/assets/{}", asset.unwrap_or_default()))
}

fn short(url: &Url, path: &str) -> String {
    const LONGEST: usize = 120;
    let port = url.port().map(|port| format!(":{port}"));
    let whole = [
        url.host_str().unwrap_or_default(),
        port.as_deref().unwrap_or_default(),
        path,
    ]
    .concat();
    if whole.chars().count() <= LONGEST {
        return whole;
    }
    whole.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{Output, PageOptions, PdfOptions};

    #[test]
    fn every_page_of_a_batch_has_its_own_address_and_credentials() {
        let url = |text: &str| Url::parse(text).unwrap();
        let basic = |name: &str| Basic {
            username: name.to_owned(),
            password: "p".to_owned(),
        };
        let batch = Batch {
            first: Task {
                source: Source::Url(url("https://a.test/")),
                page: PageOptions {
                    basic: Some(basic("a")),
                    ..PageOptions::default()
                },
                output: Output::Pdf(PdfOptions::default()),
                preview: None,
                timeout: Duration::from_secs(9),
            },
            more: vec![
                Address {
                    url: url("https://b.test/"),
                    basic: None,
                },
                Address {
                    url: url("https://c.test/"),
                    basic: Some(basic("c")),
                },
            ],
        };
        let tasks: Vec<Task> = batch.tasks().collect();
        let seen: Vec<_> = tasks
            .iter()
            .map(|task| {
                (
                    &task.source,
                    task.page.basic.as_ref().map(|b| b.username.as_str()),
                )
            })
            .collect();
        let page = |text| Source::Url(url(text));
        let (a, b, c) = (
            page("https://a.test/"),
            page("https://b.test/"),
            page("https://c.test/"),
        );
        assert_eq!(seen, [(&a, Some("a")), (&b, None), (&c, Some("c"))]);
        assert_eq!(batch.count(), 3);
    }

    #[test]
    fn an_address_is_shown_without_its_secrets_and_never_long() {
        let url = Url::parse("https://u:p@a.test:8443/b/c.pdf?token=secret#d").unwrap();
        assert_eq!(shown(&url), "a.test:8443/b/c.pdf");
        let long = Url::parse(&format!("https://a.test/{}", "x".repeat(500))).unwrap();
        assert_eq!(shown(&long).chars().count(), 121);
    }

    #[test]
    fn a_link_of_ours_is_shown_without_its_signature() {
        for base in ["https://a.test:8443", "https://a.test:8443/assets/x"] {
            let url = format!("{base}/assets/0190/r1700000000/c2lnbmF0dXJl/a.pdf?b#c");
            let url = Url::parse(&url).unwrap();
            assert_eq!(shown_link(&url), "a.test:8443/assets/0190");
        }
    }
}
