//! What models see: backgrounds go, faces stay in.

use image::Rgba;

use super::*;
use crate::models::tests::models;
use crate::models::{FACES, Face};
use crate::native::picture::Picture;
use crate::native::pixels::Pixels;
use crate::native::window::Window;

const BLUE: [u8; 4] = [0, 0, 255, 255];

/// A bright disc on a dark ground, on the left of a wide picture.
fn disc() -> RgbaImage {
    RgbaImage::from_fn(400, 200, |x, y| {
        let distance = (f64::from(x) - 99.5).hypot(f64::from(y) - 99.5);
        Rgba(if distance < 60.0 {
            [255, 230, 200, 255]
        } else {
            [40, 50, 40, 255]
        })
    })
}

fn cutout(bytes: Vec<u8>) -> Image {
    Image {
        remove_background: true,
        ..picture(bytes)
    }
}

fn on_blue(image: Image, width: u32, height: u32) -> RgbaImage {
    let layers = vec![
        Layer::new(solid("#0000ff")),
        Layer::new(Content::Image(image)),
    ];
    let bytes = file_with(
        &canvas(width, height, layers),
        &models(&[BACKGROUND, FACES]),
    );
    image::load_from_memory(&bytes.unwrap())
        .unwrap()
        .into_rgba8()
}

#[test]
fn a_background_goes_and_its_subject_stays_with_a_soft_edge() {
    let image = on_blue(cutout(png(&disc())), 400, 200);
    for (x, y) in [(2, 2), (20, 100), (200, 100), (390, 190), (99, 10)] {
        assert_eq!(pixel(&image, x, y), BLUE, "{x} {y}");
    }
    for (x, y) in [(99, 99), (55, 99), (140, 99), (99, 55), (99, 145)] {
        assert_eq!(pixel(&image, x, y), [255, 230, 200, 255], "{x} {y}");
    }
    // On nothing: from nothing to the subject without a step.
    let layer = Layer::new(Content::Image(cutout(png(&disc()))));
    let bytes = file_with(&canvas(400, 200, vec![layer]), &models(&[BACKGROUND])).unwrap();
    let image = image::load_from_memory(&bytes).unwrap().into_rgba8();
    let row: Vec<u8> = (20..70).map(|x| pixel(&image, x, 99)[3]).collect();
    // But for what the smoothing of the mask swings over.
    let rises = row
        .windows(2)
        .all(|pair| pair[1].saturating_add(2) >= pair[0]);
    assert!(rises && row[0] == 0 && row[49] == 255, "{row:?}");
    let between = row.iter().filter(|it| (20..235).contains(*it)).count();
    assert!((3..20).contains(&between), "{row:?}");
    let step = row
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .max()
        .unwrap();
    assert!(step < 100, "{row:?}");
}

#[test]
fn what_was_see_through_stays_so_where_the_subject_is() {
    let mut half = disc();
    for (_, y, pixel) in half.enumerate_pixels_mut() {
        if y < 100 {
            pixel.0[3] = 128;
        }
    }
    let image = on_blue(cutout(png(&half)), 400, 200);
    assert_eq!(pixel(&image, 99, 130), [255, 230, 200, 255]);
    let [red, _, blue, _] = pixel(&image, 99, 70);
    assert!(
        (120..136).contains(&red) && (220..240).contains(&blue),
        "{red} {blue}"
    );
}

#[test]
fn the_background_of_a_drawing_goes_too() {
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">
        <rect width="400" height="200" fill="#202020"/><circle cx="100" cy="100" r="60" fill="#ffe0c0"/></svg>"##;
    let image = on_blue(cutout(svg.into()), 800, 400);
    assert_eq!(pixel(&image, 20, 20), BLUE);
    assert_eq!(pixel(&image, 600, 200), BLUE);
    assert_eq!(pixel(&image, 200, 200), [255, 224, 192, 255]);
}

#[test]
fn of_a_long_thin_drawing_all_is_seen() {
    let svg = |width, height, second: &str| {
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><rect width="{width}" height="{height}" fill="#f00"/><rect {second}="500" width="1000" height="1000" fill="#00f"/></svg>"##
        )
    };
    let whole = |svg: String, size| {
        let picture = Picture::open(svg.into(), &Limits::default(), &FONTS).unwrap();
        Pixels::of(&picture).unwrap().whole(size).unwrap()
    };
    let tall = whole(svg(4, 1000, "y"), (1, 128));
    let wide = whole(svg(1000, 4, "x"), (128, 1));
    for (place, is_red) in [(10, true), (54, true), (74, false), (118, false)] {
        for [red, _, blue, _] in [pixel(&tall, 0, place), pixel(&wide, place, 0)] {
            assert_eq!(red > blue, is_red, "{place}: {red} {blue}");
        }
    }
}

