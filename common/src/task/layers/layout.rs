//! Layers in a row or a column.

use serde::{Deserialize, Serialize};

use super::{Color, Corners, Extent, Layer};

/// Layers that place themselves beside or below each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Beside or below.
    pub direction: Direction,
    /// Space between two children.
    pub gap: Extent,
    /// Where the children are when there is room to spare from left to right.
    pub horizontal: Alignment,
    /// Where the children are when there is room to spare from top to bottom.
    pub vertical: Alignment,
    /// Space between the border and the children.
    pub padding: Padding,
    /// What is behind the children.
    pub background: Background,
    /// Rounded corners; everything inside is clipped to them.
    pub corners: Corners,
    /// In their order.
    pub children: Vec<Layer>,
}

/// How a layout places its children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From left to right.
    #[default]
    Horizontal,
    /// From top to bottom.
    Vertical,
}

/// Where something is in a room that is larger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alignment {
    /// At its left or top.
    #[default]
    Start,
    /// In its middle.
    Center,
    /// At its right or bottom.
    End,
}

/// Space inside of a border.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Padding {
    /// Above.
    pub top: Extent,
    /// On the right.
    pub right: Extent,
    /// Below.
    pub bottom: Extent,
    /// On the left.
    pub left: Extent,
}

impl Padding {
    /// The same on all sides.
    pub const fn all(extent: Extent) -> Self {
        Self {
            top: extent,
            right: extent,
            bottom: extent,
            left: extent,
        }
    }
}

/// What is behind a layout's children.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Background {
    /// Nothing.
    #[default]
    None,
    /// One colour.
    Color(Color),
    /// Layers whose canvas is the layout's box.
    Layers(Vec<Layer>),
}

impl Background {
    pub(super) fn layers(&self) -> &[Layer] {
        match self {
            Self::None | Self::Color(_) => &[],
            Self::Layers(layers) => layers,
        }
    }
}
