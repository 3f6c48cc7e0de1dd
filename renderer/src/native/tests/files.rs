//! Files in and files out: pictures, fonts, formats.

use image::{ImageFormat, Rgba};

use super::*;

/// Red on the left, green in the middle, blue on the right.
fn flag() -> RgbaImage {
    RgbaImage::from_fn(300, 100, |x, _| match x / 100 {
        0 => Rgba([255, 0, 0, 255]),
        1 => Rgba([0, 255, 0, 255]),
        _ => Rgba([0, 0, 255, 255]),
    })
}

fn near(found: [u8; 4], expected: [u8; 3]) -> bool {
    found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 20)
}

#[test]
fn every_input_format_is_shown() {
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let mut bytes = io::Cursor::new(Vec::new());
        let flag = image::DynamicImage::from(flag()).into_rgb8();
        flag.write_to(&mut bytes, format).unwrap();
        let layer = Layer::new(Content::Image(picture(bytes.into_inner())));
        let image = painted(&canvas(30, 10, vec![layer]));
        assert!(near(pixel(&image, 3, 5), [255, 0, 0]), "{format:?}");
        assert!(near(pixel(&image, 15, 5), [0, 255, 0]), "{format:?}");
        assert!(near(pixel(&image, 27, 5), [0, 0, 255]), "{format:?}");
    }
}

#[test]
fn a_picture_covers_its_box_from_its_middle() {
    let layer = Layer::new(Content::Image(picture(png(&flag()))));
    let image = painted(&canvas(40, 40, vec![layer]));
    assert!(near(pixel(&image, 2, 20), [0, 255, 0]) && near(pixel(&image, 37, 20), [0, 255, 0]));
}

#[test]
fn with_a_position_alone_a_picture_has_its_own_size() {
    let layer = at(
        Layer::new(Content::Image(picture(png(&flag())))),
        10.0,
        20.0,
    );
    let image = painted(&canvas(400, 200, vec![layer.clone()]));
    assert_eq!(ink(&image), Some((10, 20, 310, 120)));
    let size = LayerSize {
        width: Some(px(60.0)),
        height: None,
    };
    let image = painted(&canvas(400, 200, vec![Layer { size, ..layer }]));
    assert_eq!(ink(&image), Some((10, 20, 70, 40)));
}

#[test]
fn smart_cropping_keeps_what_is_busy() {
    let busy_at = |busy: std::ops::Range<u32>, upright: bool| {
        let side = |along, across| {
            RgbaImage::from_fn(along, across, |x, y| {
                let place = if upright { y } else { x };
                if busy.contains(&place) && (x / 4 + y / 4) % 2 == 0 {
                    Rgba([210, 150, 120, 255])
                } else {
                    Rgba([90, 100, 110, 255])
                }
            })
        };
        let source = if upright {
            side(100, 400)
        } else {
            side(400, 100)
        };
        let shown = |smart_crop| {
            let image = Image {
                smart_crop,
                ..picture(png(&source))
            };
            let image = painted(&canvas(100, 100, vec![Layer::new(Content::Image(image))]));
            image.pixels().filter(|pixel| pixel.0[0] > 150).count()
        };
        (shown(false), shown(true))
    };
    for upright in [false, true] {
        for busy in [10..60, 330..390, 100..140] {
            let (plain, smart) = busy_at(busy.clone(), upright);
            let all = busy.len() * 100 / 2;
            assert!(plain < all / 2, "{busy:?} {plain}");
            assert!(smart > all * 9 / 10, "{busy:?} {smart} of {all}");
        }
    }
}

#[test]
fn smart_cropping_of_an_even_picture_is_in_the_middle() {
    let grey = RgbaImage::from_pixel(300, 100, Rgba([128, 128, 128, 255]));
    assert!((saliency::busiest_columns(&grey, 0.3) - 0.5).abs() < 0.01);
    assert!((saliency::busiest_rows(&grey, 0.7) - 0.5).abs() < 0.02);
}

