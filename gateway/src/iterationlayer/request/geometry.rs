//! Where layers are and how large: positions, sizes, corners, turns; in the new spelling and the old.

use common::task::layers::{Corners, Degrees, Extent, LayerSize, NumberError, Percent, Position};

use crate::fields::{Field, Fields};
use crate::invalid::Invalid;

/// Which sides may be left to the content in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auto {
    /// `"auto"` is understood.
    Allowed,
    /// It is not.
    Refused,
}

/// A number in the bounds of its type.
pub(super) fn number<T: TryFrom<f64, Error = NumberError>>(
    field: &Field<'_>,
) -> Result<T, Invalid> {
    let number = field
        .value()
        .as_f64()
        .ok_or_else(|| field.unlike("a number"))?;
    T::try_from(number).map_err(|error| field.invalid(error.to_string()))
}

/// A number above nothing.
pub(super) fn positive(field: &Field<'_>) -> Result<Extent, Invalid> {
    let extent: Extent = number(field)?;
    if extent == Extent::ZERO {
        return Err(field.invalid("must be greater than 0"));
    }
    Ok(extent)
}

/// A length that is nothing when absent.
pub(super) fn extent(fields: &Fields<'_>, name: &str) -> Result<Extent, Invalid> {
    Ok(fields.maybe(name, number)?.unwrap_or_default())
}

/// `opacity`, in percent.
pub(super) fn opacity(fields: &Fields<'_>) -> Result<Percent, Invalid> {
    Ok(fields.maybe("opacity", number)?.unwrap_or(Percent::FULL))
}

/// `rotation_in_degrees`.
pub(super) fn rotation(fields: &Fields<'_>) -> Result<Degrees, Invalid> {
    Ok(fields
        .maybe("rotation_in_degrees", number)?
        .unwrap_or_default())
}

/// `position`; the origin is the same as none.
pub(super) fn position(fields: &Fields<'_>) -> Result<Option<Position>, Invalid> {
    let read = |field: &Field<'_>| {
        let parts = field.object()?;
        let part = |new, old| match parts.maybe(new, number)? {
            Some(part) => Ok(part),
            None => Ok(parts.maybe(old, number)?.unwrap_or_default()),
        };
        Ok(Position {
            x: part("x_in_px", "x")?,
            y: part("y_in_px", "y")?,
        })
    };
    let position = fields.maybe("position", read)?;
    Ok(position.filter(|position| *position != Position::default()))
}

/// `dimensions`; an empty object and 0 x 0 are the same as none.
pub(super) fn size(fields: &Fields<'_>, auto: Auto) -> Result<LayerSize, Invalid> {
    let size = fields.maybe("dimensions", |field| sides(field, auto))?;
    Ok(size.flatten().unwrap_or_default())
}

/// `dimensions` that must be there.
pub(super) fn required_size(fields: &Fields<'_>, auto: Auto) -> Result<LayerSize, Invalid> {
    let missing = || {
        fields.invalid(
            "dimensions",
            "must be an object with width_in_px and height_in_px",
        )
    };
    let size = fields.maybe("dimensions", |field| sides(field, auto))?;
    size.flatten().ok_or_else(missing)
}

fn sides(field: &Field<'_>, auto: Auto) -> Result<Option<LayerSize>, Invalid> {
    let parts = field.object()?;
    let zero = |names: [&str; 2]| {
        let side = names.iter().find_map(|name| parts.get(name));
        side.is_none_or(|side| side.value().as_f64() == Some(0.0))
    };
    let (width, height) = (["width_in_px", "width"], ["height_in_px", "height"]);
    if zero(width) && zero(height) {
        return Ok(None);
    }
    Ok(Some(LayerSize {
        width: side(&parts, width, auto)?,
        height: side(&parts, height, auto)?,
    }))
}

fn side(parts: &Fields<'_>, names: [&str; 2], auto: Auto) -> Result<Option<Extent>, Invalid> {
    let [new, old] = names;
    let name = if parts.get(new).is_some() { new } else { old };
    let read = |field: &Field<'_>| {
        if auto == Auto::Allowed && field.value().as_str() == Some("auto") {
            return Ok(None);
        }
        positive(field).map(Some)
    };
    match (parts.maybe(name, read)?, auto) {
        (Some(side), _) => Ok(side),
        (None, Auto::Allowed) => Ok(None),
        (None, Auto::Refused) => Err(parts.invalid(new, "must be a number greater than 0")),
    }
}

/// `border_radius`, or one radius for each corner.
pub(super) fn corners(fields: &Fields<'_>) -> Result<Corners, Invalid> {
    const EACH: [&str; 4] = [
        "border_top_left_radius",
        "border_top_right_radius",
        "border_bottom_right_radius",
        "border_bottom_left_radius",
    ];
    if let Some(radius) = fields.maybe("border_radius", number)? {
        if EACH.iter().any(|name| fields.get(name).is_some()) {
            return Err(fields.invalid(
                "border_radius",
                "must not be combined with the radii of single corners",
            ));
        }
        return Ok(Corners::all(radius));
    }
    let [top_left, top_right, bottom_right, bottom_left] = EACH.map(|name| extent(fields, name));
    Ok(Corners {
        top_left: top_left?,
        top_right: top_right?,
        bottom_right: bottom_right?,
        bottom_left: bottom_left?,
    })
}
