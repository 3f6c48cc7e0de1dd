//! Finds the outer border of one colour around a screenshot.

#[cfg(test)]
mod tests;

use image::DynamicImage;

use crate::preview::{DecodeError, decode};

/// The most that a channel of the border's colour may vary.
const TOLERANCE: u8 = 10;

/// Why a picture is not trimmed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrimError {
    /// It can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// A part of a picture, in its pixels; not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContentBox {
    /// From the left.
    pub(crate) x: u32,
    /// From the top.
    pub(crate) y: u32,
    /// To the right of `x`.
    pub(crate) width: u32,
    /// Down from `y`.
    pub(crate) height: u32,
}

/// The smallest box around everything that differs from the colour of the first pixel; `None` when
/// nothing does.
pub(crate) fn content_box(png: &[u8]) -> Result<Option<ContentBox>, TrimError> {
    let image = decode(png, image::ImageFormat::Png)?;
    Ok(found(&image))
}

fn found(image: &DynamicImage) -> Option<ContentBox> {
    if let Some(image) = image.as_rgb8() {
        return scanned(image.as_raw(), image.width(), plain);
    }
    if let Some(image) = image.as_rgba8() {
        return scanned(image.as_raw(), image.width(), blended);
    }
    let image = image.to_rgba8();
    scanned(image.as_raw(), image.width(), blended)
}

fn scanned<const N: usize>(
    bytes: &[u8],
    width: u32,
    colour: fn([u8; N]) -> [u8; 4],
) -> Option<ContentBox> {
    let (pixels, _) = bytes.as_chunks::<N>();
    let border = colour(*pixels.first()?);
    let differs = |pixel: &[u8; N]| {
        let pairs = colour(*pixel).into_iter().zip(border);
        pairs.into_iter().any(|(a, b)| a.abs_diff(b) > TOLERANCE)
    };
    // Left, top, right, bottom; the right and bottom ones included.
    let mut edges: Option<[u32; 4]> = None;
    for (row, y) in pixels
        .chunks_exact(usize::try_from(width).ok()?)
        .zip(0_u32..)
    {
        let Some(first) = row.iter().position(differs) else {
            continue;
        };
        let last = row.iter().rposition(differs).unwrap_or(first);
        let (first, last) = (u32::try_from(first).ok()?, u32::try_from(last).ok()?);
        let [left, top, right, _] = edges.unwrap_or([first, y, last, y]);
        edges = Some([left.min(first), top, right.max(last), y]);
    }
    let [left, top, right, bottom] = edges?;
    Some(ContentBox {
        x: left,
        y: top,
        width: right - left + 1,
        height: bottom - top + 1,
    })
}

fn plain([red, green, blue]: [u8; 3]) -> [u8; 4] {
    [red, green, blue, u8::MAX]
}

/// The colour as far as it is seen: what is fully see-through has none.
fn blended([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let seen = |channel: u8| {
        let value = u16::from(channel) * u16::from(alpha) / 255;
        u8::try_from(value).unwrap_or(u8::MAX)
    };
    [seen(red), seen(green), seen(blue), alpha]
}
