//! AVIF pictures. What decodes AV1 goes through functions that C could call, in which a panic ends the process; so it
//! is a process of its own that decodes (see [`apart`]).

use avif_parse::{AvifData, read_avif};
use bytes::Bytes;
use image::RgbaImage;
use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings};
use yuv::{YuvGrayImage, YuvPlanarImage, YuvRange, YuvStandardMatrix};

use super::PictureError;
use super::apart::{self, Handed};
use crate::native::Limits;
use crate::native::number::pixels;

/// An AVIF, not yet decoded.
pub(in crate::native) struct Avif {
    bytes: Bytes,
    limits: Limits,
    size: (f64, f64),
}

/// Whether it is one: a box that tells the type of file, and names this one.
pub(super) fn is_avif(bytes: &[u8]) -> bool {
    let head = bytes.get(..64.min(bytes.len())).unwrap_or_default();
    let length = bytes.first_chunk().map_or(0, |it| u32::from_be_bytes(*it));
    let length = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .min(head.len());
    let brands = head.get(8..length).unwrap_or_default();
    let names_it = |brand: &[u8]| matches!(brand, b"avif" | b"avis");
    head.get(4..8) == Some(b"ftyp") && brands.chunks_exact(4).any(names_it)
}

impl Avif {
    pub(super) fn open(bytes: Bytes, limits: &Limits) -> Result<Self, PictureError> {
        let mut avif = Self {
            bytes,
            limits: limits.clone(),
            size: (0.0, 0.0),
        };
        avif.size = apart::measure_avif(avif.handed())?;
        Ok(avif)
    }

    fn handed(&self) -> Handed<'_> {
        Handed {
            faces: &[],
            bytes: &self.bytes,
            limits: &self.limits,
        }
    }

    /// Its size in pixels.
    pub(super) const fn size(&self) -> (f64, f64) {
        self.size
    }

    /// Its pixels, and whether one of them may be see-through.
    pub(in crate::native) fn decode(&self) -> Result<(RgbaImage, bool), PictureError> {
        let (width, height) = (pixels(self.size.0), pixels(self.size.1));
        let (rgba, see_through) = apart::decode_avif(self.handed(), (width, height))?;
        let picture = RgbaImage::from_raw(width, height, rgba);
        let picture = picture.ok_or_else(|| broken("it has another size than it says"))?;
        Ok((picture, see_through))
    }
}

/// The size that its head tells, in pixels.
pub(super) fn size(bytes: &[u8], limit: u64) -> Result<(u32, u32), PictureError> {
    measured(&parsed(bytes)?, limit)
}

/// Its pixels, four bytes each, and whether one of them may be see-through.
pub(super) fn decode(bytes: &[u8], limit: u64) -> Result<(Vec<u8>, bool), PictureError> {
    let data = parsed(bytes)?;
    let (width, height) = measured(&data, limit)?;
    let frame = |item: &[u8]| Frame::decode(item.to_vec(), limit, (width, height));
    let mut rgba = frame(&data.primary_item)?.rgba()?;
    let Some(alpha) = &data.alpha_item else {
        return Ok((rgba, false));
    };
    let alpha = frame(alpha)?.gray()?;
    for (pixel, share) in rgba.chunks_exact_mut(4).zip(alpha) {
        if let [color @ .., alpha] = pixel {
            *alpha = share;
            if data.premultiplied_alpha && share > 0 {
                for channel in color {
                    let plain = u16::from(*channel) * 255 / u16::from(share);
                    *channel = u8::try_from(plain).unwrap_or(u8::MAX);
                }
            }
        }
    }
    Ok((rgba, true))
}

fn parsed(mut bytes: &[u8]) -> Result<AvifData, PictureError> {
    read_avif(&mut bytes).map_err(|error| broken(&error.to_string()))
}

fn measured(data: &AvifData, limit: u64) -> Result<(u32, u32), PictureError> {
    let told = data.primary_item_metadata();
    let told = told.map_err(|error| broken(&error.to_string()))?;
    let (width, height) = (told.max_frame_width.get(), told.max_frame_height.get());
    if u64::from(width) * u64::from(height) > limit {
        return Err(PictureError::TooLarge {
            limit,
            width,
            height,
        });
    }
    Ok((width, height))
}

/// One decoded picture of luma and colours.
struct Frame(Picture);

impl Frame {
    /// Decodes the first picture, which must have this size.
    fn decode(item: Vec<u8>, limit: u64, size: (u32, u32)) -> Result<Self, PictureError> {
        let failed = |error: re_rav1d::dav1d::Error| broken(&error.to_string());
        let mut settings = Settings::new();
        settings.set_n_threads(1);
        settings.set_frame_size_limit(u32::try_from(limit).unwrap_or(u32::MAX));
        let mut decoder = Decoder::with_settings(&settings).map_err(failed)?;
        decoder.send_data(item, None, None, None).map_err(failed)?;
        let picture = decoder.get_picture().map_err(failed)?;
        if (picture.width(), picture.height()) != size {
            return Err(broken("it has another size than it says"));
        }
        Ok(Self(picture))
    }

