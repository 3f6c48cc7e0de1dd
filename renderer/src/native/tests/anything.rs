//! Any list of layers that can be asked for is painted, in the size that was asked for.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn number<T: TryFrom<f64, Error = NumberError> + std::fmt::Debug>(
    numbers: impl Strategy<Value = f64>,
) -> impl Strategy<Value = T> {
    numbers.prop_map(|it| it.try_into().unwrap())
}

/// Lengths as they are, and some that nobody asks for in earnest.
fn length() -> impl Strategy<Value = Extent> {
    number(prop_oneof![8 => 0.0..150.0, 1 => 0.0..2.0, 1 => select(vec![0.0, 65_535.0])])
}

fn any_color() -> impl Strategy<Value = Color> {
    any::<[u8; 3]>().prop_map(|[red, green, blue]| Color::new(red, green, blue))
}

fn corners() -> impl Strategy<Value = Corners> {
    [length(), length(), length(), length()].prop_map(|[a, b, c, d]| Corners {
        top_left: a,
        top_right: b,
        bottom_right: c,
        bottom_left: d,
    })
}

fn angled_edge() -> impl Strategy<Value = AngledEdge> {
    let edges = vec![Edge::Left, Edge::Right, Edge::Top, Edge::Bottom];
    let angle = number(-45.0..=45.0);
    (select(edges), angle).prop_map(|(edge, angle)| AngledEdge { edge, angle })
}

fn solid_color() -> impl Strategy<Value = Content> {
    let edges = prop::collection::vec(angled_edge(), 0..4);
    (any_color(), corners(), edges).prop_map(|(color, corners, angled_edges)| {
        Content::Solid(Solid {
            color,
            corners,
            angled_edges,
        })
    })
}

fn gradient() -> impl Strategy<Value = Content> {
    let stop =
        (any_color(), number(0.0..=100.0)).prop_map(|(color, at)| GradientStop { color, at });
    let shape = prop_oneof![
        number(-360.0..=360.0).prop_map(|angle| GradientShape::Linear { angle }),
        Just(GradientShape::Radial),
    ];
    (shape, prop::collection::vec(stop, 1..5), corners()).prop_map(|(shape, stops, corners)| {
        Content::Gradient(Gradient {
            shape,
            stops,
            corners,
        })
    })
}

/// Words of several scripts, marks, line breaks, and what is no letter at all.
fn writing() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z *\n]{1,40}",
        "\\PC{0,20}",
        any::<String>().prop_map(|text| text.chars().take(30).collect()),
        select(vec![
            "שלום abc",
            "مرحبا",
            "नमस्ते",
            "👩‍👩‍👧 🇩🇪",
            "你好",
            "e\u{301}\u{301}\u{301}"
        ])
        .prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = Content> {
    let size = number(prop_oneof![9 => 1.0..60.0, 1 => select(vec![0.01, 3000.0])]);
    let family = select(vec!["Inter", "Helvetica", "Noto Serif", ""]);
    let align = select(vec![Align::Left, Align::Center, Align::Right]);
    let flags = any::<[bool; 3]>();
    (writing(), size, family, align, alignment(), flags).prop_map(
        |(text, size, family, align, vertical_align, [wrap, auto_scale, italic])| {
            let plain = Text::plain(&text, 10.0).unwrap();
            Content::Text(Text {
                size,
                align,
                vertical_align,
                wrap,
                auto_scale,
                font: Font {
                    family: family.to_owned(),
                    weight: Weight::Medium,
                    italic,
                },
                ..plain
            })
        },
    )
}

fn image() -> impl Strategy<Value = Content> {
    (1..40_u32, 1..40_u32, any::<bool>(), corners()).prop_map(
        |(width, height, smart_crop, corners)| {
            let pixels = RgbaImage::from_fn(width, height, |x, y| {
                image::Rgba([x.to_le_bytes()[0], y.to_le_bytes()[0], 90, 128])
            });
            Content::Image(Image {
                smart_crop,
                corners,
                ..picture(png(&pixels))
            })
        },
    )
}