#[test]
fn svg_pictures_are_drawn_at_the_size_of_their_box() {
    let svg = r##"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">
        <rect width="5" height="10" fill="#ff0000"/><text x="5" y="9" font-size="6">W</text></svg>"##;
    let layer = boxed(Content::Image(picture(svg.into())), 0.0, 0.0, 200.0, 200.0);
    let image = painted(&canvas(200, 200, vec![layer]));
    assert_eq!(pixel(&image, 98, 100), [255, 0, 0, 255]);
    assert_eq!(pixel(&image, 101, 20)[3], 0);
    // The letter is there, and sharp.
    let black = image
        .pixels()
        .filter(|pixel| pixel.0 == [0, 0, 0, 255])
        .count();
    assert!(black > 500, "{black}");
}

#[test]
fn a_turned_photograph_stands_upright() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95);
    // Orientation 6: to be turned clockwise.
    let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    image::ImageEncoder::set_exif_metadata(&mut encoder, exif.to_vec()).unwrap();
    let flag = image::DynamicImage::from(flag()).into_rgb8();
    encoder.encode_image(&flag).unwrap();
    let layer = at(Layer::new(Content::Image(picture(bytes))), 0.0, 0.0);
    let image = painted(&canvas(400, 400, vec![layer]));
    assert_eq!(ink(&image), Some((0, 0, 100, 300)));
    assert!(near(pixel(&image, 50, 20), [255, 0, 0]) && near(pixel(&image, 50, 280), [0, 0, 255]));
}

#[test]
fn every_output_format_is_written() {
    let half = boxed(solid("#ff0000"), 0.0, 0.0, 16.0, 32.0);
    let mut canvas = canvas(32, 32, vec![half]);
    for (name, kind, clear) in [
        ("png", ImageFormat::Png, [0, 0, 0, 0]),
        ("jpeg", ImageFormat::Jpeg, [255, 255, 255, 255]),
        ("webp", ImageFormat::WebP, [0, 0, 0, 0]),
        ("tiff", ImageFormat::Tiff, [0, 0, 0, 0]),
        ("gif", ImageFormat::Gif, [0, 0, 0, 0]),
    ] {
        canvas.format = PictureFormat::parse(name).unwrap();
        let bytes = file(&canvas).unwrap();
        assert_eq!(image::guess_format(&bytes).unwrap(), kind);
        let image = image::load_from_memory_with_format(&bytes, kind)
            .unwrap()
            .into_rgba8();
        assert_eq!(image.dimensions(), (32, 32));
        assert!(near(pixel(&image, 4, 16), [255, 0, 0]), "{name}");
        let found = pixel(&image, 28, 16);
        assert_eq!(found[3], clear[3], "{name}");
        assert!(
            found[3] == 0 || near(found, [255, 255, 255]),
            "{name} {found:?}"
        );
    }
    canvas.format = PictureFormat::parse("avif").unwrap();
    let bytes = file(&canvas).unwrap();
    assert_eq!(&bytes[4..12], b"ftypavif");
}

#[test]
fn opaque_pictures_carry_no_alpha() {
    let bytes = file(&canvas(8, 8, vec![Layer::new(solid("#123456"))])).unwrap();
    let image = image::load_from_memory(&bytes).unwrap();
    assert_eq!(image.color(), image::ColorType::Rgb8);
}

/// An installed font as a caller would send it.
fn mono() -> Vec<u8> {
    std::fs::read("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf").unwrap()
}

