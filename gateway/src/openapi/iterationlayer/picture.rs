//! The body of an image generation request.

use serde::Serialize;
use utoipa::ToSchema;

use super::file::Font;
use super::layer::Layer;

/// A picture made of layers.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct ImageGeneration {
    /// The size of the picture.
    dimensions: Canvas,
    /// What is painted, from the back to the front by `index`. At most 1000 layers, those inside of layouts counted.
    #[schema(min_items = 1)]
    layers: Vec<Layer>,
    /// The format of the file; PNG where nothing is said.
    output_format: Option<OutputFormat>,
    /// Fonts that layers name; they win over installed ones of the same name.
    #[schema(max_items = 50)]
    fonts: Option<Vec<Font>>,
    /// Where the result is posted, an https address; with it the answer is 201 at once.
    #[schema(
        max_length = 2048,
        format = "uri",
        example = "https://example.com/hooks/platen"
    )]
    webhook_url: Option<String>,
}

/// The size of a picture: at most 32 mebipixels.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "width_in_px": 600, "height_in_px": 315 }))]
pub(super) struct Canvas {
    /// In pixels; needed.
    #[schema(minimum = 1, maximum = 16_383)]
    width_in_px: Option<u32>,
    /// In pixels; needed.
    #[schema(minimum = 1, maximum = 16_383)]
    height_in_px: Option<u32>,
    /// An older name of `width_in_px`.
    #[schema(deprecated, minimum = 1, maximum = 16_383)]
    width: Option<u32>,
    /// An older name of `height_in_px`.
    #[schema(deprecated, minimum = 1, maximum = 16_383)]
    height: Option<u32>,
}

/// A format of pictures.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OutputFormat {
    /// PNG.
    Png,
    /// JPEG; what is transparent becomes white.
    Jpeg,
    /// The same as `jpeg`.
    Jpg,
    /// WebP.
    Webp,
    /// TIFF.
    Tiff,
    /// GIF: 256 colours.
    Gif,
    /// AVIF.
    Avif,
}
