//! How a page is printed.

use serde::Serialize;
use utoipa::ToSchema;

use super::banner::Banner;
use super::length::{Length, Side};
use super::metadata::Metadata;

/// How a page is printed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pdf {
    /// The sheet; it wins over `width` and `height`.
    format: Option<Format>,
    /// The width of the sheet; letter's where nothing is said.
    width: Option<Side>,
    /// The height of the sheet; letter's where nothing is said.
    height: Option<Side>,
    /// The margins; about 1 cm where nothing is said, and none of a template.
    margin: Option<Margin>,
    /// Turn the sheet on its side.
    #[schema(default = false)]
    landscape: Option<bool>,
    /// Let the size that the page's own CSS names win.
    #[serde(rename = "preferCSSPageSize")]
    #[schema(default = false)]
    prefer_css_page_size: Option<bool>,
    /// The size of what is printed.
    #[schema(minimum = 0.1, maximum = 2, default = 1)]
    scale: Option<f64>,
    /// Print backgrounds.
    #[schema(default = false)]
    print_background: Option<bool>,
    /// The pages to keep, such as `1-5, 8, 11-13`; all where it is empty.
    #[schema(example = "1-5, 8, 11-13")]
    page_ranges: Option<String>,
    /// What stands at the top of every page.
    header_template: Option<Banner>,
    /// What stands at the bottom of every page.
    footer_template: Option<Banner>,
    /// An extension of Platen: a tagged PDF, whose structure screen readers can follow.
    #[schema(default = false)]
    tagged: Option<bool>,
    /// An extension of Platen: the page's headings as the PDF's outline.
    #[schema(default = false)]
    outline: Option<bool>,
    /// An extension of Platen: what the PDF says of itself.
    metadata: Option<Metadata>,
}

/// The size of a sheet.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// 8.5 × 11 in.
    Letter,
    /// 8.5 × 14 in.
    Legal,
    /// 11 × 17 in.
    Tabloid,
    /// 17 × 11 in.
    Ledger,
    /// 33.1 × 46.8 in.
    A0,
    /// 23.4 × 33.1 in.
    A1,
    /// 16.5 × 23.4 in.
    A2,
    /// 11.7 × 16.5 in.
    A3,
    /// 8.27 × 11.7 in.
    A4,
    /// 5.83 × 8.27 in.
    A5,
    /// 4.13 × 5.83 in.
    A6,
}

/// Four margins; a side that is not named keeps its default.
#[derive(Serialize, ToSchema)]
pub(super) struct Margin {
    /// Above.
    top: Option<Length>,
    /// On the right.
    right: Option<Length>,
    /// Below.
    bottom: Option<Length>,
    /// On the left.
    left: Option<Length>,
}
