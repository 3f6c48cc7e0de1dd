//! Image layers.

use common::egress::Policy;
use common::task::layers::{Content, Image};

use super::file;
use super::geometry::corners;
use crate::fields::Fields;
use crate::invalid::Invalid;

/// The layer.
pub(super) fn read(fields: &Fields<'_>, policy: &Policy) -> Result<Content, Invalid> {
    if fields.flag("should_remove_background")? {
        let problem = "can't be true: removing a background needs a model, which this \
                       installation does not have";
        return Err(fields
            .invalid("should_remove_background", problem)
            .unprocessable());
    }
    Ok(Content::Image(Image {
        file: file::either(fields, policy)?,
        smart_crop: fields.flag("should_use_smart_cropping")?,
        corners: corners(fields)?,
    }))
}
