//! Image layers.

use common::task::layers::Image;

use super::geometry::corners;
use super::{Terms, file};
use crate::fields::Fields;
use crate::invalid::Invalid;

/// The field that asks for a picture's subject alone.
pub(super) const REMOVE_BACKGROUND: &str = "should_remove_background";

/// The layer's picture.
pub(super) fn read(fields: &Fields<'_>, terms: &Terms) -> Result<Image, Invalid> {
    let remove_background = fields.flag(REMOVE_BACKGROUND)?;
    if remove_background && !terms.removes_backgrounds {
        let problem = "can't be true: removing a background needs a model, which this \
                       installation does not have; its operator adds one with --model-dir at the \
                       renderers and --features models at the gateways; nothing was charged";
        return Err(fields.invalid(REMOVE_BACKGROUND, problem).unprocessable());
    }
    Ok(Image {
        file: file::either(fields, &terms.policy)?,
        smart_crop: fields.flag("should_use_smart_cropping")?,
        remove_background,
        corners: corners(fields)?,
    })
}
