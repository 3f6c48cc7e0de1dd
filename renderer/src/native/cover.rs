//! Scales a picture until it covers its box, chooses what of it is seen, and removes its background.

use common::task::layers::Image;
use image::GrayImage;
use vello_cpu::Pixmap;

use super::Limits;
use super::picture::{Picture, PictureError};
use super::pixels::{Pixels, within};
use super::window::Window;
use crate::models::{Face, Faces, ModelError, Models};

/// The longest side of the small copy that tells where a picture is busy.
const SMALL: f64 = 128.0;

/// Why nothing covers a box.
#[derive(Debug, thiserror::Error)]
pub(super) enum CoverError {
    /// The picture's fault.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A background is to be removed, and nothing here can.
    #[error("there is no model that removes backgrounds")]
    NoModel,
    /// A model's fault.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// No time is left.
    #[error("it took too long")]
    Late,
}

/// The pixels of a box of `width` by `height` pixels that the picture covers.
pub(super) fn cover(
    picture: &Picture,
    (width, height): (u16, u16),
    image: &Image,
    models: &Models,
    limits: &Limits,
) -> Result<Pixmap, CoverError> {
    if image.remove_background && models.background().is_none() {
        return Err(CoverError::NoModel);
    }
    in_time(limits)?;
    let pixels = Pixels::of(picture)?;
    let size = pixels.size();
    let mask = match models.background().filter(|_| image.remove_background) {
        Some(model) => {
            let whole = pixels.whole(model.size())?;
            in_time(limits)?;
            Some(model.mask(&whole)?)
        }
        None => None,
    };
    let mut window = Window::centred(size, f64::from(width) / f64::from(height));
    if image.smart_crop && window.hides_something(size) {
        in_time(limits)?;
        window = smart(window, &pixels, mask.as_ref(), models)?;
    }
    let seen = pixels.seen(window, (width, height))?;
    let Some(mask) = mask else {
        return Ok(seen.into_pixmap());
    };
    let window = window.scaled(size, (mask.width().into(), mask.height().into()));
    Ok(seen.masked(&mask, window)?.into_pixmap())
}

/// Decoding and models take long, and nothing ends them once they run.
fn in_time(limits: &Limits) -> Result<(), CoverError> {
    if limits.is_late() {
        return Err(CoverError::Late);
    }
    Ok(())
}

/// Faces first; without any, or without a model that finds them, what is busy.
fn smart(
    window: Window,
    pixels: &Pixels<'_>,
    mask: Option<&GrayImage>,
    models: &Models,
) -> Result<Window, CoverError> {
    let size = pixels.size();
    let faces = match models.faces() {
        Some(model) => faces(model, pixels)?,
        None => Vec::new(),
    };
    if let Some(window) = window.around(size, &faces) {
        return Ok(window);
    }
    let longest = SMALL.min(size.0.max(size.1));
    let mut small = pixels.whole(within(size, (longest, longest)))?;
    if let Some(mask) = mask {
        // What is not seen is not busy.
        let (width, height) = small.dimensions();
        let mask = image::imageops::thumbnail(mask, width, height);
        for (pixel, share) in small.pixels_mut().zip(mask.pixels()) {
            pixel.0[3] = pixel.0[3].min(share.0[0]);
        }
    }
    Ok(window.busiest(size, &small))
}

fn faces(model: &Faces, pixels: &Pixels<'_>) -> Result<Vec<Face>, CoverError> {
    let (width, height) = model.size();
    let look = within(pixels.size(), (width.into(), height.into()));
    Ok(model.find(&pixels.whole(look)?)?)
}
