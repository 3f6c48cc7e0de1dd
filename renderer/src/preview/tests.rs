//! Sizes and pixels of thumbnails, and files that are not what they say.

use std::fmt::Write as _;

use common::task::ImageFormat;
use image::{DynamicImage, GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn preview(width: Option<u32>, height: Option<u32>) -> Preview {
    Preview {
        width,
        height,
        format: ImageFormat::Png,
        ..Preview::default()
    }
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    encode(&image.into(), ImageFormat::Png, 0).unwrap()
}

fn read(bytes: &[u8], format: image::ImageFormat) -> DynamicImage {
    decode(bytes, format).unwrap()
}

/// A PDF of these objects, the first of which is the catalogue.
fn file(objects: &[String]) -> Vec<u8> {
    let mut text = "%PDF-1.7\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(text.len());
        writeln!(text, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    let start = text.len();
    let size = objects.len() + 1;
    writeln!(text, "xref\n0 {size}\n0000000000 65535 f ").unwrap();
    for offset in offsets {
        writeln!(text, "{offset:010} 00000 n ").unwrap();
    }
    writeln!(
        text,
        "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"
    )
    .unwrap();
    text.into_bytes()
}

/// A PDF of one page with these entries and this content.
fn pdf(page: &str, content: &str) -> Vec<u8> {
    file(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R {page} /Contents 4 0 R >>"),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
    ])
}

const LETTER: &str = "/MediaBox [0 0 612 792]";

#[test]
fn a_pdfs_first_page_is_drawn_on_white() {
    // A red square of one inch, an inch from the left and the top.
    let bytes = pdf(LETTER, "1 0 0 rg 72 648 72 72 re f");
    let drawn = thumbnail(&bytes, "application/pdf", &preview(Some(306), Some(396))).unwrap();
    let drawn = read(&drawn, image::ImageFormat::Png);
    assert_eq!(drawn.dimensions(), (306, 396));
    for (x, y, colour) in [
        (54, 54, [255, 0, 0, 255]),
        (38, 38, [255, 0, 0, 255]),
        (70, 70, [255, 0, 0, 255]),
        (34, 54, [255; 4]),
        (74, 54, [255; 4]),
        (54, 300, [255; 4]),
        (305, 395, [255; 4]),
    ] {
        assert_eq!(drawn.get_pixel(x, y).0, colour, "{x} {y}");
    }
}

#[test]
fn a_turned_page_is_turned() {
    let bytes = pdf(
        "/MediaBox [0 0 200 100] /Rotate 90",
        "0 0 1 rg 0 0 20 20 re f",
    );
    let drawn = thumbnail(&bytes, "application/pdf", &preview(Some(50), None)).unwrap();
    let drawn = read(&drawn, image::ImageFormat::Png);
    assert_eq!(drawn.dimensions(), (50, 100));
    // The lower left corner has become the upper left one.
    assert_eq!(drawn.get_pixel(3, 3).0, [0, 0, 255, 255]);
}

#[test]
fn a_preview_has_the_format_that_is_asked_for() {
    let bytes = pdf(LETTER, "0 0.5 0 rg 0 0 612 792 re f");
    for (format, decoder) in [
        (ImageFormat::Png, image::ImageFormat::Png),
        (ImageFormat::Jpeg, image::ImageFormat::Jpeg),
        (ImageFormat::WebP, image::ImageFormat::WebP),
    ] {
        let preview = Preview {
            format,
            ..Preview::default()
        };
        let drawn = thumbnail(&bytes, "application/pdf", &preview).unwrap();
        let drawn = read(&drawn, decoder);
        assert_eq!(drawn.dimensions(), (600, 776));
        let [red, green, blue, alpha] = drawn.get_pixel(300, 388).0;
        assert!(
            red < 4 && green.abs_diff(128) < 4 && blue < 4,
            "{red} {green} {blue}"
        );
        assert_eq!(alpha, 255);
    }
}

#[test]
fn a_picture_is_made_smaller() {
    let image = RgbImage::from_fn(400, 200, |x, _| {
        Rgb(if x < 200 { [200, 0, 0] } else { [0, 0, 200] })
    });
    let small = thumbnail(&png(image), "image/png", &preview(Some(40), Some(40))).unwrap();
    let small = read(&small, image::ImageFormat::Png);
    assert_eq!(small.dimensions(), (40, 20));
    assert_eq!(small.get_pixel(5, 10).0, [200, 0, 0, 255]);
    assert_eq!(small.get_pixel(35, 10).0, [0, 0, 200, 255]);
}

#[test]
fn a_box_is_filled_when_the_ratio_may_go() {
    let image = RgbImage::from_pixel(400, 200, Rgb([9, 9, 9]));
    let preview = Preview {
        keep_ratio: false,
        ..preview(Some(30), Some(50))
    };
    let small = thumbnail(&png(image), "image/png", &preview).unwrap();
    assert_eq!(read(&small, image::ImageFormat::Png).dimensions(), (30, 50));
}

#[test]
fn what_is_see_through_stays_so_and_gives_no_colour() {
    let image = RgbaImage::from_fn(100, 100, |x, _| {
        Rgba(if x < 50 {
            [0, 200, 0, 255]
        } else {
            [255, 0, 255, 0]
        })
    });
    let bytes = png(image);
    let small = thumbnail(&bytes, "image/png", &preview(Some(11), None)).unwrap();
    let small = read(&small, image::ImageFormat::Png).to_rgba8();
    assert_eq!(small.get_pixel(10, 5).0[3], 0);
    let [red, green, blue, alpha] = small.get_pixel(5, 5).0;
    assert!((64..192).contains(&alpha), "{alpha}");
    assert!(
        red < 5 && green.abs_diff(200) < 5 && blue < 5,
        "{red} {green} {blue}"
    );
    let preview = Preview {
        format: ImageFormat::Jpeg,
        quality: 100,
        ..preview(Some(100), None)
    };
    let flat = thumbnail(&bytes, "image/png", &preview).unwrap();
    let flat = read(&flat, image::ImageFormat::Jpeg);
    assert!(
        flat.get_pixel(90, 50).0[..3]
            .iter()
            .all(|channel| *channel > 250)
    );
}

#[test]
fn what_is_neither_pdf_nor_picture_has_no_preview() {
    let error = thumbnail(b"<p>", "text/html", &Preview::default()).unwrap_err();
    assert_eq!(error.to_string(), "text/html has no preview");
}

#[test]
fn broken_files_are_errors() {
    let whole = png(RgbImage::new(50, 50));
    for (content_type, bytes) in [
        ("application/pdf", &b""[..]),
        ("application/pdf", b"%PDF-1.7\n%%EOF"),
        ("application/pdf", b"\xff\xd8\xff\xe0"),
        ("image/png", b""),
        ("image/png", &whole[..60]),
        ("image/jpeg", &whole),
        ("image/webp", b"RIFF\x10\0\0\0WEBPVP8L"),
    ] {
        assert!(thumbnail(bytes, content_type, &Preview::default()).is_err());
    }
}

/// A PNG whose header promises this size, and that has hardly any data.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(image::GrayImage::new(1, 1));
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut sum = u32::MAX;
    for byte in &bytes[12..29] {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 * (sum & 1));
        }
    }
    bytes[29..33].copy_from_slice(&(!sum).to_be_bytes());
    bytes
}

