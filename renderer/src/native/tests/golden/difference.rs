//! How different two pictures look: distances in the colour space YIQ, whose weights are those of the
//! eye, after a blur of three pixels, so that antialiasing may differ but no edge may move.

use std::fmt;

use super::*;

/// Beyond this, of 1 between black and white, a pixel looks different.
const VISIBLE: f32 = 0.04;

/// Beyond this no single pixel may differ.
const GLARING: f32 = 0.2;

/// The most pixels that may look different, of 1 for all.
const FEW: f32 = 0.0005;

pub(super) struct Difference {
    share: f32,
    most: f32,
    /// Approved, painted, and where they differ.
    pub(super) picture: RgbaImage,
}

impl Difference {
    pub(super) fn is_invisible(&self) -> bool {
        self.share <= FEW && self.most <= GLARING
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (share, most) = (self.share * 100.0, self.most);
        write!(
            f,
            "{share:.2} % of the pixels look different, by at most {most:.2}"
        )
    }
}

/// Compares two pictures; of different sizes they are as different as can be.
pub(super) fn difference(approved: &RgbaImage, painted: &RgbaImage) -> Difference {
    let (width, height) = approved.dimensions();
    if painted.dimensions() != (width, height) {
        return Difference {
            share: 1.0,
            most: 1.0,
            picture: painted.clone(),
        };
    }
    if approved == painted {
        // As nearly always: looking closer takes seconds in a build that is not optimised.
        return Difference {
            share: 0.0,
            most: 0.0,
            picture: painted.clone(),
        };
    }
    // On white and on black, so that what is see-through is told from what is not.
    let distances = [255.0, 0.0].map(|ground| {
        let [one, other] = [approved, painted].map(|picture| blurred(picture, ground));
        one.into_iter().zip(other).map(distance).collect::<Vec<_>>()
    });
    let [on_white, on_black] = &distances;
    let distances: Vec<f32> = on_white
        .iter()
        .zip(on_black)
        .map(|(a, b)| a.max(*b))
        .collect();
    let visible = distances.iter().filter(|it| **it > VISIBLE).count();
    let mut picture = RgbaImage::from_pixel(width * 3 + 20, height, Rgba([128, 128, 128, 255]));
    image::imageops::overlay(&mut picture, approved, 0, 0);
    image::imageops::overlay(&mut picture, painted, i64::from(width) + 10, 0);
    for (place, distance) in (0..).zip(&distances) {
        let heat = 255 - (distance * 4.0 * 255.0).min(255.0) as u8;
        let (x, y) = (place % width + 2 * (width + 10), place / width);
        picture.put_pixel(x, y, Rgba([255, heat, heat, 255]));
    }
    Difference {
        share: visible as f32 / distances.len() as f32,
        most: distances.iter().copied().fold(0.0, f32::max),
        picture,
    }
}

/// Every pixel as the mean of itself and its neighbours, in YIQ.
fn blurred(picture: &RgbaImage, ground: f32) -> Vec<[f32; 3]> {
    let (width, height) = picture.dimensions();
    let colour = |x: u32, y: u32| {
        let [red, green, blue, alpha] = pixel(picture, x, y).map(f32::from);
        let alpha = alpha / 255.0;
        [red, green, blue].map(|it| it * alpha + ground * (1.0 - alpha))
    };
    let mean = |x: u32, y: u32| {
        let (mut sum, mut count) = ([0.0; 3], 0.0);
        for y in y.saturating_sub(1)..(y + 2).min(height) {
            for x in x.saturating_sub(1)..(x + 2).min(width) {
                let colour = colour(x, y);
                sum = [0, 1, 2].map(|channel| sum[channel] + colour[channel]);
                count += 255.0;
            }
        }
        yiq(sum.map(|it| it / count))
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| mean(x, y))
        .collect()
}

fn yiq([red, green, blue]: [f32; 3]) -> [f32; 3] {
    [
        0.299 * red + 0.587 * green + 0.114 * blue,
        0.596 * red - 0.274 * green - 0.322 * blue,
        0.211 * red - 0.523 * green + 0.312 * blue,
    ]
}

/// 1 between black and white.
fn distance((one, other): ([f32; 3], [f32; 3])) -> f32 {
    let weights = [1.0, 0.59, 0.39];
    let parts = [0, 1, 2].map(|part| weights[part] * (one[part] - other[part]).powi(2));
    parts.iter().sum::<f32>().sqrt()
}

fn letters(x: f64) -> RgbaImage {
    let text = words("Hamburg", 20.0, |_| {});
    painted(&sheet((120, 40), vec![boxed(text, x, 5.0, 110.0, 30.0)]))
}

#[test]
fn what_no_eye_sees_is_let_through() {
    let one = letters(5.0);
    assert!(difference(&one, &one).is_invisible());
    let mut noisy = one.clone();
    for (x, y, pixel) in noisy.enumerate_pixels_mut() {
        let noise = ((x * 7 + y * 13) % 5) as u8;
        pixel.0 = pixel.0.map(|it| it.saturating_sub(noise));
        pixel.0[3] = 255;
    }
    assert!(difference(&one, &noisy).is_invisible());
}

#[test]
fn what_an_eye_sees_is_not() {
    let one = letters(5.0);
    let moved = difference(&one, &letters(6.0));
    assert!(!moved.is_invisible(), "{moved}");
    assert_eq!(moved.picture.dimensions(), (380, 40));
    let mut spot = one.clone();
    for (x, y) in [(60, 3), (61, 3), (60, 4), (61, 4)] {
        spot.put_pixel(x, y, Rgba([255, 0, 0, 255]));
    }
    assert!(!difference(&one, &spot).is_invisible());
    let mut clear = one.clone();
    for pixel in clear.pixels_mut() {
        pixel.0[3] = 128;
    }
    assert!(!difference(&one, &clear).is_invisible());
    assert!(!difference(&one, &RgbaImage::new(3, 3)).is_invisible());
}
