//! Text, measured.

use common::task::layers::Layout;
use parley::PositionedLayoutItem;

use super::*;
use crate::native::number::pixels;
use crate::native::text;

pub(super) const LOREM: &str =
    "The quick brown fox jumps over the lazy dog while the others look on";

pub(super) fn text_ink(content: Content, width: f64, height: f64) -> (u32, u32, u32, u32) {
    let layer = boxed(content, 50.0, 40.0, width, height);
    ink(&painted(&canvas(500, 300, vec![layer]))).expect("nothing was written")
}

pub(super) fn block(text: &Text, width: f64) -> text::Block {
    let mut desk = FONTS
        .desk(&[], &Files::default(), &Limits::default())
        .unwrap();
    text::set(text, &mut desk, (Some(width), None), None)
}

pub(super) fn plain(text: &str, size: f64) -> Text {
    Text::plain(text, size).unwrap()
}

fn line_count(text: &Text, width: f64) -> usize {
    block(text, width)
        .paragraphs
        .iter()
        .map(|(lines, _)| lines.len())
        .sum()
}

#[test]
fn wrapped_text_stays_inside_of_its_box() {
    let (left, top, right, bottom) = text_ink(words(LOREM, 24.0, |_| {}), 300.0, 200.0);
    // A j may reach back over the edge, as it does in print.
    assert!((49..56).contains(&left) && right <= 350, "{left} {right}");
    assert!((40..52).contains(&top) && bottom <= 240, "{top} {bottom}");
    assert!(right > 300, "{right}");
}

#[test]
fn lines_are_aligned_to_the_pixel() {
    let bars = |align| text_ink(words("HIH", 40.0, |text| text.align = align), 400.0, 100.0);
    let (left, _, left_end, _) = bars(Align::Left);
    let (middle, _, middle_end, _) = bars(Align::Center);
    let (right, _, right_end, _) = bars(Align::Right);
    // The letters are symmetric, so their side bearings are, too.
    let bearing = left - 50;
    assert_eq!(450 - right_end, bearing);
    assert!((middle - 50).abs_diff(450 - middle_end) <= 1);
    assert_eq!((left_end - left).abs_diff(right_end - right), 0);
}

#[test]
fn text_is_placed_from_top_to_bottom() {
    let lines = |align| {
        let (_, top, _, bottom) = text_ink(
            words("HIH", 40.0, |text| text.vertical_align = align),
            400.0,
            200.0,
        );
        (top, bottom)
    };
    let (start, center, end) = (
        lines(Alignment::Start),
        lines(Alignment::Center),
        lines(Alignment::End),
    );
    let height = pixels(block(&plain("HIH", 40.0), 400.0).height);
    assert_eq!(end.0 - start.0, 200 - height);
    assert!((center.0 - start.0).abs_diff((200 - height) / 2) <= 1);
    assert!(end.1 <= 240);
}

#[test]
fn a_larger_size_is_wider_and_bold_is_bolder() {
    let width = |size: f64| block(&plain("Hamburgefonts", size), 4000.0).width;
    let widths: Vec<f64> = [8.0, 9.5, 12.0, 30.0, 31.0, 120.0].map(width).to_vec();
    assert!(widths.is_sorted(), "{widths:?}");
    let dark = |text: &str| {
        let image = painted(&canvas(
            400,
            60,
            vec![boxed(words(text, 32.0, |_| {}), 0.0, 0.0, 400.0, 60.0)],
        ));
        image
            .pixels()
            .map(|pixel| u64::from(pixel.0[3]))
            .sum::<u64>()
    };
    assert!(dark("**Hamburg**") * 10 > dark("Hamburg") * 12);
    assert_ne!(dark("*Hamburg*"), dark("Hamburg"));
}

#[test]
fn every_weight_is_heavier_than_the_one_before() {
    let dark = |weight| {
        let text = words("Hamburg", 48.0, |text| text.font.weight = weight);
        let image = painted(&canvas(400, 80, vec![boxed(text, 0.0, 0.0, 400.0, 80.0)]));
        image
            .pixels()
            .map(|pixel| u64::from(pixel.0[3]))
            .sum::<u64>()
    };
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
    let darks = weights.map(dark);
    assert!(darks.windows(2).all(|pair| pair[0] < pair[1]), "{darks:?}");
}

