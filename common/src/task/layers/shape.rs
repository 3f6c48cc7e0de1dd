//! Filled shapes: one colour or a gradient, corners and slanted edges.

use serde::{Deserialize, Serialize};

use super::{Color, Degrees, Extent, Percent};

/// A box of one colour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Solid {
    /// The colour.
    pub color: Color,
    /// Rounded corners.
    pub corners: Corners,
    /// Sides that are cut off at an angle.
    pub angled_edges: Vec<AngledEdge>,
}

/// A side that is not parallel to its opposite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AngledEdge {
    /// Which side.
    pub edge: Edge,
    /// How far it is turned, clockwise; -45 to 45. It keeps the corner that lets it stay inside of
    /// the box.
    pub angle: Degrees,
}

/// A side of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Top.
    Top,
    /// Bottom.
    Bottom,
}

/// The radii of a box's corners; scaled down together when they don't fit, as CSS does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Corners {
    /// Top left.
    pub top_left: Extent,
    /// Top right.
    pub top_right: Extent,
    /// Bottom right.
    pub bottom_right: Extent,
    /// Bottom left.
    pub bottom_left: Extent,
}

impl Corners {
    /// The same on all corners.
    pub const fn all(radius: Extent) -> Self {
        Self {
            top_left: radius,
            top_right: radius,
            bottom_right: radius,
            bottom_left: radius,
        }
    }

    /// Whether no corner is rounded.
    pub fn is_sharp(&self) -> bool {
        *self == Self::default()
    }
}

/// A box of colours that flow into each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gradient {
    /// How they flow.
    pub shape: GradientShape,
    /// At least one, in any order; equal places keep their order.
    pub stops: Vec<GradientStop>,
    /// Rounded corners.
    pub corners: Corners,
}

/// How a gradient's colours flow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradientShape {
    /// Along a line through the centre that is just long enough for the outermost corners.
    Linear {
        /// 0 is from left to right, 90 downwards.
        angle: Degrees,
    },
    /// From the centre to an ellipse that touches all sides; its last colour fills the corners.
    Radial,
}

/// A colour of a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GradientStop {
    /// The colour.
    pub color: Color,
    /// How far along.
    pub at: Percent,
}
