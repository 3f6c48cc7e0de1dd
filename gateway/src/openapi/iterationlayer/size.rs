//! Sizes of layers, and rounded corners.

use serde::Serialize;
use utoipa::ToSchema;

use super::extent::AutoExtent;

/// The size of a layer: both sides, or neither.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "width_in_px": 200, "height_in_px": 100 }))]
pub(super) struct BoxSize {
    /// In pixels.
    #[schema(exclusive_minimum = 0, maximum = 65_535)]
    width_in_px: Option<f64>,
    /// In pixels.
    #[schema(exclusive_minimum = 0, maximum = 65_535)]
    height_in_px: Option<f64>,
    /// An older name of `width_in_px`.
    #[schema(deprecated, exclusive_minimum = 0, maximum = 65_535)]
    width: Option<f64>,
    /// An older name of `height_in_px`.
    #[schema(deprecated, exclusive_minimum = 0, maximum = 65_535)]
    height: Option<f64>,
}

/// A size each side of which may be left to the content.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "width_in_px": 200, "height_in_px": "auto" }))]
pub(super) struct AutoSize {
    /// The width.
    width_in_px: Option<AutoExtent>,
    /// The height.
    height_in_px: Option<AutoExtent>,
    /// An older name of `width_in_px`.
    #[schema(deprecated)]
    width: Option<AutoExtent>,
    /// An older name of `height_in_px`.
    #[schema(deprecated)]
    height: Option<AutoExtent>,
}

/// Rounded corners: one radius for all, or one for each.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
pub(super) struct Corners {
    /// The radius of all corners, in pixels; not together with those of single corners.
    #[schema(minimum = 0, maximum = 65_535)]
    border_radius: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    border_top_left_radius: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    border_top_right_radius: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    border_bottom_right_radius: Option<f64>,
    /// In pixels.
    #[schema(minimum = 0, maximum = 65_535)]
    border_bottom_left_radius: Option<f64>,
}
