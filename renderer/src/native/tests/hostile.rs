//! What a caller must not be able to do.

use super::*;

fn image_error(bytes: Vec<u8>) -> String {
    let mut layer = Layer::new(Content::Image(picture(bytes)));
    layer.label = "layers[3]".to_owned();
    file(&canvas(10, 10, vec![layer])).unwrap_err().to_string()
}

/// The header of a PNG and nothing else.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&RgbaImage::new(1, 1));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

#[test]
fn bombs_are_refused_by_their_headers() {
    assert_eq!(
        image_error(png_of(60_000, 60_000)),
        "layers[3].file must be an image of at most 50000000 pixels, not 60000 x 60000"
    );
    let inside = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image width="9" height="9" href="data:image/png;base64,{}"/></svg>"#,
        base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            png_of(60_000, 60_000)
        ),
    );
    // An SVG shows what it can.
    file(&canvas(
        9,
        9,
        vec![Layer::new(Content::Image(picture(inside.into())))],
    ))
    .unwrap();
}

#[test]
fn what_is_no_picture_is_refused() {
    for wrong in [
        &b""[..],
        b"hello",
        b"%PDF-1.7",
        b"<html></html>",
        b"RIFF\0\0\0\0WAVE",
    ] {
        assert_eq!(
            image_error(wrong.to_vec()),
            "layers[3].file must be a PNG, JPEG, WebP, GIF, AVIF or SVG image"
        );
    }
    assert_eq!(
        image_error(b"\0\0\0\x18ftypheic".to_vec()),
        "layers[3].file must be a PNG, JPEG, WebP, GIF, AVIF or SVG image: HEIF can't be read"
    );
    for broken in [
        png(&RgbaImage::new(50, 50))[..60].to_vec(),
        b"<svg".to_vec(),
        b"\0\0\0\x14ftypavif\0\0\0\0avif".to_vec(),
    ] {
        let error = image_error(broken);
        assert!(
            error.starts_with("layers[3].file must be an image that can be decoded"),
            "{error}"
        );
    }
}

#[test]
fn counts_are_bounded() {
    let many = vec![Layer::new(solid("#ffffff")); MAX_LAYERS + 1];
    assert!(matches!(
        file(&canvas(9, 9, many)),
        Err(PaintError::TooManyLayers)
    ));
    let mut deep = Layer::new(solid("#ffffff"));
    for _ in 0..=MAX_DEPTH {
        deep = Layer::new(Content::Layout(Layout {
            direction: Direction::Vertical,
            gap: Extent::ZERO,
            horizontal: Alignment::Start,
            vertical: Alignment::Start,
            padding: Padding::default(),
            background: Background::None,
            corners: Corners::default(),
            children: vec![deep],
        }));
    }
    assert!(matches!(
        file(&canvas(9, 9, vec![deep])),
        Err(PaintError::TooDeep)
    ));
    let long = Layer::new(words(&"word ".repeat(20_000), 10.0, |_| {}));
    assert!(matches!(
        file(&canvas(9, 9, vec![long])),
        Err(PaintError::TooMuchText { .. })
    ));
    let limits = Limits {
        letters: 3,
        ..Limits::default()
    };
    for (text, is_long) in [("éé**é**", false), ("éééé", true)] {
        let canvas = canvas(9, 9, vec![Layer::new(words(text, 10.0, |_| {}))]);
        let painted = file_within(&canvas, &limits);
        let refused = matches!(painted, Err(PaintError::TooMuchText { .. }));
        assert_eq!(refused, is_long, "{text}");
    }
    let vast = boxed(
        Content::Image(picture(png(&RgbaImage::new(2, 2)))),
        0.0,
        0.0,
        60_000.0,
        60_000.0,
    );
    let error = file(&canvas(9, 9, vec![vast])).unwrap_err();
    assert!(matches!(error, PaintError::TooManyPixels { .. }) && error.is_callers());
}

/// Farther than any canvas reaches.
const FAR: f64 = 65_535.0;

fn all_are_painted(layers: Vec<Layer>) {
    for layer in layers {
        let shown = format!("{layer:?}");
        let canvas = canvas(30, 20, vec![layer]);
        assert!(file(&canvas).is_ok(), "{shown}");
    }
}

#[test]
fn absurd_boxes_paint_something_or_nothing() {
    let gradient = Content::Gradient(Gradient {
        shape: GradientShape::Radial,
        stops: vec![GradientStop {
            color: color("#ff00ff"),
            at: Percent::FULL,
        }],
        corners: Corners::all(px(FAR)),
    });
    let one = || Content::Image(picture(png(&RgbaImage::new(1, 1))));
    let qr = QrCode::new("x".to_owned(), Color::BLACK, Color::WHITE).unwrap();
    let qr = Content::Qr(qr);
    all_are_painted(vec![
        boxed(solid("#00ff00"), -FAR, -FAR, FAR, FAR),
        boxed(solid("#00ff00"), FAR, FAR, FAR, FAR),
        boxed(gradient.clone(), 0.0, 0.0, FAR, FAR),
        boxed(gradient, 0.0, 0.0, 0.0, 0.0),
        boxed(one(), 0.0, 0.0, 0.0, 5.0),
        boxed(one(), 0.0, 0.0, 0.3, 0.3),
        boxed(one(), 0.0, 0.0, FAR, 1.0),
        boxed(qr.clone(), 0.0, 0.0, 0.0, 0.0),
        boxed(qr.clone(), 0.0, 0.0, 3.0, 900.0),
        boxed(qr, -FAR, 0.0, FAR, FAR),
    ]);
}

#[test]
fn absurd_texts_paint_something_or_nothing() {
    let scaled = |text: &str, size| words(text, size, |text| text.auto_scale = true);
    let odd = "\n\n\u{202e}\u{200f}\u{0}\u{fffd}\u{10ffff}\t\u{1f468}\u{200d}";
    let mut spun = boxed(words("spun", 60.0, |_| {}), -FAR, -FAR, FAR, FAR);
    spun.rotation = 33.0.try_into().unwrap();
    all_are_painted(vec![
        boxed(words("huge", FAR, |_| {}), -100.0, 0.0, FAR, FAR),
        boxed(words("tiny", 0.0, |_| {}), 0.0, 0.0, 10.0, 10.0),
        boxed(scaled("tiny", 0.001), 0.0, 0.0, 0.0, 0.0),
        boxed(scaled("narrow words in no room", 300.0), 0.0, 0.0, 1.0, 1.0),
        boxed(words("", 20.0, |_| {}), 0.0, 0.0, 10.0, 10.0),
        boxed(words(odd, 20.0, |_| {}), 0.0, 0.0, 10.0, 10.0),
        spun,
    ]);
}

#[test]
fn the_smallest_and_the_longest_canvas_are_painted() {
    for (width, height) in [(1, 1), (CanvasSize::MAX_SIDE, 1), (1, CanvasSize::MAX_SIDE)] {
        let image = painted(&canvas(width, height, vec![Layer::new(solid("#abcdef"))]));
        assert_eq!(image.dimensions(), (width, height));
        assert!(
            image
                .pixels()
                .all(|pixel| pixel.0 == [0xab, 0xcd, 0xef, 255])
        );
    }
}

#[test]
fn what_was_not_fetched_is_our_fault() {
    let file = FileSource::Url("https://example.com/a.png".parse().unwrap());
    let image = Image {
        file,
        ..picture(Vec::new())
    };
    let canvas = canvas(9, 9, vec![Layer::new(Content::Image(image))]);
    let error = super::file(&canvas).unwrap_err();
    assert!(!error.is_callers(), "{error}");
}
