//! The image group: how a page is photographed (reference 6.9).

use common::task::{ImageFormat, ImageOptions};

use super::Invalid;
use super::fields::{Field, Fields};

/// The formats by the names that callers use.
pub(super) const FORMATS: &[(&str, ImageFormat)] = &[
    ("png", ImageFormat::Png),
    ("jpg", ImageFormat::Jpeg),
    ("jpeg", ImageFormat::Jpeg),
    ("webp", ImageFormat::WebP),
];

/// Reads the group.
pub(super) fn read(fields: &Fields<'_>) -> Result<ImageOptions, Invalid> {
    let format = fields.maybe("imageType", |field| field.word(FORMATS))?;
    let options = ImageOptions {
        format: format.unwrap_or(ImageFormat::Png),
        quality: fields.maybe("quality", quality)?.unwrap_or(80),
        trim: fields.flag("trim")?,
        transparent: fields.flag("transparent")?,
    };
    if options.transparent && !options.format.has_alpha() {
        return Err(fields.invalid(
            "transparent",
            "can't be true with `imageType: jpg`, which has no transparency: use `png` or `webp`",
        ));
    }
    Ok(options)
}

/// How well a picture is kept, 0 to 100.
pub(super) fn quality(field: &Field<'_>) -> Result<u8, Invalid> {
    field.whole(0..=100)
}
