//! The image group: how a page is photographed (reference 6.9).

use common::task::{Area, ImageFormat, ImageOptions};

use super::fields::{Field, Fields};
use super::{Invalid, page};

/// The formats by the names that callers use.
pub(super) const FORMATS: &[(&str, ImageFormat)] = &[
    ("png", ImageFormat::Png),
    ("jpg", ImageFormat::Jpeg),
    ("jpeg", ImageFormat::Jpeg),
    ("webp", ImageFormat::WebP),
];

/// Reads the group. `fullPage` and `selector` are Platen's own.
pub(super) fn read(fields: &Fields<'_>) -> Result<ImageOptions, Invalid> {
    let format = fields.maybe("imageType", |field| field.word(FORMATS))?;
    let options = ImageOptions {
        format: format.unwrap_or(ImageFormat::Png),
        quality: fields.maybe("quality", quality)?.unwrap_or(80),
        trim: fields.flag("trim")?,
        transparent: fields.flag("transparent")?,
        area: area(fields)?,
    };
    if options.transparent && !options.format.has_alpha() {
        return Err(fields.invalid(
            "transparent",
            "can't be true with `imageType: jpg`, which has no transparency: use `png` or `webp`",
        ));
    }
    Ok(options)
}

fn area(fields: &Fields<'_>) -> Result<Area, Invalid> {
    let selector = fields.maybe("selector", page::selector)?;
    match (selector, fields.flag("fullPage")?) {
        (None, false) => Ok(Area::Window),
        (None, true) => Ok(Area::Page),
        (Some(selector), false) => Ok(Area::Element(selector)),
        (Some(_), true) => Err(fields.invalid(
            "selector",
            "can't be sent together with `fullPage`: send one",
        )),
    }
}

/// How well a picture is kept, 0 to 100.
pub(super) fn quality(field: &Field<'_>) -> Result<u8, Invalid> {
    field.whole(0..=100)
}
