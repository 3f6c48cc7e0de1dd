//! What a renderer is asked to do, already right: a gateway parses a dialect's JSON into [`Work`],
//! so an engine checks nothing again.
//!
//! Work holds passwords, cookies and documents. It travels sealed (see [`crate::seal`]) and is
//! erased when its job is settled.

pub mod file;
pub mod image;
pub mod join;
pub mod layers;
pub mod own;
pub mod page;
pub mod pdf;
pub mod reader;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::job::Lane;
use crate::objects::ObjectKey;
use crate::storage::Target;

pub use file::{FileConversion, FileInput, FileWork};
pub use image::{Area, ImageFormat, ImageOptions, Preview};
pub use join::{Address, Batch, MOST_SOURCES, Merge, PdfSource};
pub use layers::Canvas;
pub use own::{Destination, Own};
pub use page::{
    Basic, Cookie, FailOn, FrameWait, Header, Media, PageOptions, SameSite, SelectorState,
    SelectorWait, Viewport, WaitUntil,
};
pub use pdf::{Banner, BannerSource, Length, Margins, Metadata, Paper, PdfOptions};
pub use reader::{ColorScheme, Geolocation, Reader};

/// The most bytes of a document that travel inside a task; a longer one is put into the object store.
pub const INLINE_LIMIT: usize = 64 * 1024;

/// The most bytes of a whole serialised task, its inline document apart.
pub const OPTIONS_LIMIT: usize = 64 * 1024;

/// The longest that any task may take.
pub const LONGEST_TIMEOUT: Duration = Duration::from_mins(5);

/// The longest that a renderer has a job in hand, with the ways of its files, its turn in the queue and
/// the storing of its result, each tried again while something is away.
pub const LONGEST_IN_HAND: Duration = Duration::from_mins(20);

/// The longest that a picture may take, its files' way included.
pub const CANVAS_TIMEOUT: Duration = Duration::from_mins(2);

/// The longest that trying a customer's bucket may take.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(15);

/// The longest that a result is on its way into a customer's own bucket, each try included.
pub const HAND_OVER_TIMEOUT: Duration = Duration::from_mins(1);

/// What one job is to do; each kind has its engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Show a page and make a file of it.
    Page(Box<Task>),
    /// Paint a picture from layers.
    Canvas(CanvasWork),
    /// Convert a file.
    File(FileWork),
    /// Show several pages and make one PDF of them.
    Batch(Box<Batch>),
    /// Make one PDF of several.
    Merge(Merge),
    /// Do other work, and put its result into a customer's own bucket.
    Own(Box<Own>),
    /// See whether a customer's bucket takes results.
    Check(Box<Target>),
}

impl Work {
    /// The lane whose workers can do this.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Page(_) | Self::Batch(_) => Lane::Browser,
            Self::Canvas(_) | Self::Merge(_) | Self::Check(_) => Lane::Native,
            Self::File(_) => Lane::Office,
            Self::Own(own) => own.work.lane(),
        }
    }

    /// The object that was stored before the work was accepted; its key names the job that is to come.
    pub const fn uploaded(&self) -> Option<&ObjectKey> {
        match self {
            Self::File(FileWork {
                file: FileInput::Sent(key),
                ..
            }) => Some(key),
            Self::Own(own) => own.work.uploaded(),
            Self::Page(_)
            | Self::Canvas(_)
            | Self::File(_)
            | Self::Batch(_)
            | Self::Merge(_)
            | Self::Check(_) => None,
        }
    }

    /// How many sources it joins; `None` for work that joins nothing.
    pub fn joined(&self) -> Option<usize> {
        match self {
            Self::Page(_) | Self::Canvas(_) | Self::File(_) | Self::Check(_) => None,
            Self::Batch(batch) => Some(batch.count()),
            Self::Merge(merge) => Some(merge.sources.len()),
            Self::Own(own) => own.work.joined(),
        }
    }
}

/// The most bytes of a stored description: it holds the files that are short, of which there may be many,
/// so that more than the longest body fits.
pub const DESCRIPTION_LIMIT: u64 = 96 * 1024 * 1024;

/// A picture to paint, in the work while its description is short, in the object store when it is long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanvasWork {
    /// The description; its inline files have at most [`INLINE_LIMIT`] bytes together.
    Inline(Box<Canvas>),
    /// The object that holds the description as JSON.
    Stored(ObjectKey),
}

/// One conversion of a page: a source, how to show it, and what to make of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What is shown.
    pub source: Source,
    /// How the page is loaded and when it counts as ready.
    pub page: PageOptions,
    /// What is made of it.
    pub output: Output,
    /// A thumbnail of the first page or of the image, if wanted.
    pub preview: Option<Preview>,
    /// The longest time that rendering may take, counted from its start; 1 s to 300 s.
    pub timeout: Duration,
}

/// Where the page comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A page on the network; the scheme is http or https.
    Url(Url),
    /// A document that the caller sent.
    Html(Document),
}

/// A document, in the task while it is short, in the object store when it is long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// The text itself, at most [`INLINE_LIMIT`] bytes.
    Inline(String),
    /// The object that holds the text (UTF-8).
    Stored(ObjectKey),
}

/// What is made of a page.
#[expect(
    clippy::large_enum_variant,
    reason = "a task is built once and moved a few times"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// A PDF.
    Pdf(PdfOptions),
    /// A picture of the page, or of a part of it.
    Image(ImageOptions),
}

#[cfg(test)]
mod tests;
