//! The thumbnail of a result.

use serde::Serialize;
use utoipa::ToSchema;

use super::image::ImageType;

/// Whether a thumbnail is wanted, and how large.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Preview {
    /// True for a thumbnail of the usual size.
    Wanted(bool),
    /// How it should be.
    Size(PreviewSize),
}

/// A thumbnail: a width or a height is needed, and both where proportions are not kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "width": 300, "height": 200 }))]
pub(super) struct PreviewSize {
    /// In pixels.
    #[schema(minimum = 1, maximum = 4000)]
    width: Option<u32>,
    /// In pixels.
    #[schema(minimum = 1, maximum = 4000)]
    height: Option<u32>,
    /// Its format; WebP where nothing is said.
    r#type: Option<ImageType>,
    /// How well it is kept, in percent.
    #[schema(minimum = 0, maximum = 100)]
    quality: Option<u32>,
    /// Keep the proportions of the page.
    #[schema(default = true)]
    maintain_aspect_ratio: Option<bool>,
}
