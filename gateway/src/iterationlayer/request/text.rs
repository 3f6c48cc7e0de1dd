//! Text layers.

use common::task::layers::{Align, Alignment, Content, Font, Paragraph, Text, Weight};

use super::geometry::{extent, positive};
use super::shape::required_color;
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

/// The longest name of a font, in bytes.
const NAME_LIMIT: usize = 200;

const ALIGNS: &[(&str, Align)] = &[
    ("left", Align::Left),
    ("center", Align::Center),
    ("right", Align::Right),
];

const VERTICAL: &[(&str, Alignment)] = &[
    ("top", Alignment::Start),
    ("center", Alignment::Center),
    ("bottom", Alignment::End),
];

const STYLES: &[(&str, bool)] = &[("normal", false), ("italic", true)];

/// What is written, with the stars that mean something.
pub(super) fn words<'a>(fields: &Fields<'a>) -> Result<&'a str, Invalid> {
    something(fields, "text")
}

/// A text that must be there; an empty one is as good as none.
pub(super) fn something<'a>(fields: &Fields<'a>, name: &str) -> Result<&'a str, Invalid> {
    fields.require(name, "a non-empty string", |field| {
        let text = field.text()?;
        if text.is_empty() {
            return Err(field.invalid("must be a non-empty string"));
        }
        Ok(text)
    })
}

/// The layer with these words.
pub(super) fn read(fields: &Fields<'_>, words: &str) -> Result<Content, Invalid> {
    let align = fields.maybe("text_align", |field| field.word(ALIGNS))?;
    let vertical = fields.maybe("vertical_align", |field| field.word(VERTICAL))?;
    let wrap = fields.maybe("is_splitting_lines", Field::boolean)?;
    Ok(Content::Text(Text {
        paragraphs: Paragraph::parse(words),
        font: Font {
            family: fields.require("font_name", "the name of a font", family)?,
            weight: fields.maybe("font_weight", weight)?.unwrap_or_default(),
            italic: fields.maybe("font_style", italic)?.unwrap_or(false),
        },
        size: fields.require("font_size_in_px", "a number greater than 0", positive)?,
        color: required_color(fields, "text_color")?,
        align: align.unwrap_or_default(),
        vertical_align: vertical.unwrap_or_default(),
        wrap: wrap.unwrap_or(true),
        paragraph_spacing: extent(fields, "paragraph_spacing_in_px")?,
        auto_scale: fields.flag("should_auto_scale")?,
    }))
}

/// The name of a font.
pub(super) fn family(field: &Field<'_>) -> Result<String, Invalid> {
    Ok(field.line(NAME_LIMIT)?.to_owned())
}

/// A weight, in any case.
pub(super) fn weight(field: &Field<'_>) -> Result<Weight, Invalid> {
    let parsed = field.text()?.parse::<Weight>();
    parsed.map_err(|error| field.invalid(error.to_string()))
}

/// Whether a style is the slanted one.
pub(super) fn italic(field: &Field<'_>) -> Result<bool, Invalid> {
    field.word(STYLES)
}
