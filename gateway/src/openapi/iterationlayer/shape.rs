//! Boxes of one colour, and of colours that flow into each other.

use serde::Serialize;
use utoipa::ToSchema;

use super::layer::{Placed, Shown};
use super::size::{BoxSize, Corners};

/// A box of one colour.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "solid-color", "hex_color": "#1a1a2e" }))]
pub(in crate::openapi) struct SolidLayer {
    /// What it is.
    r#type: SolidType,
    /// Its colour: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    hex_color: String,
    /// Sides that are cut off at an angle.
    #[schema(max_items = 256)]
    angled_edges: Option<Vec<AngledEdge>>,
    /// Its size; the canvas's where nothing is said.
    dimensions: Option<BoxSize>,
    #[serde(flatten)]
    corners: Corners,
    #[serde(flatten)]
    placed: Placed,
}

/// The words for a box of one colour.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SolidType {
    /// The word of today.
    SolidColor,
    /// An older word.
    Rectangle,
}

/// A side that is cut off at an angle.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "edge": "bottom", "angle_in_degrees": 5 }))]
pub(super) struct AngledEdge {
    /// Which side.
    edge: Edge,
    /// How far it is turned, clockwise.
    #[schema(minimum = -45, maximum = 45)]
    angle_in_degrees: f64,
}

/// A side of a box.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Edge {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Top.
    Top,
    /// Bottom.
    Bottom,
}

/// One colour over the whole canvas; an older form of a `solid-color` layer.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "solid-color-background", "hex_color": "#1a1a2e" }))]
pub(in crate::openapi) struct BackgroundLayer {
    /// What it is.
    r#type: BackgroundType,
    /// Its colour: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    hex_color: String,
    /// Sides that are cut off at an angle.
    #[schema(max_items = 256)]
    angled_edges: Option<Vec<AngledEdge>>,
    #[serde(flatten)]
    corners: Corners,
    #[serde(flatten)]
    shown: Shown,
}

/// The word for one colour over the whole canvas.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BackgroundType {
    /// An older word.
    SolidColorBackground,
}

/// A box of colours that flow into each other.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "gradient",
    "gradient_type": "linear",
    "colors": [{ "hex_color": "#1a1a2e", "position": 0 }, { "hex_color": "#e94560", "position": 100 }],
    "dimensions": { "width_in_px": 600, "height_in_px": 315 },
}))]
pub(in crate::openapi) struct GradientLayer {
    /// What it is.
    r#type: GradientType,
    /// How the colours flow.
    gradient_type: Flow,
    /// The colours.
    #[schema(min_items = 1, max_items = 256)]
    colors: Vec<GradientStop>,
    /// Of a linear one: 0 is from left to right, 90 downwards.
    #[schema(minimum = -360, maximum = 360, default = 0)]
    angle_in_degrees: Option<f64>,
    /// Its size.
    dimensions: BoxSize,
    #[serde(flatten)]
    corners: Corners,
    #[serde(flatten)]
    placed: Placed,
}

/// The word for a gradient.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GradientType {
    /// The only one.
    Gradient,
}

/// How colours flow.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Flow {
    /// Along a line.
    Linear,
    /// From the centre.
    Radial,
}

/// A colour of a gradient.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "hex_color": "#1a1a2e", "position": 0 }))]
pub(super) struct GradientStop {
    /// The colour: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    hex_color: String,
    /// How far along, in percent.
    #[schema(minimum = 0, maximum = 100)]
    position: f64,
}
