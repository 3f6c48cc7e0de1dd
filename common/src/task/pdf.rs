//! How a page is printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A CSS length, kept in inches as the browser's print command wants it (96 px to the inch).
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Length(f64);

impl Length {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);

    /// From inches.
    pub const fn inches(inches: f64) -> Self {
        Self(inches)
    }

    /// From CSS pixels.
    pub fn pixels(pixels: f64) -> Self {
        Self(pixels / 96.0)
    }

    /// In inches.
    pub const fn as_inches(self) -> f64 {
        self.0
    }
}

/// Everything that the print command takes.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the print command's own switches"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PdfOptions {
    /// The sheet before it is turned.
    pub paper: Paper,
    /// Turn the sheet.
    pub landscape: bool,
    /// `@page` size in the document's CSS wins over `paper`.
    pub prefer_css_page_size: bool,
    /// White space around the content; the content area is never empty.
    pub margins: Margins,
    /// 0.1 to 2.
    pub scale: f64,
    /// Print background colours and pictures.
    pub print_background: bool,
    /// Which pages, such as `1-5, 8`; checked and normalised; empty means all.
    pub page_ranges: String,
    /// Printed at the top of every page.
    pub header: Option<Banner>,
    /// Printed at the bottom of every page.
    pub footer: Option<Banner>,
    /// A tag tree for accessibility; makes the file several times larger.
    pub tagged: bool,
    /// Bookmarks out of the headings, and the tag tree that the browser makes them of.
    #[serde(default)]
    pub outline: bool,
    /// What the file says of itself.
    #[serde(default)]
    pub metadata: Metadata,
}

/// What a PDF says of itself; what is `None` stays as the browser writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Its title; the document's own where nothing is said.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// Words to find it by.
    pub keywords: Option<String>,
}

impl Metadata {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for PdfOptions {
    /// Nothing special: US letter, upright, no margins, no backgrounds, all pages.
    fn default() -> Self {
        Self {
            paper: Paper::LETTER,
            landscape: false,
            prefer_css_page_size: false,
            margins: Margins::default(),
            scale: 1.0,
            print_background: false,
            page_ranges: String::new(),
            header: None,
            footer: None,
            tagged: false,
            outline: false,
            metadata: Metadata::default(),
        }
    }
}

/// The size of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Its width.
    pub width: Length,
    /// Its height.
    pub height: Length,
}

impl Paper {
    /// US letter, 8.5 × 11 in.
    pub const LETTER: Self = Self {
        width: Length::inches(8.5),
        height: Length::inches(11.0),
    };
}

/// White space on the four sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// Above.
    pub top: Length,
    /// On the right.
    pub right: Length,
    /// Below.
    pub bottom: Length,
    /// On the left.
    pub left: Length,
}

/// A header or a footer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Banner {
    /// Where its content comes from.
    pub source: BannerSource,
    /// Margin of its container.
    pub margin: Option<Margins>,
    /// CSS of its container; names and values are checked.
    pub style: BTreeMap<String, String>,
    /// CSS of the images in it; names and values are checked.
    pub image_style: BTreeMap<String, String>,
}

/// Where a header's or footer's content comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BannerSource {
    /// HTML that loads nothing from outside: checked, since an outside stylesheet kills the browser.
    Template(String),
    /// A CSS selector; the element is taken out of the page.
    Extract(String),
}
