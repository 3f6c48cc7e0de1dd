//! The thumbnail of a result (reference 6.8).

use common::task::Preview;
use serde_json::Value;

use super::Invalid;
use super::fields::{Field, Fields};
use super::image;

/// Reads `generatePreview`: a boolean, or an object of wishes.
pub(super) fn read(fields: &Fields<'_>) -> Result<Option<Preview>, Invalid> {
    Ok(fields.maybe("generatePreview", wanted)?.flatten())
}

fn wanted(field: &Field<'_>) -> Result<Option<Preview>, Invalid> {
    match field.value() {
        Value::Bool(wanted) => Ok(wanted.then(Preview::default)),
        Value::Object(_) => preview(field).map(Some),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(field.unlike("a boolean or an object"))
        }
    }
}

fn preview(field: &Field<'_>) -> Result<Preview, Invalid> {
    let fields = field.object()?;
    let unset = Preview::default();
    let side = |name| fields.maybe(name, |field| field.whole(1..=4_000_u32));
    let format = fields.maybe("type", |field| field.word(image::FORMATS))?;
    let keep_ratio = fields.maybe("maintainAspectRatio", Field::boolean)?;
    let preview = Preview {
        width: side("width")?,
        height: side("height")?,
        format: format.unwrap_or(unset.format),
        quality: fields
            .maybe("quality", image::quality)?
            .unwrap_or(unset.quality),
        keep_ratio: keep_ratio.unwrap_or(unset.keep_ratio),
    };
    match (preview.width, preview.height) {
        (None, None) => {
            Err(field.invalid("must have a `width` or a `height` in pixels, or be true"))
        }
        (None, Some(_)) | (Some(_), None) if !preview.keep_ratio => Err(field
            .invalid("must have both `width` and `height` when `maintainAspectRatio` is false")),
        (_, _) => Ok(preview),
    }
}
