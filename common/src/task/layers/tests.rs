//! What may become part of a canvas.

use super::*;

fn barcode(format: &str, value: &str) -> Result<String, String> {
    let format = BarcodeFormat::parse(format).unwrap();
    Barcode::new(format, value, Color::BLACK, Color::WHITE)
        .map(|barcode| barcode.value().to_owned())
        .map_err(|error| error.to_string())
}

#[test]
fn numbers_are_finite_and_within_bounds() {
    for wild in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e9, -1e9] {
        assert!(Coordinate::try_from(wild).is_err(), "{wild}");
        assert!(Extent::try_from(wild).is_err(), "{wild}");
        assert!(Percent::try_from(wild).is_err(), "{wild}");
        assert!(Degrees::try_from(wild).is_err(), "{wild}");
    }
    let message = Percent::try_from(101.0).unwrap_err().to_string();
    assert_eq!(message, "must be a number between 0 and 100");
    assert!(serde_json::from_str::<Extent>("-1").is_err());
}

#[test]
fn a_canvas_has_bounds() {
    assert!(CanvasSize::new(1, 1).is_ok());
    assert!(CanvasSize::new(16_383, 2048).is_ok());
    assert_eq!(CanvasSize::new(0, 5), Err(CanvasSizeError::Empty));
    assert_eq!(CanvasSize::new(16_384, 1), Err(CanvasSizeError::Side));
    assert_eq!(
        CanvasSize::new(16_383, 16_383),
        Err(CanvasSizeError::Pixels)
    );
    assert!(serde_json::from_str::<CanvasSize>("[100000, 100000]").is_err());
}

#[test]
fn colors_are_six_digits() {
    assert_eq!("#FF5500".parse(), Ok(Color::new(255, 85, 0)));
    assert_eq!("#0284c7".parse(), Ok(Color::new(2, 132, 199)));
    for wrong in [
        "", "#", "FF5500", "#FFF", "#FF550", "#FF55000", "#GG5500", "#+F5500", "red",
    ] {
        assert_eq!(wrong.parse::<Color>(), Err(ParseColorError), "{wrong}");
    }
}

#[test]
fn barcodes_say_what_they_would_take() {
    assert_eq!(
        barcode("ean13", "400638133393").as_deref(),
        Ok("4006381333931")
    );
    assert_eq!(
        barcode("ean13", "4006381333931").as_deref(),
        Ok("4006381333931")
    );
    assert_eq!(barcode("ean8", "9638507").as_deref(), Ok("96385074"));
    for (format, value, error) in [
        (
            "ean13",
            "4006381333930",
            "must end in the check digit 1, not 0",
        ),
        ("ean13", "12345", "must be 12 or 13 digits for ean13"),
        ("ean13", "40063813339é", "must be 12 or 13 digits for ean13"),
        ("ean8", "96385079", "must end in the check digit 4, not 9"),
        ("itf", "123", "must be an even number of digits for itf"),
        (
            "code128",
            "naïve",
            "must be printable ASCII characters only for code128",
        ),
        ("code128", "", "must be a text of 1 to 80 characters"),
        (
            "code39",
            "abc",
            "must be uppercase letters, digits and the characters - . space $ / + % for code39",
        ),
        (
            "codabar",
            "1234",
            "must be A, B, C or D, then digits or - $ : / . +, then A, B, C or D for codabar",
        ),
    ] {
        assert_eq!(
            barcode(format, value),
            Err(error.to_owned()),
            "{format} {value}"
        );
    }
    for (format, value) in [
        ("code39", "A-1 $"),
        ("itf", "123456"),
        ("codabar", "A123$B"),
    ] {
        assert_eq!(barcode(format, value).as_deref(), Ok(value));
    }
}

#[test]
fn a_qr_code_holds_what_the_kind_of_its_characters_leaves_room_for() {
    let qr = |value: String| {
        let code = QrCode::new(value, Color::BLACK, Color::WHITE);
        code.map(|code| code.value().len())
    };
    for (character, most) in [
        ("7", 7089),
        ("A", 4296),
        (":", 4296),
        ("a", 2953),
        ("#", 2953),
    ] {
        assert_eq!(qr(character.repeat(most)), Ok(most), "{character}");
        let over = qr(character.repeat(most + 1));
        assert_eq!(over, Err(QrError::TooLong), "{character}");
    }
    // Bytes count, not characters; and one of another kind counts for all.
    assert_eq!(qr("é".repeat(1476)), Ok(2952));
    assert_eq!(qr("é".repeat(1477)), Err(QrError::TooLong));
    assert_eq!(qr("7".repeat(4295) + "A"), Ok(4296));
    assert_eq!(qr("7".repeat(4296) + "A"), Err(QrError::TooLong));
    assert_eq!(qr("7".repeat(2953) + "a"), Err(QrError::TooLong));
    assert_eq!(qr(String::new()), Err(QrError::Empty));
    let words = QrError::TooLong.to_string();
    for limit in ["7089 digits", "4296 of", "2953 bytes"] {
        assert!(words.contains(limit), "{words}");
    }
}

#[test]
fn a_canvas_travels_as_json_and_lists_what_to_fetch() {
    let url = FileSource::Url("https://example.com/logo.png".parse().unwrap());
    let image = |file| {
        Layer::new(Content::Image(Image {
            file,
            smart_crop: true,
            remove_background: false,
            corners: Corners::default(),
        }))
    };
    let inline = image(FileSource::Inline(Blob(vec![1, 2, 3].into())));
    let layout = Layer::new(Content::Layout(Layout {
        direction: Direction::Vertical,
        gap: Extent::ZERO,
        horizontal: Alignment::Center,
        vertical: Alignment::End,
        padding: Padding::default(),
        background: Background::Layers(vec![image(url.clone())]),
        corners: Corners::default(),
        children: vec![Layer::new(Content::Text(
            Text::plain("**a**", 12.0).unwrap(),
        ))],
    }));
    let canvas = Canvas {
        size: CanvasSize::new(10, 20).unwrap(),
        format: PictureFormat::Jpeg { quality: 80 },
        layers: vec![inline, layout],
        fonts: Vec::new(),
    };
    assert_eq!(canvas.files(), [&url]);
    assert_eq!((canvas.layer_count(), canvas.depth()), (4, 1));
    let json = serde_json::to_string(&canvas).unwrap();
    assert_eq!(serde_json::from_str::<Canvas>(&json).unwrap(), canvas);
    assert!(format!("{canvas:?}").contains("3 bytes"));
}
