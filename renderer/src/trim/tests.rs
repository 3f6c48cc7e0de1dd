//! Where the content of drawn pictures lies.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image
        .into()
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A picture of one colour with a rectangle of another in it.
fn drawn(size: (u32, u32), part: ContentBox) -> RgbImage {
    RgbImage::from_fn(size.0, size.1, |x, y| {
        let inside = (part.x..part.x + part.width).contains(&x)
            && (part.y..part.y + part.height).contains(&y);
        Rgb(if inside {
            [200, 30, 30]
        } else {
            [250, 250, 250]
        })
    })
}

const PART: ContentBox = ContentBox {
    x: 7,
    y: 3,
    width: 20,
    height: 5,
};

#[test]
fn the_box_holds_what_differs_from_the_border() {
    assert_eq!(
        content_box(&png(drawn((50, 40), PART))).unwrap(),
        Some(PART)
    );
    let corner = ContentBox {
        x: 49,
        y: 39,
        width: 1,
        height: 1,
    };
    assert_eq!(
        content_box(&png(drawn((50, 40), corner))).unwrap(),
        Some(corner)
    );
}

#[test]
fn two_marks_are_in_one_box() {
    let mut image = drawn((50, 40), PART);
    image.put_pixel(2, 30, Rgb([0, 0, 0]));
    let both = ContentBox {
        x: 2,
        y: 3,
        width: 25,
        height: 28,
    };
    assert_eq!(content_box(&png(image)).unwrap(), Some(both));
}

#[test]
fn a_border_may_vary_a_little() {
    let mut image = drawn((50, 40), PART);
    image.put_pixel(0, 39, Rgb([240, 255, 250]));
    assert_eq!(content_box(&png(image)).unwrap(), Some(PART));
}

#[test]
fn one_colour_has_no_content() {
    let image = RgbImage::from_pixel(9, 9, Rgb([1, 2, 3]));
    assert_eq!(content_box(&png(image)).unwrap(), None);
}

#[test]
fn what_is_see_through_has_no_colour() {
    let mut image = RgbaImage::from_pixel(30, 20, Rgba([255, 255, 255, 0]));
    image.put_pixel(1, 1, Rgba([0, 0, 0, 0]));
    image.put_pixel(12, 8, Rgba([0, 0, 0, 90]));
    let dot = ContentBox {
        x: 12,
        y: 8,
        width: 1,
        height: 1,
    };
    assert_eq!(content_box(&png(image)).unwrap(), Some(dot));
}

#[test]
fn sixteen_bits_and_greys_are_read_too() {
    let mut bytes = Vec::new();
    let mut pixels = [255_u8; 16];
    pixels[5] = 0;
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&pixels, 4, 4, ExtendedColorType::L8)
        .unwrap();
    let dot = ContentBox {
        x: 1,
        y: 1,
        width: 1,
        height: 1,
    };
    assert_eq!(content_box(&bytes).unwrap(), Some(dot));
}

#[test]
fn what_is_no_png_is_an_error() {
    for bytes in [
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        &png(drawn((50, 40), PART))[..60],
    ] {
        assert!(matches!(content_box(bytes), Err(TrimError::Decode(_))));
    }
}
