//! A picture's pixels in any size: scaled from those of a file, or drawn.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{GrayImage, RgbaImage};
use vello_cpu::peniko::ImageAlphaType;
use vello_cpu::{PixelMetadata, Pixmap};

use super::number::pixels;
use super::picture::{Drawing, Picture, PictureError};
use super::window::Window;

/// A picture that is decoded, as far as it has pixels of its own.
pub(super) enum Pixels<'p> {
    /// Its pixels, and whether one of them is see-through.
    Raster(RgbaImage, bool),
    /// Drawn when it is known how large.
    Svg(&'p Drawing),
}

/// What is seen of a picture.
#[derive(Debug)]
pub(super) struct Seen {
    rgba: Vec<u8>,
    width: u16,
    height: u16,
    alpha: ImageAlphaType,
    see_through: bool,
}

impl<'p> Pixels<'p> {
    /// Decodes a picture.
    pub(super) fn of(picture: &'p Picture) -> Result<Self, PictureError> {
        Ok(match picture {
            Picture::Raster(raster) => {
                let (pixels, see_through) = raster.decode()?;
                Self::Raster(pixels, see_through)
            }
            Picture::Avif(avif) => {
                let (pixels, see_through) = avif.decode()?;
                Self::Raster(pixels, see_through)
            }
            Picture::Svg(drawing) => Self::Svg(drawing),
        })
    }

    /// Its natural size.
    pub(super) fn size(&self) -> (f64, f64) {
        match self {
            Self::Raster(picture, _) => (picture.width().into(), picture.height().into()),
            Self::Svg(drawing) => drawing.size(),
        }
    }

    /// All of it in another size, stretched if need be.
    pub(super) fn whole(&self, (width, height): (u32, u32)) -> Result<RgbaImage, PictureError> {
        let pixels = match self {
            Self::Raster(picture, see_through) => {
                let all = Window::whole(self.size());
                scaled(picture, all, (width, height), *see_through)?
            }
            Self::Svg(drawing) => {
                let longest = f64::from(width.max(height));
                let drawn = within(drawing.size(), (longest, longest));
                // By the longer side: what a short one is rounded by is much of it.
                let (own_width, own_height) = drawing.size();
                let scale = if own_width > own_height {
                    f64::from(drawn.0) / own_width
                } else {
                    f64::from(drawn.1) / own_height
                };
                let shapes = drawing.draw(drawn, scale, (0.0, 0.0))?;
                let shapes = of_size(drawn, shapes.take_demultiplied())?;
                let all = Window::whole((drawn.0.into(), drawn.1.into()));
                scaled(&shapes, all, (width, height), true)?
            }
        };
        of_size((width, height), pixels)
    }

    /// What is seen of it through a window, in the size of a box of the same proportions.
    pub(super) fn seen(
        &self,
        window: Window,
        (width, height): (u16, u16),
    ) -> Result<Seen, PictureError> {
        let (rgba, alpha, see_through) = match self {
            Self::Raster(picture, see_through) => {
                let size = (width.into(), height.into());
                let rgba = scaled(picture, window, size, *see_through)?;
                (rgba, ImageAlphaType::Alpha, *see_through)
            }
            Self::Svg(drawing) => {
                let scale = f64::from(width) / window.width;
                let corner = (window.left * scale, window.top * scale);
                let shapes = drawing.draw((width.into(), height.into()), scale, corner)?;
                (shapes.take(), ImageAlphaType::AlphaPremultiplied, true)
            }
        };
        Ok(Seen {
            rgba,
            width,
            height,
            alpha,
            see_through,
        })
    }
}

impl Seen {
    /// Makes it as see-through as a mask of the whole picture says, of which this is what `window` shows.
    pub(super) fn masked(mut self, mask: &GrayImage, window: Window) -> Result<Self, PictureError> {
        let size = (self.width.into(), self.height.into());
        let shares = scaled_mask(mask, window, size)?;
        // Of colours that carry their alpha all channels shrink.
        let untouched = match self.alpha {
            ImageAlphaType::Alpha => 3,
            ImageAlphaType::AlphaPremultiplied => 0,
        };
        for (pixel, share) in self.rgba.chunks_exact_mut(4).zip(shares) {
            for value in pixel.iter_mut().skip(untouched) {
                *value = part(*value, share);
            }
        }
        self.see_through = true;
        Ok(self)
    }

