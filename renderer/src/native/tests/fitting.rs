//! Texts in their boxes: ink stays inside, and auto scale takes the largest size that fits.

use super::texts::{LOREM, block, plain, text_ink};
use super::*;
use crate::native::number::pixels;
use crate::native::text;

#[test]
fn auto_scale_takes_the_largest_size_that_fits() {
    let scaled = Text {
        auto_scale: true,
        ..plain(LOREM, 200.0)
    };
    let mut desk = FONTS
        .desk(&[], &Files::default(), &Limits::default())
        .unwrap();
    let fitted = text::set(&scaled, &mut desk, (Some(300.0), Some(120.0)), None);
    assert!(fitted.height <= 120.0 && fitted.width <= 300.0);
    let size = fitted.paragraphs[0]
        .0
        .lines()
        .next()
        .and_then(|line| line.runs().next());
    let size = f64::from(size.unwrap().font_size());
    let larger = block(&plain(LOREM, size + 0.25), 300.0);
    assert!(larger.height > 120.0 || larger.width > 300.0, "{size}");
    let small = Text {
        size: px(12.0),
        ..scaled
    };
    let unscaled = block(&plain(LOREM, 12.0), 300.0).height;
    assert!((block(&small, 300.0).height - unscaled).abs() < 0.01);
}

/// A box of whole words that wrap, or of a size that fits, holds all of its ink: wherever it stands.
#[test]
fn ink_stays_inside_of_its_box_however_it_is_aligned() {
    let aligns = [Align::Left, Align::Center, Align::Right];
    let places = [Alignment::Start, Alignment::Center, Alignment::End];
    for (align, place) in aligns
        .iter()
        .flat_map(|a| places.iter().map(move |p| (*a, *p)))
    {
        for (width, height) in [(60.0, 30.0), (120.0, 200.0), (300.0, 20.0), (411.0, 97.0)] {
            let text = words(LOREM, 90.0, |text| {
                (text.align, text.vertical_align, text.auto_scale) = (align, place, true);
            });
            let (left, top, right, bottom) = text_ink(text, width, height);
            let (across, down) = (50 + pixels(width), 40 + pixels(height));
            // A j may reach back over the edge, as it does in print.
            let inside = left >= 49 && top >= 40 && right <= across + 1 && bottom <= down;
            assert!(
                inside,
                "{align:?} {place:?} {width} {height}: {left} {top} {right} {bottom}"
            );
        }
    }
}

/// At every size that is tried, and in every box, no larger one would have fitted.
#[test]
fn auto_scale_is_maximal_in_every_box() {
    let size_of = |text: &Text, width: f64, height: f64| {
        let mut desk = FONTS
            .desk(&[], &Files::default(), &Limits::default())
            .unwrap();
        let block = text::set(text, &mut desk, (Some(width), Some(height)), None);
        let line = block.paragraphs[0].0.lines().next().unwrap();
        f64::from(line.runs().next().unwrap().font_size())
    };
    for (words, width, height) in [
        (LOREM, 300.0, 120.0),
        (LOREM, 80.0, 300.0),
        ("One", 200.0, 40.0),
        ("Incomprehensibilities", 150.0, 300.0),
        ("a b c d e f g", 33.0, 77.0),
    ] {
        let scaled = Text {
            auto_scale: true,
            ..plain(words, 150.0)
        };
        let size = size_of(&scaled, width, height);
        assert!(size < 150.0, "{words}");
        let fits = |size: f64| {
            let block = block(&plain(words, size), width);
            let torn = words.split(' ').any(|word| {
                let word = self::block(&plain(word, size), 10_000.0);
                word.width > width
            });
            block.height <= height && block.width <= width && !torn
        };
        assert!(fits(size), "{words} {size}");
        assert!(!fits(size + 0.25), "{words} {size}");
    }
}

#[test]
fn auto_scale_tears_no_word_apart() {
    let (left, _, right, bottom) = text_ink(
        words("Donaudampfschifffahrt", 90.0, |text| text.auto_scale = true),
        200.0,
        200.0,
    );
    assert!(left >= 50 && right <= 250);
    // One line.
    assert!(bottom < 90, "{bottom}");
}
