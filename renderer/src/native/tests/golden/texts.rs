//! Texts: their options, and the scripts of the world.

use super::*;

/// A text in a box that can be seen.
fn framed(content: Content, (x, y): (f64, f64), (width, height): (f64, f64)) -> Vec<Layer> {
    vec![
        boxed(solid("#e2e8f0"), x, y, width, height),
        boxed(content, x, y, width, height),
    ]
}

fn one(text: &str, size: f64, change: impl FnOnce(&mut Text)) -> Canvas {
    page(framed(
        words(text, size, change),
        (10.0, 10.0),
        (220.0, 140.0),
    ))
}

fn three(each: impl Fn(usize) -> Content) -> Canvas {
    let boxes = [10.0, 58.0, 106.0].into_iter().enumerate();
    page(
        boxes
            .flat_map(|(place, y)| framed(each(place), (10.0, y), (220.0, 44.0)))
            .collect(),
    )
}

fn weights() -> Canvas {
    let weights = [
        Weight::Thin,
        Weight::ExtraLight,
        Weight::Light,
        Weight::Regular,
        Weight::Medium,
        Weight::SemiBold,
        Weight::Bold,
        Weight::ExtraBold,
        Weight::Black,
    ];
    let lines = weights.into_iter().zip((0..).step_by(18));
    let line = |(weight, y): (Weight, u32)| {
        let text = words("Hamburgefonstiv 0123", 15.0, |it| it.font.weight = weight);
        boxed(text, 10.0, f64::from(y), 220.0, 20.0)
    };
    page(lines.map(line).collect())
}

fn sizes() -> Canvas {
    let lines = [
        (8.0, 4.0),
        (10.0, 16.0),
        (12.0, 30.0),
        (16.0, 48.0),
        (24.0, 70.0),
        (48.0, 100.0),
    ];
    let line = |(size, y)| {
        boxed(
            words("Hxg The quick fox 158", size, |it| it.wrap = false),
            6.0,
            y,
            230.0,
            60.0,
        )
    };
    page(lines.into_iter().map(line).collect())
}

fn families() -> Canvas {
    let names = [
        "Helvetica",
        "Inter",
        "Noto Serif",
        "LiberationMono",
        "Noto Sans",
    ];
    let lines = names.into_iter().zip((0..).step_by(30));
    let line = |(name, y): (&str, u32)| {
        let text = words("Illusion *and* **fact**", 18.0, |it| {
            it.font.family = name.to_owned();
        });
        boxed(text, 10.0, f64::from(y), 220.0, 26.0)
    };
    page(lines.map(line).collect())
}

/// A font with neither bold nor italic faces: both are made.
fn made_up() -> Canvas {
    let text = "שלום **שלום** *שלום*";
    one(text, 28.0, |it| {
        it.font.family = "Noto Rashi Hebrew".to_owned();
    })
}

pub(super) fn cases() -> Cases {
    const LOREM: &str = "The quick brown fox jumps over the lazy dog while the others look on.";
    let aligned = |place: usize| {
        words("Two lines of words that wrap", 17.0, |it| {
            it.align = [Align::Left, Align::Center, Align::Right][place];
        })
    };
    let placed = |place: usize| {
        words("Hxg", 20.0, |it| {
            it.vertical_align = [Alignment::Start, Alignment::Center, Alignment::End][place];
        })
    };
    let slanted = boxed(
        words("Watermark", 36.0, |it| it.color = color("#b91c1c")),
        20.0,
        55.0,
        200.0,
        50.0,
    );
    let scaled = |text: &str| one(text, 120.0, |it| it.auto_scale = true);
    vec![
        ("text-wrapped", one(LOREM, 22.0, |_| {})),
        ("text-unwrapped", one(LOREM, 22.0, |it| it.wrap = false)),
        ("text-sizes", sizes()),
        ("text-weights", weights()),
        ("text-families", families()),
        (
            "text-runs",
            one(
                "Plain, **bold**, *italic*, ***both***, and 2 * 3 * 4",
                22.0,
                |_| {},
            ),
        ),
        (
            "text-italic",
            one("All *of* it, **bold** too", 24.0, |it| {
                it.font.italic = true;
            }),
        ),
        ("text-made-up-styles", made_up()),
        (
            "text-color",
            one("Colour", 56.0, |it| it.color = color("#7c3aed")),
        ),
        ("text-align", three(aligned)),
        ("text-vertical-align", three(placed)),
        (
            "text-paragraphs",
            one("One\nTwo\n\nFour", 20.0, |it| {
                it.paragraph_spacing = px(8.0);
            }),
        ),
        ("text-auto-scale", scaled(LOREM)),
        ("text-auto-scale-word", scaled("Donaudampfschifffahrt")),
        (
            "text-long-word",
            one("Donaudampfschifffahrtsgesellschaft", 30.0, |_| {}),
        ),
        ("text-turned", page(vec![turned(slanted.clone(), -30.0)])),
        (
            "text-opacity",
            page(vec![
                boxed(solid("#fde047"), 0.0, 0.0, 120.0, 160.0),
                faded(slanted, 40.0),
            ]),
        ),
        (
            "text-kerning",
            one("AVATAR To. Wa LT, fi ffl 11:45 → “P.”", 30.0, |_| {}),
        ),
        (
            "text-marks",
            one(
                "Ångström e\u{301} o\u{308} Z\u{335} ẞ ñ Ǆ Łódź ỗ",
                26.0,
                |_| {},
            ),
        ),
        ("text-emoji", one("😀 👍🏽 👩‍👩‍👧 🇩🇪 1️⃣ ❤️ ☎ a😀b", 26.0, |_| {})),
        (
            "text-hebrew",
            one("שלום עולם! מחיר: 42 ₪ (מבצע) בִּרְכָּה", 24.0, |_| {}),
        ),
        (
            "text-arabic",
            one("مرحبا بالعالم، السعر ٤٢ ريال — الطَّقْس", 24.0, |_| {}),
        ),
        (
            "text-both-ways",
            one("The word שלום (peace) means سلام in Arabic.", 22.0, |_| {}),
        ),
        (
            "text-indic",
            one("नमस्ते दुनिया क्षि வணக்கம் ক্লান্ত ನಮಸ್ಕಾರ", 22.0, |_| {}),
        ),
        ("text-thai", one("สวัสดีชาวโลก ภาษาไทยตัดคำ", 24.0, |_| {})),
        (
            "text-greek-cyrillic",
            one("Ξεσκεπάζω την ψυχή. Съешь же ещё этих булок", 22.0, |_| {}),
        ),
        (
            "text-cjk",
            one(
                "你好，世界！日本語の「組版」です。한국어 문장",
                24.0,
                |_| {},
            ),
        ),
    ]
}
