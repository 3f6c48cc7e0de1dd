//! Picture files: what they are, how large, and their pixels; refused before a bomb can go off.

mod apart;
mod avif;
mod svg;

use std::collections::HashMap;
use std::io::{self, Cursor};
use std::sync::Arc;

use bytes::Bytes;
use common::task::layers::FileSource;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, RgbaImage};

use super::{Fonts, Limits};
pub(crate) use apart::drawer;
use avif::Avif;
pub(super) use svg::{Drawing, list as list_of_faces};

/// The most bytes that a decoder may take for each pixel: 16 bits in four channels.
const BYTES_PER_PIXEL: u64 = 8;

/// What decoders may take besides their pixels.
const OVERHEAD: u64 = 64 * 1024 * 1024;

/// Why a picture can't be shown. The text follows the path of its field.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// None of the formats.
    #[error("must be a PNG, JPEG, WebP, GIF, AVIF or SVG image")]
    Format,
    /// HEIF: nothing here decodes it.
    #[error("must be a PNG, JPEG, WebP, GIF, AVIF or SVG image: HEIF can't be read")]
    Unreadable,
    /// Too many pixels.
    #[error("must be an image of at most {limit} pixels, not {width} x {height}")]
    TooLarge {
        /// The most.
        limit: u64,
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// Damaged.
    #[error("must be an image that can be decoded: {0}")]
    Broken(String),
    /// An SVG that asks for too much work.
    #[error("must be a simpler SVG image")]
    TooComplex,
    /// No fault of the picture's.
    #[error("can't be drawn now")]
    NoProcess(#[from] io::Error),
}

impl PictureError {
    /// Whether another picture would do.
    pub(super) const fn is_callers(&self) -> bool {
        match self {
            Self::Format
            | Self::Unreadable
            | Self::TooLarge { .. }
            | Self::Broken(_)
            | Self::TooComplex => true,
            Self::NoProcess(_) => false,
        }
    }
}

/// A picture file.
pub(super) enum Picture {
    /// Of pixels.
    Raster(Raster),
    /// Of pixels too, but read by another process.
    Avif(Avif),
    /// Of shapes.
    Svg(Box<Drawing>),
}

/// A picture of pixels, not yet decoded.
pub(super) struct Raster {
    bytes: Bytes,
    format: ImageFormat,
    limits: image::Limits,
    /// As it is shown, upright.
    width: u32,
    height: u32,
}

impl Picture {
    /// Reads what it is.
    pub(super) fn open(bytes: Bytes, limits: &Limits, fonts: &Fonts) -> Result<Self, PictureError> {
        if svg::is_svg(&bytes) {
            return Ok(Self::Svg(Box::new(Drawing::open(bytes, limits, fonts)?)));
        }
        if avif::is_avif(&bytes) {
            return Ok(Self::Avif(Avif::open(bytes, limits)?));
        }
        Ok(Self::Raster(Raster::open(bytes, limits.picture_pixels)?))
    }

    /// Its natural size, in pixels.
    pub(super) fn size(&self) -> (f64, f64) {
        match self {
            Self::Raster(raster) => (raster.width.into(), raster.height.into()),
            Self::Avif(avif) => avif.size(),
            Self::Svg(drawing) => drawing.size(),
        }
    }
}

/// The pictures of one painting: a file is opened once, however many layers show it.
#[derive(Default)]
pub(super) struct Pictures(HashMap<FileSource, Arc<Picture>>);

impl Pictures {
    /// The picture of a file whose bytes are known.
    pub(super) fn open(
        &mut self,
        (file, bytes): (&FileSource, Bytes),
        limits: &Limits,
        fonts: &Fonts,
    ) -> Result<Arc<Picture>, PictureError> {
        if let Some(picture) = self.0.get(file) {
            return Ok(Arc::clone(picture));
        }
        let picture = Arc::new(Picture::open(bytes, limits, fonts)?);
        self.0.insert(file.clone(), Arc::clone(&picture));
        Ok(picture)
    }
}

impl Raster {
    fn open(bytes: Bytes, limit: u64) -> Result<Self, PictureError> {
        if bytes.get(4..8) == Some(b"ftyp") {
            return Err(PictureError::Unreadable);
        }
        let format = image::guess_format(&bytes).map_err(|_| PictureError::Format)?;
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(
            limit
                .saturating_mul(BYTES_PER_PIXEL)
                .saturating_add(OVERHEAD),
        );
        let mut reader = ImageReader::with_format(Cursor::new(&bytes), format);
        reader.limits(limits.clone());
        let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > limit {
            return Err(PictureError::TooLarge {
                limit,
                width,
                height,
            });
        }
        let turned = decoder.orientation().is_ok_and(lies_on_its_side);
        let (width, height) = if turned {
            (height, width)
        } else {
            (width, height)
        };
        drop(decoder);
        Ok(Self {
            bytes,
            format,
            limits,
            width,
            height,
        })
    }

    /// Its pixels, upright, and whether one of them is see-through.
    pub(super) fn decode(&self) -> Result<(RgbaImage, bool), PictureError> {
        let mut reader = ImageReader::with_format(Cursor::new(&self.bytes), self.format);
        reader.limits(self.limits.clone());
        let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
        picture.apply_orientation(orientation);
        let see_through = picture.color().has_alpha();
        Ok((picture.into_rgba8(), see_through))
    }
}

const fn lies_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn refused(error: &image::ImageError) -> PictureError {
    if let image::ImageError::Unsupported(_) = error {
        return PictureError::Format;
    }
    PictureError::Broken(error.to_string())
}
