//! Layouts: layers that place themselves.

use common::task::layers::{Alignment, Background, Content, Direction, Layout, Padding};

use super::geometry::{corners, extent, number};
use super::layer::Reader;
use super::shape::color;
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

const DIRECTIONS: &[(&str, Direction)] = &[
    ("horizontal", Direction::Horizontal),
    ("vertical", Direction::Vertical),
];

const ALIGNMENTS: &[(&str, Alignment)] = &[
    ("start", Alignment::Start),
    ("center", Alignment::Center),
    ("end", Alignment::End),
];

/// The layer.
pub(super) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Result<Content, Invalid> {
    let direction = fields.maybe("direction", |field| field.word(DIRECTIONS))?;
    let alignment = |name| fields.maybe(name, |field: &Field<'_>| field.word(ALIGNMENTS));
    Ok(Content::Layout(Layout {
        direction: direction.unwrap_or_default(),
        gap: extent(fields, "gap")?,
        horizontal: alignment("horizontal_alignment")?.unwrap_or_default(),
        vertical: alignment("vertical_alignment")?.unwrap_or_default(),
        padding: padding(fields)?,
        background: background(fields, reader)?,
        corners: corners(fields)?,
        children: reader.flowing(fields)?,
    }))
}

fn padding(fields: &Fields<'_>) -> Result<Padding, Invalid> {
    const SIDES: [&str; 4] = [
        "padding_top",
        "padding_right",
        "padding_bottom",
        "padding_left",
    ];
    if let Some(all) = fields.maybe("padding", number)? {
        if SIDES.iter().any(|name| fields.get(name).is_some()) {
            return Err(fields.invalid(
                "padding",
                "must not be combined with the padding of single sides",
            ));
        }
        return Ok(Padding::all(all));
    }
    let [top, right, bottom, left] = SIDES.map(|name| extent(fields, name));
    Ok(Padding {
        top: top?,
        right: right?,
        bottom: bottom?,
        left: left?,
    })
}

/// Layers win over a colour.
fn background(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Result<Background, Invalid> {
    let color = fields.maybe("background_color", color)?;
    let layers = fields.maybe("background_layers", |field| field.list(usize::MAX))?;
    match layers.filter(|layers| !layers.is_empty()) {
        Some(layers) => Ok(Background::Layers(reader.stacked(&layers)?)),
        None => Ok(color.map_or(Background::None, Background::Color)),
    }
}
