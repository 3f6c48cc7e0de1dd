//! Solid colours and gradients.

use common::task::layers::{
    AngledEdge, Color, Content, Degrees, Edge, Gradient, GradientShape, GradientStop, Solid,
};

use super::geometry::{corners, number};
use super::layer::some;
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

/// The steepest that a side may be cut, in degrees.
const STEEPEST: f64 = 45.0;

/// The most colours of a gradient, and cut sides of a box.
const MOST: usize = 256;

const EDGES: &[(&str, Edge)] = &[
    ("left", Edge::Left),
    ("right", Edge::Right),
    ("top", Edge::Top),
    ("bottom", Edge::Bottom),
];

/// The two kinds of gradient.
#[derive(Clone, Copy)]
enum Kind {
    Linear,
    Radial,
}

const KINDS: &[(&str, Kind)] = &[("linear", Kind::Linear), ("radial", Kind::Radial)];

/// A colour.
pub(super) fn color(field: &Field<'_>) -> Result<Color, Invalid> {
    let parsed = field.text()?.parse::<Color>();
    parsed.map_err(|error| field.invalid(error.to_string()))
}

/// A colour that must be there.
pub(super) fn required_color(fields: &Fields<'_>, name: &str) -> Result<Color, Invalid> {
    fields.require(name, "a hex color of six digits such as #FF5500", color)
}

/// The layer of one colour.
pub(super) fn solid(fields: &Fields<'_>) -> Result<Content, Invalid> {
    let edges = fields.maybe("angled_edges", |field| {
        field.list(MOST)?.iter().map(angled_edge).collect()
    })?;
    Ok(Content::Solid(Solid {
        color: required_color(fields, "hex_color")?,
        corners: corners(fields)?,
        angled_edges: edges.unwrap_or_default(),
    }))
}

fn angled_edge(field: &Field<'_>) -> Result<AngledEdge, Invalid> {
    let fields = field.object()?;
    let angle = |field: &Field<'_>| -> Result<Degrees, Invalid> {
        field.number(-STEEPEST..=STEEPEST)?;
        number(field)
    };
    Ok(AngledEdge {
        edge: fields.require("edge", "left, right, top or bottom", |field| {
            field.word(EDGES)
        })?,
        angle: fields.require("angle_in_degrees", "a number from -45 to 45", angle)?,
    })
}

/// The layer of colours that flow.
pub(super) fn gradient(fields: &Fields<'_>) -> Result<Content, Invalid> {
    let kind = fields.require("gradient_type", "linear or radial", |field| {
        field.word(KINDS)
    })?;
    let stops = some(fields, "colors")?;
    if stops.len() > MOST {
        return Err(fields.invalid("colors", format!("must have at most {MOST} items")));
    }
    let angle = fields
        .maybe("angle_in_degrees", number)?
        .unwrap_or_default();
    Ok(Content::Gradient(Gradient {
        shape: match kind {
            Kind::Linear => GradientShape::Linear { angle },
            Kind::Radial => GradientShape::Radial,
        },
        stops: stops.iter().map(stop).collect::<Result<_, _>>()?,
        corners: corners(fields)?,
    }))
}

fn stop(field: &Field<'_>) -> Result<GradientStop, Invalid> {
    let fields = field.object()?;
    Ok(GradientStop {
        color: required_color(&fields, "hex_color")?,
        at: fields.require("position", "a number from 0 to 100", number)?,
    })
}
