//! Scales a picture until it covers its box, and chooses what of it is seen.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbaImage;
use vello_cpu::PixelMetadata;
use vello_cpu::Pixmap;
use vello_cpu::peniko::ImageAlphaType;

use super::number::pixels;
use super::picture::{Drawing, Picture, PictureError, Raster};
use super::saliency;

/// The longest side of the small copy that tells where a picture is busy.
const SMALL: f64 = 128.0;

/// What of a picture is seen: an upright box in its own pixels.
#[derive(Debug, Clone, Copy)]
struct Window {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Window {
    /// The largest window of the box's proportions, in the middle.
    fn centred((width, height): (f64, f64), ratio: f64) -> Self {
        let seen_width = width.min(height * ratio);
        let seen_height = height.min(width / ratio);
        Self {
            left: (width - seen_width) / 2.0,
            top: (height - seen_height) / 2.0,
            width: seen_width,
            height: seen_height,
        }
    }

    /// Moved to where the picture is busiest; it has room along one side at most.
    fn busiest(mut self, (width, height): (f64, f64), small: &RgbaImage) -> Self {
        if width - self.width > height - self.height {
            let share = saliency::busiest_columns(small, self.width / width);
            self.left = (width - self.width) * share;
        } else {
            let share = saliency::busiest_rows(small, self.height / height);
            self.top = (height - self.height) * share;
        }
        self
    }

    fn hides_something(&self, (width, height): (f64, f64)) -> bool {
        width - self.width >= 1.0 || height - self.height >= 1.0
    }
}

/// The pixels of a box of `width` by `height` pixels that the picture covers.
pub(super) fn cover(
    picture: &Picture,
    (width, height): (u16, u16),
    smart: bool,
) -> Result<Pixmap, PictureError> {
    let size = picture.size();
    let window = Window::centred(size, f64::from(width) / f64::from(height));
    let smart = smart && window.hides_something(size);
    match picture {
        Picture::Raster(raster) => cover_raster(raster, window, (width, height), smart),
        Picture::Svg(drawing) => cover_svg(drawing, size, window, (width, height), smart),
    }
}

fn cover_raster(
    raster: &Raster,
    mut window: Window,
    (width, height): (u16, u16),
    smart: bool,
) -> Result<Pixmap, PictureError> {
    let (picture, see_through) = raster.decode()?;
    let size = (f64::from(picture.width()), f64::from(picture.height()));
    if smart {
        let all = Window::centred(size, size.0 / size.1);
        let small = resize(&picture, all, small_size(size), see_through)?;
        let small = RgbaImage::from_raw(small_size(size).0, small_size(size).1, small);
        if let Some(small) = small {
            window = window.busiest(size, &small);
        }
    }
    let pixels = resize(&picture, window, (width.into(), height.into()), see_through)?;
    let metadata = PixelMetadata::new(ImageAlphaType::Alpha, see_through);
    Ok(Pixmap::from_parts(pixels, width, height, metadata))
}

fn cover_svg(
    drawing: &Drawing,
    size: (f64, f64),
    mut window: Window,
    (width, height): (u16, u16),
    smart: bool,
) -> Result<Pixmap, PictureError> {
    if smart {
        let (small_width, small_height) = small_size(size);
        let scale = f64::from(small_width) / size.0;
        let small = drawing.draw((small_width, small_height), scale, (0.0, 0.0))?;
        let small = RgbaImage::from_raw(small_width, small_height, small.take_demultiplied());
        if let Some(small) = small {
            window = window.busiest(size, &small);
        }
    }
    let scale = f64::from(width) / window.width;
    let corner = (window.left * scale, window.top * scale);
    let pixmap = drawing.draw((width.into(), height.into()), scale, corner)?;
    let metadata = PixelMetadata::new(ImageAlphaType::AlphaPremultiplied, true);
    Ok(Pixmap::from_parts(pixmap.take(), width, height, metadata))
}

fn small_size((width, height): (f64, f64)) -> (u32, u32) {
    let scale = (SMALL / width.max(height)).min(1.0);
    (pixels(width * scale).max(1), pixels(height * scale).max(1))
}

fn resize(
    picture: &RgbaImage,
    window: Window,
    (width, height): (u32, u32),
    see_through: bool,
) -> Result<Vec<u8>, PictureError> {
    let broken = |error: &dyn std::fmt::Display| PictureError::Broken(error.to_string());
    let (from_width, from_height) = picture.dimensions();
    let from = ImageRef::new(from_width, from_height, picture.as_raw(), PixelType::U8x4)
        .map_err(|error| broken(&error))?;
    // fast_image_resize 6.1 reads beyond the picture where a window in the middle of a small one
    // has a first or last pixel that weighs nothing. Nothing lies beyond the pixels the window touches.
    let (left, columns) = span(window.left, window.width, from_width);
    let (top, rows) = span(window.top, window.height, from_height);
    let from =
        CroppedImage::new(&from, left, top, columns, rows).map_err(|error| broken(&error))?;
    let inner_left = window.left - f64::from(left);
    let inner_top = window.top - f64::from(top);
    let inner_width = window.width.min(f64::from(columns) - inner_left);
    let inner_height = window.height.min(f64::from(rows) - inner_top);
    let mut to = Image::new(width, height, PixelType::U8x4);
    // Lanczos overshoots, which shows where a picture grows.
    let grows = f64::from(width) > window.width;
    let filter = if grows {
        FilterType::CatmullRom
    } else {
        FilterType::Lanczos3
    };
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(see_through)
        .crop(inner_left, inner_top, inner_width, inner_height);
    Resizer::new()
        .resize(&from, &mut to, &options)
        .map_err(|error| broken(&error))?;
    Ok(to.into_vec())
}

/// The first whole pixel that a window touches along one side, and how many it touches: at least one.
fn span(start: f64, length: f64, all: u32) -> (u32, u32) {
    let first = pixels(start.floor()).min(all.saturating_sub(1));
    let end = pixels((start + length).ceil()).min(all).max(first + 1);
    (first, end - first)
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
                    let made = resize(&picture, window, (width, height), see_through).unwrap();
                    assert_eq!(made, COLOUR.repeat((width * height) as usize), "{window:?}");
                }
            }
        }
    }

    fn all_up_to(most: u32) -> impl Iterator<Item = (u32, u32)> {
        (1..=most).flat_map(move |width| (1..=most).map(move |height| (width, height)))
    }
}
