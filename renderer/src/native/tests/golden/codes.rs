//! QR codes and barcodes.

use super::*;

fn qr(value: &str) -> Content {
    let code = QrCode::new(value.to_owned(), Color::BLACK, Color::WHITE);
    Content::Qr(code.unwrap())
}

fn bars(format: BarcodeFormat, value: &str) -> Canvas {
    let code = Barcode::new(format, value, Color::BLACK, Color::WHITE).unwrap();
    grey(
        vec![boxed(Content::Barcode(code), 10.0, 20.0, 220.0, 60.0)],
        100,
    )
}

/// On grey, so that quiet zones are seen.
fn grey(mut layers: Vec<Layer>, height: u32) -> Canvas {
    layers.insert(0, Layer::new(solid("#d4d4d8")));
    canvas(240, height, layers)
}

pub(super) fn cases() -> Cases {
    let link = "https://example.com/tickets/42";
    let colored = QrCode::new(link.to_owned(), color("#1e3a8a"), color("#fef3c7")).unwrap();
    let upright = Barcode::new(
        BarcodeFormat::Code128,
        "Up",
        color("#7f1d1d"),
        color("#fff7ed"),
    );
    let upright = boxed(Content::Barcode(upright.unwrap()), 40.0, 50.0, 160.0, 60.0);
    vec![
        (
            "qr",
            grey(vec![boxed(qr(link), 50.0, 10.0, 140.0, 140.0)], 160),
        ),
        (
            "qr-odd-size",
            grey(vec![boxed(qr("1234567890"), 50.0, 10.0, 97.0, 97.0)], 120),
        ),
        (
            "qr-colors",
            grey(
                vec![boxed(Content::Qr(colored), 50.0, 10.0, 140.0, 140.0)],
                160,
            ),
        ),
        (
            "qr-oblong",
            grey(vec![boxed(qr("oblong"), 10.0, 10.0, 220.0, 100.0)], 120),
        ),
        (
            "qr-turned",
            grey(
                vec![turned(boxed(qr("turned"), 65.0, 25.0, 110.0, 110.0), 30.0)],
                160,
            ),
        ),
        (
            "barcode-code128",
            bars(BarcodeFormat::Code128, "Platen 128"),
        ),
        ("barcode-ean13", bars(BarcodeFormat::Ean13, "400638133393")),
        ("barcode-ean8", bars(BarcodeFormat::Ean8, "9638507")),
        ("barcode-code39", bars(BarcodeFormat::Code39, "PLATEN-39")),
        ("barcode-itf", bars(BarcodeFormat::Itf, "0123456789")),
        (
            "barcode-codabar",
            bars(BarcodeFormat::Codabar, "A1234-567B"),
        ),
        ("barcode-turned", grey(vec![turned(upright, -90.0)], 160)),
    ]
}
