//! Breaks text into lines, and makes it fit its box.

use common::task::layers::{Align, Alignment, Color, Text};
use parley::{
    Alignment as LineAlignment, AlignmentOptions, FontFamily, FontFamilyName, FontStyle,
    FontWeight, GenericFamily, Layout, LineHeight, OverflowWrap, PositionedLayoutItem,
    StyleProperty, TextWrapMode,
};

use super::fonts::{Desk, language};
use super::number::single;

/// Sizes that auto scale tries are multiples of a quarter pixel, so that it ends.
const STEPS_PER_PIXEL: f64 = 4.0;

/// The heaviest of weights that `**bold**` has; a heavier text stays what it is.
const BOLD: u16 = 700;

/// Lines that know their places.
pub(super) struct Block {
    /// A paragraph each, and where its first line's top is below that of the block.
    pub(super) paragraphs: Vec<(Layout<()>, f64)>,
    /// The widest line, without spaces at its end.
    pub(super) width: f64,
    /// All lines, and what is between the paragraphs.
    pub(super) height: f64,
    pub(super) color: Color,
}

impl Block {
    /// How many letters each run of them has, and their size in pixels.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u32, f64)> {
        let lines = self
            .paragraphs
            .iter()
            .flat_map(|(layout, _)| layout.lines());
        let items = lines.flat_map(|line| line.items());
        items.filter_map(|item| match item {
            PositionedLayoutItem::GlyphRun(run) => {
                let count = run.glyphs().count();
                let size = run.run().font_size();
                Some((u32::try_from(count).unwrap_or(u32::MAX), size.into()))
            }
            PositionedLayoutItem::InlineBox(_) => None,
        })
    }
}

/// How the block is placed in a box that is taller.
pub(super) fn offset(align: Alignment, room: f64) -> f64 {
    match align {
        Alignment::Start => 0.0,
        Alignment::Center => room / 2.0,
        Alignment::End => room,
    }
}

/// Sets a text. `width` is that of its box, which lines are aligned to; without one it is as wide as
/// its widest line, which is at most `room`. `height` is only of interest to auto scale.
pub(super) fn set(
    text: &Text,
    desk: &mut Desk,
    (width, height): (Option<f64>, Option<f64>),
    room: Option<f64>,
) -> Block {
    let limit = width.or(room);
    let size = if text.auto_scale {
        fitting(text, desk, limit, height)
    } else {
        text.size.get()
    };
    let mut block = lines(text, desk, size, limit, OverflowWrap::Anywhere);
    let width = width.unwrap_or_else(|| block.width.ceil());
    align(&mut block, text.align, width);
    block
}

/// The largest size that fits, at least one pixel.
fn fitting(text: &Text, desk: &mut Desk, width: Option<f64>, height: Option<f64>) -> f64 {
    let mut fits = |size: f64| {
        // A word that has to be torn apart does not fit.
        let block = lines(text, desk, size, width, OverflowWrap::Normal);
        width.is_none_or(|width| block.width <= width)
            && height.is_none_or(|height| block.height <= height)
    };
    let wanted = text.size.get();
    if fits(wanted) {
        return wanted;
    }
    // `low` fits, or nothing does; `high` does not.
    let (mut low, mut high) = (STEPS_PER_PIXEL, wanted * STEPS_PER_PIXEL);
    while high - low > 1.0 {
        let middle = f64::midpoint(low, high).floor().max(low + 1.0);
        if middle >= high {
            break;
        }
        if fits(middle / STEPS_PER_PIXEL) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low / STEPS_PER_PIXEL
}

fn lines(
    text: &Text,
    desk: &mut Desk,
    size: f64,
    width: Option<f64>,
    overflow: OverflowWrap,
) -> Block {
    let mut block = Block {
        paragraphs: Vec::with_capacity(text.paragraphs.len()),
        width: 0.0,
        height: 0.0,
        color: text.color,
    };
    for index in 0..text.paragraphs.len() {
        if index > 0 {
            block.height += text.paragraph_spacing.get();
        }
        let mut layout = shape(text, index, desk, size, overflow);
        layout.break_all_lines(width.map(single));
        block.width = block.width.max(layout.width().into());
        let height = f64::from(layout.height());
        block.paragraphs.push((layout, block.height));
        block.height += height;
    }
    block
}

fn shape(
    text: &Text,
    index: usize,
    desk: &mut Desk,
    size: f64,
    overflow: OverflowWrap,
) -> Layout<()> {
    let families = desk.families(&text.font);
    let mut emoji_families = vec![FontFamilyName::Generic(GenericFamily::Emoji)];
    emoji_families.extend_from_slice(&families);
    let spans = text.paragraphs.get(index).map(|it| it.spans.as_slice());
    let spans = spans.unwrap_or_default();
    let letters: String = spans.iter().map(|span| span.text.as_str()).collect();
    let weight = text.font.weight.css();
    let all = text.paragraphs.iter().flat_map(|it| &it.spans);
    let parts = all.map(|span| span.text.as_str());
    let mut builder = desk
        .layouts
        .ranged_builder(&mut desk.context, &letters, 1.0, true);
    builder.push_default(FontFamily::List(families.into()));
    builder.push_default(StyleProperty::FontSize(single(size)));
    builder.push_default(LineHeight::MetricsRelative(1.0));
    builder.push_default(FontWeight::new(weight.into()));
    if text.font.italic {
        builder.push_default(FontStyle::Italic);
    }
    builder.push_default(StyleProperty::Locale(language(&parts)));
    builder.push_default(overflow);
    if !text.wrap {
        builder.push_default(TextWrapMode::NoWrap);
    }
    let mut end = 0;
    for span in spans {
        let start = end;
        end += span.text.len();
        if span.bold {
            builder.push(FontWeight::new(weight.max(BOLD).into()), start..end);
        }
        if span.italic {
            builder.push(FontStyle::Italic, start..end);
        }
    }
    for (start, end) in emoji(&letters) {
        builder.push(FontFamily::List(emoji_families.clone().into()), start..end);
    }
    builder.build(&letters)
}

/// Letters that ask to be shown as emoji, although most fonts have them in black and white.
fn emoji(text: &str) -> Vec<(usize, usize)> {
    const SELECTOR: char = '\u{fe0f}';
    let pairs = text.char_indices().zip(text.char_indices().skip(1));
    pairs
        .filter(|(_, (_, selector))| *selector == SELECTOR)
        .map(|((start, _), (end, selector))| (start, end + selector.len_utf8()))
        .collect()
}

fn align(block: &mut Block, align: Align, width: f64) {
    let align = match align {
        Align::Left => LineAlignment::Left,
        Align::Center => LineAlignment::Center,
        Align::Right => LineAlignment::Right,
    };
    for (layout, _) in &mut block.paragraphs {
        // Lines that were broken at another width stay as they are: this one holds them.
        layout.break_all_lines(Some(single(width)));
        layout.align(
            align,
            AlignmentOptions {
                align_when_overflowing: true,
                ..AlignmentOptions::default()
            },
        );
    }
}