fn code() -> impl Strategy<Value = Content> {
    let qr = ("\\PC{1,60}", any_color(), any_color())
        .prop_map(|(value, dark, light)| Content::Qr(QrCode::new(value, dark, light).unwrap()));
    let barcode = |format, value: &'static str| {
        (value, any_color(), any_color()).prop_map(move |(value, dark, light)| {
            Content::Barcode(Barcode::new(format, &value, dark, light).unwrap())
        })
    };
    prop_oneof![
        qr,
        barcode(BarcodeFormat::Code128, "[ -~]{1,80}"),
        barcode(BarcodeFormat::Ean13, "[0-9]{12}"),
        barcode(BarcodeFormat::Ean8, "[0-9]{7}"),
        barcode(BarcodeFormat::Code39, "[A-Z0-9 $/+%.-]{1,80}"),
        barcode(BarcodeFormat::Itf, "([0-9]{2}){1,40}"),
        barcode(BarcodeFormat::Codabar, "[ABCD][0-9$:/.+-]{1,78}[ABCD]"),
    ]
}

fn alignment() -> impl Strategy<Value = Alignment> {
    select(vec![Alignment::Start, Alignment::Center, Alignment::End])
}

fn placed(content: impl Strategy<Value = Content>) -> impl Strategy<Value = Layer> {
    let side = || prop::option::of(length());
    let position = (number(-50.0..200.0), number(-50.0..200.0));
    let position = prop::option::of(position.prop_map(|(x, y)| Position { x, y }));
    let opacity = number(select(vec![0.0, 33.3, 100.0]));
    let rotation = number(prop_oneof![Just(0.0), -360.0..=360.0]);
    (content, position, side(), side(), opacity, rotation).prop_map(
        |(content, position, width, height, opacity, rotation)| Layer {
            position,
            size: LayerSize { width, height },
            opacity,
            rotation,
            ..Layer::new(content)
        },
    )
}

fn group(inner: impl Strategy<Value = Layer> + Clone + 'static) -> impl Strategy<Value = Content> {
    let layers = || prop::collection::vec(inner.clone(), 0..4);
    let background = prop_oneof![
        Just(Background::None),
        any_color().prop_map(Background::Color),
        layers().prop_map(Background::Layers),
    ];
    let direction = select(vec![Direction::Horizontal, Direction::Vertical]);
    let padding =
        [length(), length(), length(), length()].prop_map(|[top, right, bottom, left]| Padding {
            top,
            right,
            bottom,
            left,
        });
    let places = (direction, length(), alignment(), alignment(), padding);
    (places, background, corners(), layers()).prop_map(|(places, background, corners, children)| {
        let (direction, gap, horizontal, vertical, padding) = places;
        Content::Layout(Layout {
            direction,
            gap,
            horizontal,
            vertical,
            padding,
            background,
            corners,
            children,
        })
    })
}

fn layer() -> impl Strategy<Value = Layer> {
    let leaf = prop_oneof![solid_color(), gradient(), text(), image(), code()];
    placed(leaf).prop_recursive(3, 12, 4, |inner| placed(group(inner)))
}

fn formats() -> impl Strategy<Value = PictureFormat> {
    select(vec!["png", "jpeg", "webp", "tiff", "gif"])
        .prop_map(|it| PictureFormat::parse(it).unwrap())
}

/// The file of a canvas; small limits keep absurd images from taking long.
fn drawn(canvas: &Canvas) -> Result<Vec<u8>, PaintError> {
    let limits = Limits {
        layer_pixels: 1 << 20,
        ..Limits::default()
    };
    paint(
        canvas,
        &Files::default(),
        &FONTS,
        &Models::default(),
        &limits,
    )?
    .encode()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_canvas_becomes_a_picture_of_its_size(
        (width, height) in (1..120_u32, 1..120_u32),
        layers in prop::collection::vec(layer(), 0..5),
        format in formats(),
    ) {
        let canvas = Canvas { format, ..canvas(width, height, layers) };
        match drawn(&canvas) {
            Ok(bytes) => {
                let picture = image::load_from_memory(&bytes).unwrap();
                prop_assert_eq!((picture.width(), picture.height()), (width, height));
            }
            // Images that are asked for at more than any canvas's size.
            Err(error) => prop_assert!(matches!(error, PaintError::TooManyPixels { .. }), "{}", error),
        }
    }

    #[test]
    fn what_a_message_carries_is_painted_the_same(layers in prop::collection::vec(layer(), 1..3)) {
        let canvas = canvas(40, 30, layers);
        let json = serde_json::to_string(&canvas).unwrap();
        let read: Canvas = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(drawn(&canvas).ok(), drawn(&read).ok());
    }
}