    /// As the painter takes it.
    pub(super) fn into_pixmap(self) -> Pixmap {
        let metadata = PixelMetadata::new(self.alpha, self.see_through);
        Pixmap::from_parts(self.rgba, self.width, self.height, metadata)
    }
}

/// The largest size of the same proportions within a box.
pub(super) fn within((width, height): (f64, f64), room: (f64, f64)) -> (u32, u32) {
    let scale = (room.0 / width).min(room.1 / height);
    (pixels(width * scale).max(1), pixels(height * scale).max(1))
}

/// A share of a value, where 255 is all.
fn part(value: u8, share: u8) -> u8 {
    let product = u16::from(value) * u16::from(share);
    u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
}

fn of_size((width, height): (u32, u32), rgba: Vec<u8>) -> Result<RgbaImage, PictureError> {
    RgbaImage::from_raw(width, height, rgba)
        .ok_or_else(|| PictureError::Broken("it has another size than it says".to_owned()))
}

fn scaled(
    picture: &RgbaImage,
    window: Window,
    size: (u32, u32),
    see_through: bool,
) -> Result<Vec<u8>, PictureError> {
    // Lanczos overshoots, which shows where a picture grows.
    let grows = f64::from(size.0) > window.width;
    let filter = if grows {
        FilterType::CatmullRom
    } else {
        FilterType::Lanczos3
    };
    let (width, height) = picture.dimensions();
    let from = ImageRef::new(width, height, picture.as_raw(), PixelType::U8x4)
        .map_err(|error| broken(&error))?;
    resize(&from, window, size, (filter, see_through))
}

/// Smoothly, so that no steps of a small mask show.
fn scaled_mask(
    mask: &GrayImage,
    window: Window,
    size: (u32, u32),
) -> Result<Vec<u8>, PictureError> {
    let (width, height) = mask.dimensions();
    let from = ImageRef::new(width, height, mask.as_raw(), PixelType::U8)
        .map_err(|error| broken(&error))?;
    resize(&from, window, size, (FilterType::Mitchell, false))
}

fn resize(
    from: &ImageRef<'_>,
    window: Window,
    (width, height): (u32, u32),
    (filter, see_through): (FilterType, bool),
) -> Result<Vec<u8>, PictureError> {
    // fast_image_resize 6.1 reads beyond the picture where a window in the middle of a small one
    // has a first or last pixel that weighs nothing. Nothing lies beyond the pixels the window touches.
    let (left, columns) = span(window.left, window.width, from.width());
    let (top, rows) = span(window.top, window.height, from.height());
    let cropped =
        CroppedImage::new(from, left, top, columns, rows).map_err(|error| broken(&error))?;
    let inner_left = window.left - f64::from(left);
    let inner_top = window.top - f64::from(top);
    let inner_width = window.width.min(f64::from(columns) - inner_left);
    let inner_height = window.height.min(f64::from(rows) - inner_top);
    let mut to = Image::new(width, height, from.pixel_type());
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(see_through)
        .crop(inner_left, inner_top, inner_width, inner_height);
    Resizer::new()
        .resize(&cropped, &mut to, &options)
        .map_err(|error| broken(&error))?;
    Ok(to.into_vec())
}

/// The first whole pixel that a window touches along one side, and how many it touches: at least one.
fn span(start: f64, length: f64, all: u32) -> (u32, u32) {
    let first = pixels(start.floor()).min(all.saturating_sub(1));
    let end = pixels((start + length).ceil()).min(all).max(first + 1);
    (first, end - first)
}

fn broken(error: &dyn std::fmt::Display) -> PictureError {
    PictureError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn any_picture_covers_any_box_by_pixels_of_its_window_alone() {
        const COLOUR: [u8; 4] = [40, 90, 200, 255];
        for (from_width, from_height) in all_up_to(9) {
            let picture = RgbaImage::from_pixel(from_width, from_height, Rgba(COLOUR));
            let size = (f64::from(from_width), f64::from(from_height));
            for (width, height) in all_up_to(13) {
                let window = Window::centred(size, f64::from(width) / f64::from(height));
                for see_through in [false, true] {
                    let made = scaled(&picture, window, (width, height), see_through).unwrap();
                    assert_eq!(made, COLOUR.repeat((width * height) as usize), "{window:?}");
                }
            }
        }
    }

    fn all_up_to(most: u32) -> impl Iterator<Item = (u32, u32)> {
        (1..=most).flat_map(move |width| (1..=most).map(move |height| (width, height)))
    }
}
