//! Writes pictures.

use std::borrow::Cow;
use std::io::Cursor;

use common::task::ImageFormat;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageError, RgbImage};
use webp::{Encoder, WebPEncodingError};

/// Why a picture can't be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    /// By the PNG or JPEG encoder.
    #[error("the picture can't be written")]
    Picture(#[from] ImageError),
    /// By the WebP encoder, whose sides end at 16,383 pixels.
    #[error("the picture can't be written as WebP: {0:?}")]
    WebP(WebPEncodingError),
}

/// Writes a picture; what is see-through becomes white where the format has no alpha.
pub(super) fn encode(
    image: &DynamicImage,
    format: ImageFormat,
    quality: u8,
) -> Result<Vec<u8>, EncodeError> {
    let quality = quality.min(100);
    match format {
        ImageFormat::Png => {
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, image::ImageFormat::Png)?;
            Ok(bytes.into_inner())
        }
        ImageFormat::Jpeg => {
            let mut bytes = Vec::new();
            let encoder = JpegEncoder::new_with_quality(&mut bytes, quality.max(1));
            on_white(image).write_with_encoder(encoder)?;
            Ok(bytes)
        }
        ImageFormat::WebP => webp(image, quality),
    }
}

fn webp(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    let memory = if image.color().has_alpha() {
        let pixels: Cow<'_, _> = image
            .as_rgba8()
            .map_or_else(|| Cow::Owned(image.to_rgba8()), Cow::Borrowed);
        Encoder::from_rgba(&pixels, width, height).encode_simple(false, f32::from(quality))
    } else {
        let pixels: Cow<'_, _> = image
            .as_rgb8()
            .map_or_else(|| Cow::Owned(image.to_rgb8()), Cow::Borrowed);
        Encoder::from_rgb(&pixels, width, height).encode_simple(false, f32::from(quality))
    };
    Ok(memory.map_err(EncodeError::WebP)?.to_vec())
}

fn on_white(image: &DynamicImage) -> Cow<'_, RgbImage> {
    if let Some(image) = image.as_rgb8() {
        return Cow::Borrowed(image);
    }
    if !image.color().has_alpha() {
        return Cow::Owned(image.to_rgb8());
    }
    let image = image.to_rgba8();
    let flat = RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        let mixed = |channel: u8| {
            let (channel, alpha) = (u32::from(channel), u32::from(alpha));
            let value = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(value).unwrap_or(u8::MAX)
        };
        image::Rgb([mixed(red), mixed(green), mixed(blue)])
    });
    Cow::Owned(flat)
}
