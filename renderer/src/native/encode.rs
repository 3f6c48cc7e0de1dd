//! Writes painted pixels as files.

use std::io::Cursor;

use common::task::layers::PictureFormat;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::tiff::TiffEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};
use ravif::{BitDepth, Img, RGB8, RGBA8};
use vello_cpu::Pixmap;
use vello_cpu::peniko::ImageAlphaType;

/// The fastest that AVIF's encoder knows: at the speeds below it takes seconds for a card.
const AVIF_SPEED: u8 = 10;

/// How fast colours are chosen for a GIF: 1 is best, 30 is fastest.
const GIF_SPEED: i32 = 10;

/// Why a picture can't be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// By the PNG, JPEG, TIFF or GIF encoder.
    #[error("the picture can't be written")]
    Picture(#[from] ImageError),
    /// By the AVIF encoder.
    #[error("the picture can't be written as AVIF")]
    Avif(#[from] ravif::Error),
    /// By the WebP encoder.
    #[error("the picture can't be written as WebP: {0:?}")]
    Webp(webp::WebPEncodingError),
}

/// Pixels, three or four bytes each.
struct Pixels {
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    see_through: bool,
}

/// Encodes a picture.
pub(super) fn encode(pixmap: Pixmap, format: PictureFormat) -> Result<Vec<u8>, EncodeError> {
    let pixels = match format {
        PictureFormat::Jpeg { .. } => on_white(&pixmap),
        PictureFormat::Gif => all_or_nothing(pixmap),
        PictureFormat::Png
        | PictureFormat::Webp { .. }
        | PictureFormat::Tiff
        | PictureFormat::Avif { .. } => plain(pixmap),
    };
    let mut file = Cursor::new(Vec::new());
    match format {
        PictureFormat::Png => {
            // To try all filters for each row takes more than half as long again, and saves a twentieth of the file.
            let (speed, filter) = (CompressionType::Fast, FilterType::Up);
            pixels.write(PngEncoder::new_with_quality(&mut file, speed, filter))?;
        }
        PictureFormat::Jpeg { quality } => {
            pixels.write(JpegEncoder::new_with_quality(
                &mut file,
                quality.clamp(1, 100),
            ))?;
        }
        PictureFormat::Tiff => pixels.write(TiffEncoder::new(&mut file))?,
        PictureFormat::Gif => {
            let mut encoder = GifEncoder::new_with_speed(&mut file, GIF_SPEED);
            encoder.encode(&pixels.bytes, pixels.width, pixels.height, pixels.color())?;
        }
        PictureFormat::Webp { quality } => return webp(&pixels, quality),
        PictureFormat::Avif { quality } => return avif(&pixels, quality),
    }
    Ok(file.into_inner())
}

impl Pixels {
    const fn color(&self) -> ExtendedColorType {
        if self.see_through {
            ExtendedColorType::Rgba8
        } else {
            ExtendedColorType::Rgb8
        }
    }

    fn write(&self, encoder: impl ImageEncoder) -> Result<(), ImageError> {
        encoder.write_image(&self.bytes, self.width, self.height, self.color())
    }
}

/// Three bytes where nothing is see-through, otherwise four, not multiplied with their alpha.
fn plain(pixmap: Pixmap) -> Pixels {
    let (width, height) = (pixmap.width().into(), pixmap.height().into());
    let (bytes, see_through) = match pixmap.try_take_rgb8(ImageAlphaType::Alpha) {
        vello_cpu::Pixels::Rgb8(bytes) => (bytes, false),
        vello_cpu::Pixels::Rgba8(bytes) => (bytes, true),
    };
    Pixels {
        bytes,
        width,
        height,
        see_through,
    }
}

/// On white: already multiplied with their alpha, the colours only lack what the white adds.
fn on_white(pixmap: &Pixmap) -> Pixels {
    let bytes = pixmap.data().iter().flat_map(|pixel| {
        let white = u8::MAX - pixel.a;
        [pixel.r, pixel.g, pixel.b].map(|channel| channel.saturating_add(white))
    });
    Pixels {
        bytes: bytes.collect(),
        width: pixmap.width().into(),
        height: pixmap.height().into(),
        see_through: false,
    }
}

/// With every pixel either seen or not.
fn all_or_nothing(pixmap: Pixmap) -> Pixels {
    let mut pixels = plain(pixmap);
    if pixels.see_through {
        for pixel in pixels.bytes.chunks_exact_mut(4) {
            if let [red, green, blue, alpha] = pixel {
                if *alpha < 128 {
                    (*red, *green, *blue, *alpha) = (0, 0, 0, 0);
                } else {
                    *alpha = u8::MAX;
                }
            }
        }
    }
    pixels
}

fn webp(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let encoder = if pixels.see_through {
        webp::Encoder::from_rgba(&pixels.bytes, pixels.width, pixels.height)
    } else {
        webp::Encoder::from_rgb(&pixels.bytes, pixels.width, pixels.height)
    };
    let lossless = quality >= 100;
    let file = encoder.encode_simple(lossless, f32::from(quality.min(100)));
    Ok(file.map_err(EncodeError::Webp)?.to_vec())
}

fn avif(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let quality = f32::from(quality.clamp(1, 100));
    let encoder = ravif::Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(AVIF_SPEED)
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    let size = |side| usize::try_from(side).unwrap_or(usize::MAX);
    let (width, height) = (size(pixels.width), size(pixels.height));
    let file = if pixels.see_through {
        let colors = pixels
            .bytes
            .chunks_exact(4)
            .filter_map(|pixel| match pixel {
                [r, g, b, a] => Some(RGBA8::new(*r, *g, *b, *a)),
                _ => None,
            });
        let colors: Vec<_> = colors.collect();
        encoder.encode_rgba(Img::new(&colors, width, height))?
    } else {
        let colors = pixels
            .bytes
            .chunks_exact(3)
            .filter_map(|pixel| match pixel {
                [r, g, b] => Some(RGB8::new(*r, *g, *b)),
                _ => None,
            });
        let colors: Vec<_> = colors.collect();
        encoder.encode_rgb(Img::new(&colors, width, height))?
    };
    Ok(file.avif_file)
}
