//! Layers in a row or a column.

use serde::Serialize;
use utoipa::ToSchema;

use super::layer::{Layer, Placed};
use super::size::{AutoSize, Corners};

/// Layers that place themselves beside or below each other; at most 16 layouts deep.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "layout", "layers": [{ "type": "solid-color", "hex_color": "#e94560" }] }))]
pub(in crate::openapi) struct LayoutLayer {
    /// What it is.
    r#type: LayoutType,
    /// The layers, in their order.
    #[schema(min_items = 1, no_recursion)]
    layers: Vec<Layer>,
    /// Beside or below each other; `horizontal` where nothing is said.
    direction: Option<Direction>,
    /// Space between two layers, in pixels.
    #[schema(minimum = 0, maximum = 65_535, default = 0)]
    gap: Option<f64>,
    /// Where the layers are when there is room to spare from left to right; `start` where nothing is said.
    horizontal_alignment: Option<Alignment>,
    /// Where the layers are when there is room to spare from top to bottom; `start` where nothing is said.
    vertical_alignment: Option<Alignment>,
    /// Space inside of the border on all sides, in pixels; not together with that of single sides.
    #[schema(minimum = 0, maximum = 65_535)]
    padding: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    padding_top: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    padding_right: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    padding_bottom: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    padding_left: Option<f64>,
    /// A colour behind the layers: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    background_color: Option<String>,
    /// Layers behind the layers, whose canvas is the layout; they win over a colour.
    #[schema(no_recursion)]
    background_layers: Option<Vec<Layer>>,
    /// Its size; that of its layers where nothing is said.
    dimensions: Option<AutoSize>,
    #[serde(flatten)]
    corners: Corners,
    #[serde(flatten)]
    placed: Placed,
}

/// The word for a layout.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LayoutType {
    /// The only one.
    Layout,
}

/// How a layout places its layers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Direction {
    /// From left to right.
    Horizontal,
    /// From top to bottom.
    Vertical,
}

/// Where something is in a larger room.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Alignment {
    /// At its left or top.
    Start,
    /// In its middle.
    Center,
    /// At its right or bottom.
    End,
}