#[test]
fn a_picture_that_is_too_large_is_not_unpacked() {
    let error = thumbnail(&bomb(20_000, 20_000), "image/png", &Preview::default()).unwrap_err();
    let too_large = matches!(error, PreviewError::Decode(DecodeError::TooLarge));
    assert!(too_large, "{error:?}");
    for side in [100_000, 2_000_000_000] {
        let error = thumbnail(&bomb(side, side), "image/png", &Preview::default()).unwrap_err();
        assert!(matches!(error, PreviewError::Decode(_)), "{error:?}");
    }
}

#[test]
fn hostile_pdfs_end_well() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let saved = "q ".repeat(100_000);
    let cases = [
        pdf("/MediaBox [0 0 0 0]", ""),
        pdf("/MediaBox [0 0 1e30 1e30]", "1 0 0 rg 0 0 1e30 1e30 re f"),
        pdf("/MediaBox [0 0 1 14400]", "1 0 0 rg 0 0 1 1 re f"),
        pdf("/MediaBox [-1e9 -1e9 -1e9 -1e9] /UserUnit 1e9", ""),
        pdf(&format!("{LETTER} /Annots {nested}"), &nested),
        pdf(LETTER, &saved),
        pdf(LETTER, "1e38 0 0 1e38 0 0 cm 0 0 1 1 re S 1e-38 w 0 0 m 1e38 1e38 l S"),
        // A form that draws itself.
        file(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!("<< /Type /Page /Parent 2 0 R {LETTER} /Resources << /XObject << /A 4 0 R >> >> /Contents 5 0 R >>"),
            "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 4 0 R >> >> /Length 11 >>\nstream\n/A Do /A Do\nendstream".to_owned(),
            "<< /Length 5 >>\nstream\n/A Do\nendstream".to_owned(),
        ]),
        // Pages that hold themselves.
        file(&[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1 >>".to_owned(),
        ]),
    ];
    for (number, bytes) in cases.iter().enumerate() {
        if let Ok(drawn) = thumbnail(bytes, "application/pdf", &preview(Some(60), Some(78))) {
            let drawn = read(&drawn, image::ImageFormat::Png);
            assert!(drawn.width() <= 60 && drawn.height() <= 78, "{number}");
        }
    }
}

#[test]
fn a_pdf_with_a_huge_picture_is_not_drawn() {
    let picture = "<< /Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceRGB \
        /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream";
    let bytes = file(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R {LETTER} /Resources << /XObject << /A 4 0 R >> >> >>"
        ),
        picture.to_owned(),
    ]);
    let error = thumbnail(&bytes, "application/pdf", &Preview::default()).unwrap_err();
    assert!(error.to_string().contains("too large a picture"), "{error}");
}
