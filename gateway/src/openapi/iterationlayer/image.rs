//! Image layers.

use serde::Serialize;
use utoipa::ToSchema;

use super::file::File;
use super::layer::{Placed, Shown};
use super::size::{BoxSize, Corners};

/// A picture (PNG, JPEG, WebP, GIF, AVIF or SVG), scaled to cover its box.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "image", "file": { "type": "base64", "base64": "iVBORw0KGgo=" } }))]
pub(in crate::openapi) struct ImageLayer {
    /// What it is.
    r#type: ImageLayerType,
    #[serde(flatten)]
    picture: Picture,
    /// Its size; its own where nothing is said, or the canvas's without a `position` too.
    dimensions: Option<BoxSize>,
    #[serde(flatten)]
    placed: Placed,
}

/// The words for a picture.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ImageLayerType {
    /// The word of today.
    Image,
    /// An older word.
    StaticImage,
}

/// A picture over the whole canvas; an older form of an `image` layer.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "image-overlay", "file": { "type": "base64", "base64": "iVBORw0KGgo=" } }))]
pub(in crate::openapi) struct OverlayLayer {
    /// What it is.
    r#type: OverlayType,
    #[serde(flatten)]
    picture: Picture,
    #[serde(flatten)]
    shown: Shown,
}

/// The word for a picture over the whole canvas.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OverlayType {
    /// An older word.
    ImageOverlay,
}

/// What is shown of a picture.
#[derive(Serialize, ToSchema)]
pub(super) struct Picture {
    /// The picture; needed.
    file: Option<File>,
    /// An older form of `file`: its base64.
    #[schema(deprecated, format = Byte)]
    buffer: Option<String>,
    /// Keep the busiest part where it must be cropped, instead of the middle.
    #[schema(default = false)]
    should_use_smart_cropping: Option<bool>,
    /// Keep what stands before the background alone, in at most 8 images. It needs a model: without one the answer is a 422 that
    /// tells how the operator adds it.
    #[schema(default = false)]
    should_remove_background: Option<bool>,
    #[serde(flatten)]
    corners: Corners,
}
