//! The kinds of layers, and what all of them have.

use serde::Serialize;
use utoipa::ToSchema;

use super::code::{BarcodeLayer, QrLayer};
use super::image::{ImageLayer, OverlayLayer};
use super::layout::LayoutLayer;
use super::shape::{BackgroundLayer, GradientLayer, SolidLayer};
use super::text::TextLayer;

/// One thing on the canvas, by its `type`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::openapi) enum Layer {
    /// A box of one colour.
    Solid(SolidLayer),
    /// A box of colours that flow into each other.
    Gradient(GradientLayer),
    /// Text.
    Text(TextLayer),
    /// A picture.
    Image(ImageLayer),
    /// A QR code.
    Qr(QrLayer),
    /// A barcode.
    Barcode(BarcodeLayer),
    /// Layers in a row or a column.
    Layout(Box<LayoutLayer>),
    /// One colour over the whole canvas.
    Background(BackgroundLayer),
    /// A picture over the whole canvas.
    Overlay(OverlayLayer),
}

/// How a layer is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct Shown {
    /// What is painted later lies above; its place in the list where nothing is said. Not in a layout, whose layers keep
    /// the order of the list.
    #[schema(minimum = 0, maximum = 4_294_967_295_u64)]
    index: Option<u64>,
    /// How much of it is seen, in percent.
    #[schema(minimum = 0, maximum = 100, default = 100)]
    opacity: Option<f64>,
    /// A turn about its centre, clockwise.
    #[schema(minimum = -360, maximum = 360, default = 0)]
    rotation_in_degrees: Option<f64>,
}

/// Where a layer is and how it is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct Placed {
    /// Its top left corner; the canvas's where nothing is said. A layout places its own layers.
    position: Option<Position>,
    #[serde(flatten)]
    shown: Shown,
}

/// A place on the canvas.
#[derive(Serialize, ToSchema)]
pub(super) struct Position {
    /// Pixels from the left.
    #[schema(minimum = -65_535, maximum = 65_535, default = 0)]
    x_in_px: Option<f64>,
    /// Pixels from the top.
    #[schema(minimum = -65_535, maximum = 65_535, default = 0)]
    y_in_px: Option<f64>,
    /// An older name of `x_in_px`.
    #[schema(deprecated, minimum = -65_535, maximum = 65_535)]
    x: Option<f64>,
    /// An older name of `y_in_px`.
    #[schema(deprecated, minimum = -65_535, maximum = 65_535)]
    y: Option<f64>,
}