#[test]
fn what_is_cropped_is_masked_where_it_is_seen() {
    // The middle half of the picture: the disc lies across its left side.
    let image = on_blue(cutout(png(&disc())), 200, 200);
    assert_eq!(pixel(&image, 10, 100), [255, 230, 200, 255]);
    assert_eq!(pixel(&image, 80, 100), BLUE);
    // A smart crop follows what is left of the picture.
    let smart = Image {
        smart_crop: true,
        ..cutout(png(&disc()))
    };
    let image = on_blue(smart, 200, 200);
    let seen = image.pixels().filter(|it| it.0[0] > 250).count();
    assert!(seen > 10_000, "{seen}");
}

#[test]
fn without_a_model_a_background_stays_and_the_caller_is_told() {
    let canvas = canvas(
        40,
        40,
        vec![Layer::new(Content::Image(cutout(png(&disc()))))],
    );
    for models in [Models::default(), models(&[FACES])] {
        let error = file_with(&canvas, &models).unwrap_err();
        assert!(error.is_callers());
        let words =
            "layer.should_remove_background can't be true: the renderer has no background.onnx";
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

/// A wide picture: busy on the right, with a red square where `faces` says, each of 40 pixels.
fn crowd(faces: &[u32]) -> RgbaImage {
    RgbaImage::from_fn(320, 120, |x, y| {
        let face = faces.iter().any(|left| (*left..left + 40).contains(&x));
        Rgba(if face && (40..80).contains(&y) {
            [255, 0, 0, 255]
        } else if x > 240 && (x / 16 + y / 16) % 2 == 0 {
            [230, 200, 170, 255]
        } else {
            [90, 100, 110, 255]
        })
    })
}

/// The columns in which red is seen, and how many.
fn red_seen(picture: &RgbaImage, box_width: u32, models: &Models) -> (u32, usize) {
    let image = Image {
        smart_crop: true,
        ..super::picture(png(picture))
    };
    let canvas = canvas(box_width, 120, vec![Layer::new(Content::Image(image))]);
    let bytes = file_with(&canvas, models).unwrap();
    let image = image::load_from_memory(&bytes).unwrap().into_rgba8();
    let is_red = |x: &u32| {
        let [red, green, ..] = pixel(&image, *x, 60);
        red > 200 && green < 60
    };
    let columns: Vec<u32> = (0..box_width).filter(is_red).collect();
    (columns.first().copied().unwrap_or(box_width), columns.len())
}

#[test]
fn a_face_is_kept_where_a_crop_would_rather_keep_what_is_busy() {
    let picture = crowd(&[40]);
    let (_, blind) = red_seen(&picture, 120, &Models::default());
    assert_eq!(blind, 0);
    let (left, seen) = red_seen(&picture, 120, &models(&[FACES]));
    assert!(seen >= 38, "{seen}");
    // In the middle of what is seen.
    assert!((38..=42).contains(&left), "{left}");
    // At the picture's end the crop ends too.
    let (left, seen) = red_seen(&crowd(&[0]), 120, &models(&[FACES]));
    assert!(left <= 1 && seen >= 38, "{left} {seen}");
}

#[test]
fn all_faces_are_kept_if_they_fit_and_otherwise_the_largest() {
    let models = models(&[FACES]);
    let (_, seen) = red_seen(&crowd(&[40, 160]), 180, &models);
    assert!(seen >= 76, "{seen}");
    // 160 pixels from one end to the other: they fit, but with no room around them.
    let (left, seen) = red_seen(&crowd(&[40, 160]), 160, &models);
    assert!(left <= 1 && seen >= 76, "{left} {seen}");
    let face = |left, right| Face {
        left,
        top: 0.2,
        right,
        bottom: 0.2 + (right - left),
    };
    let window = Window::centred((1000.0, 200.0), 1.0);
    let faces = [face(0.05, 0.1), face(0.8, 0.9)];
    let around = window.around((1000.0, 200.0), &faces).unwrap();
    assert!(
        around.left <= 800.0 && around.left + around.width >= 900.0,
        "{around:?}"
    );
    // One that is larger than what is seen is seen in its middle.
    let around = window.around((1000.0, 200.0), &[face(0.1, 0.5)]).unwrap();
    assert!((around.left - 200.0).abs() < 1e-6, "{around:?}");
    // Upright pictures are cropped above and below.
    let tall = Window::centred((200.0, 1000.0), 1.0);
    let around = tall.around((200.0, 1000.0), &[face(0.4, 0.5)]).unwrap();
    assert!((around.left, around.height) == (0.0, 200.0), "{around:?}");
    assert!((around.top - 150.0).abs() < 1e-6, "{around:?}");
}

#[test]
fn without_a_face_what_is_busy_is_kept() {
    let shown = |models: &Models| {
        let image = Image {
            smart_crop: true,
            ..picture(png(&crowd(&[])))
        };
        file_with(
            &canvas(120, 120, vec![Layer::new(Content::Image(image))]),
            models,
        )
        .unwrap()
    };
    assert_eq!(shown(&models(&[FACES])), shown(&Models::default()));
}