/// The same as WOFF, none of whose tables is packed.
fn woff(font: &[u8]) -> Vec<u8> {
    let tables = u16::from_be_bytes([font[4], font[5]]);
    let header = 44 + 20 * usize::from(tables);
    let mut file = b"wOFF".to_vec();
    file.extend(&font[..4]);
    file.extend(0_u32.to_be_bytes());
    file.extend(tables.to_be_bytes());
    file.extend([0, 0]);
    file.extend(u32::try_from(font.len()).unwrap().to_be_bytes());
    file.extend([0; 24]);
    let mut data = Vec::new();
    for entry in font[12..].chunks_exact(16).take(tables.into()) {
        let number = |at: usize| u32::from_be_bytes(entry[at..at + 4].try_into().unwrap());
        let (start, length) = (number(8) as usize, number(12) as usize);
        file.extend(&entry[..4]);
        file.extend(u32::try_from(header + data.len()).unwrap().to_be_bytes());
        file.extend(&entry[12..16]);
        file.extend(&entry[12..16]);
        file.extend(&entry[4..8]);
        data.extend(&font[start..start + length]);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    file.extend(data);
    let length = u32::try_from(file.len()).unwrap().to_be_bytes();
    file[8..12].copy_from_slice(&length);
    file
}

fn written_in(family: &str, fonts: Vec<FontFile>) -> RgbaImage {
    let text = words("Hamburg 0123", 30.0, |text| {
        text.font.family = family.to_owned();
    });
    let layer = boxed(text, 0.0, 0.0, 400.0, 60.0);
    painted(&Canvas {
        fonts,
        ..canvas(400, 60, vec![layer])
    })
}

fn own(name: &str, bytes: Vec<u8>) -> Vec<FontFile> {
    vec![FontFile {
        name: name.to_owned(),
        weight: Weight::Regular,
        italic: false,
        file: FileSource::Inline(Blob(bytes.into())),
    }]
}

#[test]
fn a_callers_font_wins_over_an_installed_one_and_leaves_no_trace() {
    let inter = written_in("Inter", Vec::new());
    let mono_text = written_in("DejaVu Sans Mono", Vec::new());
    assert_ne!(inter, mono_text);
    assert_eq!(written_in("My Font", own("MyFont", mono())), mono_text);
    assert_eq!(
        written_in("My Font", own("MyFont", woff(&mono()))),
        mono_text
    );
    assert_eq!(written_in("Inter", own("Inter", mono())), mono_text);
    assert_eq!(written_in("My Font", Vec::new()), inter);
    assert_eq!(written_in("Inter", Vec::new()), inter);
}

#[test]
fn a_font_without_bold_and_italic_is_made_so() {
    let dark = |text: &str| {
        let text = words(text, 30.0, |text| text.font.family = "My Font".to_owned());
        let layer = boxed(text, 0.0, 0.0, 400.0, 60.0);
        let image = painted(&Canvas {
            fonts: own("My Font", mono()),
            ..canvas(400, 60, vec![layer])
        });
        let sum: u64 = image.pixels().map(|pixel| u64::from(pixel.0[3])).sum();
        (sum, image)
    };
    let (plain, upright) = dark("Hamburg");
    let (bold, _) = dark("**Hamburg**");
    assert!((120..170).contains(&(bold * 100 / plain)), "{bold} {plain}");
    let (_, slanted) = dark("*Hamburg*");
    assert_ne!(upright, slanted);
}

#[test]
fn damaged_fonts_harm_nobody() {
    let font = mono();
    for step in [97, 1009, 30_011] {
        let mut damaged = font.clone();
        // The directory stays, so that all of the rest is read.
        for byte in damaged.iter_mut().skip(400).step_by(step) {
            *byte ^= 0x5a;
        }
        let text = words("**Hamburg** *0123*", 30.0, |text| {
            text.font.family = "Own".to_owned();
        });
        let canvas = Canvas {
            fonts: own("Own", damaged),
            ..canvas(400, 60, vec![boxed(text, 0.0, 0.0, 400.0, 60.0)])
        };
        if let Err(error) = file(&canvas) {
            assert!(error.is_callers(), "{error}");
        }
    }
    // Whatever happened, the next one is painted.
    written_in("Inter", Vec::new());
}

#[test]
fn a_broken_font_is_left_out() {
    let inter = written_in("Inter", Vec::new());
    for bytes in [
        Vec::new(),
        b"not a font".to_vec(),
        b"wOFF".to_vec(),
        b"wOF2\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        b"OTTO\xff\xff\xff\xff".to_vec(),
        mono()[..2000].to_vec(),
    ] {
        assert_eq!(written_in("My Font", own("My Font", bytes)), inter);
    }
}
