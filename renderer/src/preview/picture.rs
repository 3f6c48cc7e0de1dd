//! Pictures: read within limits, and made smaller.

use std::io::Cursor;

use common::task::Preview;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};

use super::size::fitted;

/// The most pixels of a picture.
const PIXEL_LIMIT: u64 = 100_000_000;

/// The most bytes that a decoder may ask for.
const MEMORY_LIMIT: u64 = 512 * 1024 * 1024;

/// Why a picture can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    /// It has too many pixels.
    #[error("the picture is larger than {PIXEL_LIMIT} pixels")]
    TooLarge,
    /// It is broken, or not what it is said to be.
    #[error("the picture can't be read")]
    Unreadable(#[from] ImageError),
}

/// Reads a picture of this format.
pub(crate) fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, DecodeError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_LIMIT);
    reader.limits(limits);
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXEL_LIMIT {
        return Err(DecodeError::TooLarge);
    }
    Ok(DynamicImage::from_decoder(decoder)?)
}

/// Reads a picture and gives it the size that a preview wants.
pub(super) fn resized(
    bytes: &[u8],
    format: ImageFormat,
    preview: &Preview,
) -> Result<DynamicImage, DecodeError> {
    let image = decode(bytes, format)?;
    let (width, height) = (image.width(), image.height());
    let (wide, high) = fitted(f64::from(width), f64::from(height), preview);
    if image.color().has_alpha() {
        let mut image = image.into_rgba8();
        multiply(&mut image);
        let mut image = smaller(image, wide, high);
        divide(&mut image);
        return Ok(DynamicImage::ImageRgba8(image));
    }
    Ok(DynamicImage::ImageRgb8(smaller(
        image.into_rgb8(),
        wide,
        high,
    )))
}

/// A large picture is first averaged to twice the size, since the good filter is slow on it.
fn smaller<P>(
    image: image::ImageBuffer<P, Vec<u8>>,
    wide: u32,
    high: u32,
) -> image::ImageBuffer<P, Vec<u8>>
where
    P: image::Pixel<Subpixel = u8> + 'static,
{
    let (width, height) = image.dimensions();
    if width > wide.saturating_mul(3) && height > high.saturating_mul(3) {
        let coarse = imageops::thumbnail(&image, wide * 2, high * 2);
        drop(image);
        return imageops::resize(&coarse, wide, high, FilterType::Lanczos3);
    }
    imageops::resize(&image, wide, high, FilterType::Lanczos3)
}

/// Filters mix colours; a see-through pixel's must weigh nothing in it.
fn multiply(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        let weighed = |channel: u8| narrow((u32::from(channel) * u32::from(alpha) + 127) / 255);
        pixel.0 = [weighed(red), weighed(green), weighed(blue), alpha];
    }
}

fn divide(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        if alpha == 0 {
            pixel.0 = [0; 4];
            continue;
        }
        let weight = u32::from(alpha);
        let weighed = |channel: u8| narrow((u32::from(channel) * 255 + weight / 2) / weight);
        pixel.0 = [weighed(red), weighed(green), weighed(blue), alpha];
    }
}

fn narrow(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}
