//! Where a picture is worth looking at, without knowing what it shows: edges, lively colours and the
//! colours of skin, as the well-known smartcrop.js weighs them. A model would see more; this sees what
//! a plain centre crop cuts off.

use image::RgbaImage;

use super::number::{count, pixels};

/// What an edge counts.
const EDGE: f64 = 0.2;

/// What a colour of skin counts.
const SKIN: f64 = 1.8;

/// What a lively colour counts.
const LIVELY: f64 = 0.3;

/// How much less the rim of a window counts than its middle, so that what is seen is in the middle.
const RIM: f64 = 0.6;

/// Below this share of the average, one window is not better than another.
const NOISE: f64 = 0.001;

/// Where the window of that share of the width is best: 0 at the left, 1 at the right.
pub(super) fn busiest_columns(picture: &RgbaImage, share: f64) -> f64 {
    busiest(&sums(picture, |x, _| x, picture.width()), share)
}

/// Where the window of that share of the height is best: 0 at the top, 1 at the bottom.
pub(super) fn busiest_rows(picture: &RgbaImage, share: f64) -> f64 {
    busiest(&sums(picture, |_, y| y, picture.height()), share)
}

fn sums(picture: &RgbaImage, line: impl Fn(u32, u32) -> u32, lines: u32) -> Vec<f64> {
    let mut sums = vec![0.0; usize::try_from(lines).unwrap_or(0)];
    for (x, y, _) in picture.enumerate_pixels() {
        let line = usize::try_from(line(x, y)).unwrap_or(usize::MAX);
        if let Some(sum) = sums.get_mut(line) {
            *sum += interest(picture, x, y);
        }
    }
    sums
}

fn busiest(sums: &[f64], share: f64) -> f64 {
    let length = usize::try_from(pixels(count(sums.len()) * share)).unwrap_or(1);
    let length = length.clamp(1, sums.len().max(1));
    let room = sums.len().saturating_sub(length);
    if room == 0 {
        return 0.5;
    }
    let average = sums.iter().sum::<f64>() / count(sums.len());
    let middle = count(room) / 2.0;
    let mut best = (f64::NEG_INFINITY, 0.5);
    for (start, window) in sums.windows(length).enumerate() {
        let weighed = window.iter().enumerate().map(|(at, sum)| {
            let off = 2.0 * (count(at) + 0.5) / count(length) - 1.0;
            sum * (1.0 - RIM * off * off)
        });
        // Where nothing speaks for one side or the other, the middle does.
        let off_centre = (count(start) - middle).abs() / count(room);
        let score = weighed.sum::<f64>() - NOISE * average * count(length) * off_centre;
        if score > best.0 {
            best = (score, count(start) / count(room));
        }
    }
    best.1
}

fn interest(picture: &RgbaImage, x: u32, y: u32) -> f64 {
    let centre = light(picture, x, y);
    let right = light(picture, (x + 1).min(picture.width() - 1), y);
    let left = light(picture, x.saturating_sub(1), y);
    let below = light(picture, x, (y + 1).min(picture.height() - 1));
    let above = light(picture, x, y.saturating_sub(1));
    let edge = (4.0 * centre - right - left - below - above).abs();
    let [red, green, blue, alpha] = picture.get_pixel(x, y).0.map(|it| f64::from(it) / 255.0);
    let colour = SKIN * skin(red, green, blue, centre) + LIVELY * lively(red, green, blue, centre);
    EDGE * edge + colour * alpha
}

/// How light a pixel is, on white where it is see-through.
fn light(picture: &RgbaImage, x: u32, y: u32) -> f64 {
    let [red, green, blue, alpha] = picture.get_pixel(x, y).0.map(|it| f64::from(it) / 255.0);
    let light = 0.5126 * blue + 0.7152 * green + 0.0722 * red;
    light * alpha / 1.3 + (1.0 - alpha)
}

/// How near a colour is to that of skin.
fn skin(red: f64, green: f64, blue: f64, light: f64) -> f64 {
    let length = (red * red + green * green + blue * blue).sqrt();
    if length < f64::EPSILON || !(0.2..=1.0).contains(&light) {
        return 0.0;
    }
    let off = (red / length - 0.78).powi(2)
        + (green / length - 0.57).powi(2)
        + (blue / length - 0.44).powi(2);
    ((1.0 - off.sqrt() - 0.8) / 0.2).max(0.0)
}

/// How far a colour is from grey.
fn lively(red: f64, green: f64, blue: f64, light: f64) -> f64 {
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if (most - least).abs() < f64::EPSILON || !(0.05..=0.9).contains(&light) {
        return 0.0;
    }
    let middle = f64::midpoint(most, least);
    let saturation = if middle > 0.5 {
        (most - least) / (2.0 - most - least)
    } else {
        (most - least) / (most + least)
    };
    ((saturation - 0.4) / 0.6).max(0.0)
}