#[test]
fn lines_break_between_words_and_in_words_that_are_too_long() {
    assert_eq!(line_count(&plain("one", 20.0), 400.0), 1);
    assert_eq!(line_count(&plain("one two", 20.0), 60.0), 2);
    assert!(line_count(&plain("Donaudampfschifffahrtsgesellschaft", 20.0), 100.0) > 2);
    let unbroken = Text {
        wrap: false,
        ..plain("one two three", 20.0)
    };
    assert_eq!(line_count(&unbroken, 30.0), 1);
}

#[test]
fn paragraphs_keep_their_distance() {
    let height = |text: &str, spacing: f64| {
        let text = Text {
            paragraph_spacing: px(spacing),
            ..plain(text, 20.0)
        };
        block(&text, 400.0).height
    };
    let one = height("a", 0.0);
    assert!((height("a\nb", 15.0) - 2.0 * one - 15.0).abs() < 0.01);
    assert!((height("a\n\nb", 0.0) - 3.0 * one).abs() < 0.01);
}

#[test]
fn right_to_left_text_begins_on_the_right() {
    let block = block(&plain("שלום abc עולם", 20.0), 400.0);
    let line = block.paragraphs[0].0.lines().next().unwrap();
    let runs: Vec<bool> = line
        .items()
        .filter_map(|item| match item {
            PositionedLayoutItem::GlyphRun(run) => Some(run.run().is_rtl()),
            PositionedLayoutItem::InlineBox(_) => None,
        })
        .collect();
    assert!(
        *runs.first().unwrap() && *runs.last().unwrap() && runs.contains(&false),
        "{runs:?}"
    );
    // The first word in memory is the last from the left.
    let last = line.runs().last().unwrap();
    assert_eq!(last.text_range().start, 0);
}

#[test]
fn an_unknown_family_is_inter_and_names_are_compared_loosely() {
    let family = |name: &str| {
        let text = words("Hamburgefonts", 30.0, |text| {
            text.font.family = name.to_owned();
        });
        painted(&canvas(400, 60, vec![boxed(text, 0.0, 0.0, 400.0, 60.0)]))
    };
    assert_eq!(family("Helvetica"), family("Inter"));
    assert_eq!(family("dejavusans"), family("DejaVu Sans"));
    assert_ne!(family("DejaVu Sans"), family("Inter"));
}

#[test]
fn a_text_without_a_width_is_as_wide_as_its_words() {
    let layout = Content::Layout(Layout {
        direction: Direction::Horizontal,
        gap: Extent::ZERO,
        horizontal: Alignment::Start,
        vertical: Alignment::Start,
        padding: Padding::default(),
        background: Background::Color(Color::BLACK),
        corners: Corners::default(),
        children: vec![Layer::new(words("Wide words", 30.0, |text| {
            text.align = Align::Right;
        }))],
    });
    let found = ink(&painted(&canvas(
        500,
        100,
        vec![at(Layer::new(layout), 10.0, 10.0)],
    )));
    let width = pixels(block(&plain("Wide words", 30.0), 1000.0).width.ceil());
    let height = pixels(block(&plain("Wide words", 30.0), 1000.0).height);
    assert_eq!(found, Some((10, 10, 10 + width, 10 + height)));
}

#[test]
fn a_family_goes_by_the_name_of_its_region_and_by_that_of_its_debian_package() {
    let desk = FONTS
        .desk(&[], &Files::default(), &Limits::default())
        .unwrap();
    for (wanted, real) in [
        ("NotoSansJP", "Noto Sans CJK JP"),
        ("Noto Serif KR", "Noto Serif CJK KR"),
        ("Noto Sans CJK SC", "Noto Sans CJK SC"),
        ("Nobody Has This", "Inter"),
    ] {
        let mut text = Text::plain("x", 10.0).unwrap();
        text.font.family = wanted.to_owned();
        let families = desk.families(&text.font);
        let found = format!("{:?}", families.first());
        assert!(found.contains(&format!("{real:?}")), "{wanted}: {found}");
    }
}