    /// A plane of `width` by `height` values, in eight bits.
    fn plane(&self, which: PlanarImageComponent, (width, height): (u32, u32)) -> Vec<u8> {
        let plane = self.0.plane(which);
        let whole = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let rows = plane.chunks(whole(self.0.stride(which)).max(1));
        let rows = rows.take(whole(height));
        let bits = self.0.bits_per_component().map_or(8, |bits| bits.0);
        if bits == 8 {
            return rows
                .flat_map(|row| row.iter().take(whole(width)).copied())
                .collect();
        }
        let eight = |pair: &[u8]| match pair {
            [low, high] => {
                let value = u16::from_ne_bytes([*low, *high]) >> (bits - 8);
                u8::try_from(value).unwrap_or(u8::MAX)
            }
            _ => 0,
        };
        rows.flat_map(|row| row.chunks_exact(2).take(whole(width)).map(eight))
            .collect()
    }

    fn range(&self) -> YuvRange {
        match self.0.color_range() {
            YUVRange::Limited => YuvRange::Limited,
            YUVRange::Full => YuvRange::Full,
        }
    }

    /// Its luma alone, of the full range.
    fn gray(&self) -> Result<Vec<u8>, PictureError> {
        let rgba = self.luma_to_rgba(&self.plane(PlanarImageComponent::Y, self.size()))?;
        Ok(rgba.into_iter().step_by(4).collect())
    }

    fn size(&self) -> (u32, u32) {
        (self.0.width(), self.0.height())
    }

    fn luma_to_rgba(&self, luma: &[u8]) -> Result<Vec<u8>, PictureError> {
        let (width, height) = self.size();
        let gray = YuvGrayImage {
            y_plane: luma,
            y_stride: width,
            width,
            height,
        };
        let mut rgba = room(self.size());
        let (range, matrix) = (self.range(), YuvStandardMatrix::Bt601);
        yuv::yuv400_to_rgba(&gray, &mut rgba, width * 4, range, matrix)
            .map_err(|error| broken(&error.to_string()))?;
        Ok(rgba)
    }

    fn rgba(&self) -> Result<Vec<u8>, PictureError> {
        let (width, height) = self.size();
        let luma = self.plane(PlanarImageComponent::Y, self.size());
        let half = |side: u32| side.div_ceil(2);
        let (colors, convert): (_, Convert) = match self.0.pixel_layout() {
            PixelLayout::I400 => return self.luma_to_rgba(&luma),
            PixelLayout::I420 => ((half(width), half(height)), yuv::yuv420_to_rgba),
            PixelLayout::I422 => ((half(width), height), yuv::yuv422_to_rgba),
            PixelLayout::I444 => ((width, height), yuv::yuv444_to_rgba),
        };
        let blue = self.plane(PlanarImageComponent::U, colors);
        let red = self.plane(PlanarImageComponent::V, colors);
        let matrix = match self.0.matrix_coefficients() {
            // Green, blue and red as they are.
            MatrixCoefficients::Identity if colors == self.size() => {
                let channels = luma.into_iter().zip(blue).zip(red);
                return Ok(channels
                    .flat_map(|((green, blue), red)| [red, green, blue, u8::MAX])
                    .collect());
            }
            MatrixCoefficients::BT709 => YuvStandardMatrix::Bt709,
            MatrixCoefficients::BT2020NonConstantLuminance
            | MatrixCoefficients::BT2020ConstantLuminance => YuvStandardMatrix::Bt2020,
            MatrixCoefficients::ST240M => YuvStandardMatrix::Smpte240,
            MatrixCoefficients::BT470M => YuvStandardMatrix::Fcc,
            // What is not said is BT.601 (ISO/IEC 23000-22, 7.3.6.4), and so is what nobody uses.
            MatrixCoefficients::Identity
            | MatrixCoefficients::Unspecified
            | MatrixCoefficients::Reserved
            | MatrixCoefficients::BT470BG
            | MatrixCoefficients::ST170M
            | MatrixCoefficients::YCgCo
            | MatrixCoefficients::ST2085
            | MatrixCoefficients::ChromaticityDerivedNonConstantLuminance
            | MatrixCoefficients::ChromaticityDerivedConstantLuminance
            | MatrixCoefficients::ICtCp => YuvStandardMatrix::Bt601,
        };
        let planes = YuvPlanarImage {
            y_plane: &luma,
            y_stride: width,
            u_plane: &blue,
            u_stride: colors.0,
            v_plane: &red,
            v_stride: colors.0,
            width,
            height,
        };
        let mut rgba = room(self.size());
        convert(&planes, &mut rgba, width * 4, self.range(), matrix)
            .map_err(|error| broken(&error.to_string()))?;
        Ok(rgba)
    }
}

/// How planes become pixels.
type Convert = fn(
    &YuvPlanarImage<'_, u8>,
    &mut [u8],
    u32,
    YuvRange,
    YuvStandardMatrix,
) -> Result<(), yuv::YuvError>;

fn room((width, height): (u32, u32)) -> Vec<u8> {
    let pixels = u64::from(width) * u64::from(height);
    vec![0; usize::try_from(pixels * 4).unwrap_or(usize::MAX)]
}

fn broken(why: &str) -> PictureError {
    PictureError::Broken(why.to_owned())
}
