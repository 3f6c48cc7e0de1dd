//! How a page is photographed.

use serde::Serialize;
use utoipa::ToSchema;

/// How a page is photographed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
pub(super) struct Image {
    /// The format; PNG where nothing is said.
    image_type: Option<ImageType>,
    /// How well a JPEG or WebP is kept, in percent.
    #[schema(minimum = 0, maximum = 100, default = 80)]
    quality: Option<u32>,
    /// Cut borders of one colour off.
    #[schema(default = false)]
    trim: Option<bool>,
    /// Keep the page's background transparent where it sets none; not with `jpg`.
    #[schema(default = false)]
    transparent: Option<bool>,
    /// An extension of Platen: take the page to its end, and not only what the window shows.
    #[schema(default = false)]
    full_page: Option<bool>,
    /// An extension of Platen: take one element, by its CSS selector; not together with `fullPage`.
    #[schema(min_length = 1, max_length = 1024, example = "#chart")]
    selector: Option<String>,
}

/// A format of pictures.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ImageType {
    /// PNG.
    Png,
    /// JPEG.
    Jpg,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
}
