//! QR codes and barcodes, read back by another library.

use super::*;

fn read(image: &RgbaImage) -> String {
    // A canvas around it, as on any card.
    let (width, height) = (image.width() + 40, image.height() + 40);
    let mut page = image::GrayImage::from_pixel(width, height, image::Luma([255]));
    for (x, y, pixel) in image.enumerate_pixels() {
        page.put_pixel(x + 20, y + 20, image::Luma([pixel.0[1]]));
    }
    let found = rxing::helpers::detect_in_luma(page.into_raw(), width, height, None);
    found.expect("nothing was found").getText().to_owned()
}

fn barcode(format: BarcodeFormat, value: &str, width: u32) -> String {
    let code = Barcode::new(format, value, color("#000000"), color("#ffffff")).unwrap();
    read(&painted(&canvas(
        width,
        80,
        vec![Layer::new(Content::Barcode(code))],
    )))
}

fn qr(value: &str, side: u32) -> RgbaImage {
    let code = QrCode::new(value.to_owned(), color("#1e3a8a"), color("#fef3c7")).unwrap();
    let layer = boxed(
        Content::Qr(code),
        0.0,
        0.0,
        f64::from(side),
        f64::from(side),
    );
    painted(&canvas(side, side, vec![layer]))
}

#[test]
fn qr_codes_are_read_back() {
    for (value, side) in [
        ("https://example.com/a?b=c", 100),
        ("https://example.com/a?b=c", 137),
        ("https://example.com/a?b=c", 333),
        ("1234567890", 90),
        ("Grüße, 世界", 200),
        ("世界世界世界世界", 200),
        ("日本語のテキスト、한국어 문장", 300),
        ("BEGIN:VCARD\nFN:Ada\nEND:VCARD", 250),
    ] {
        assert_eq!(read(&qr(value, side)), value, "{side}");
    }
}

#[test]
fn a_long_value_makes_a_dense_qr_code() {
    let value = "All work and no play. ".repeat(60);
    assert_eq!(read(&qr(&value, 900)), value);
    let mixed: String = "a123456".chars().cycle().take(QrCode::MAX).collect();
    for largest in [
        "x".repeat(QrCode::MAX),
        "X".repeat(QrCode::MAX_ALPHANUMERIC),
        "7".repeat(QrCode::MAX_DIGITS),
        mixed,
    ] {
        assert_eq!(read(&qr(&largest, 1200)), largest);
    }
}

#[test]
fn a_qr_code_fills_its_box_in_its_colours() {
    let image = qr("https://example.com", 180);
    assert_eq!(pixel(&image, 0, 0), [0xfe, 0xf3, 0xc7, 255]);
    let dark = |pixel: &image::Rgba<u8>| pixel.0 == [0x1e, 0x3a, 0x8a, 255];
    let light = |pixel: &image::Rgba<u8>| pixel.0 == [0xfe, 0xf3, 0xc7, 255];
    assert!(image.pixels().all(|pixel| dark(pixel) || light(pixel)));
    // 25 modules of 5 pixels, in the middle: 4 more on each side stay light.
    let columns = || {
        image
            .enumerate_pixels()
            .filter(|it| dark(it.2))
            .map(|it| it.0)
    };
    assert_eq!(columns().min(), Some(27));
    assert_eq!(columns().max(), Some(151));
}

#[test]
fn barcodes_are_read_back() {
    for width in [230, 300, 417, 640] {
        assert_eq!(
            barcode(BarcodeFormat::Ean13, "400638133393", width),
            "4006381333931"
        );
        assert_eq!(barcode(BarcodeFormat::Ean8, "96385074", width), "96385074");
        assert_eq!(
            barcode(BarcodeFormat::Itf, "00123456789012", width),
            "00123456789012"
        );
        assert_eq!(
            barcode(BarcodeFormat::Code128, "1234567890", width),
            "1234567890"
        );
    }
    for width in [400, 555, 800] {
        assert_eq!(
            barcode(BarcodeFormat::Code128, "Platen-0.1 ~ok", width),
            "Platen-0.1 ~ok"
        );
        assert_eq!(
            barcode(BarcodeFormat::Code39, "PLATEN 42", width),
            "PLATEN 42"
        );
        assert_eq!(
            barcode(BarcodeFormat::Codabar, "A12345-6B", width),
            "12345-6"
        );
    }
}
