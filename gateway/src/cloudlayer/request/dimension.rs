//! Lengths as CSS writes them, and margins made of them (reference 6.6).

use common::task::{Length, Margins};
use serde_json::Value;

use super::Invalid;
use super::fields::Field;

/// The longest length, in inches; far beyond any printer, far below what makes printing fail.
const LONGEST: f64 = 1_000.0;

/// The shortest side of a sheet, in inches: 0.1, as 9.6 pixels come out.
const SHORTEST_SIDE: f64 = 9.6 / PIXELS;

/// A length of 0 or more: a number of pixels, or a text with a unit.
pub(super) fn length(field: &Field<'_>) -> Result<Length, Invalid> {
    let inches = match field.value() {
        Value::Number(number) => number.as_f64().map(|pixels| pixels / PIXELS),
        Value::String(text) => inches(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let inches = inches.filter(|inches| (0.0..=LONGEST).contains(inches));
    inches.map(Length::inches).ok_or_else(|| {
        field.unlike(
            "a length from 0 to 1000 in: a number of pixels, or a text with `px`, `in`, `cm` or `mm` \
             such as `1.25in`",
        )
    })
}

/// A side of a sheet.
pub(super) fn side(field: &Field<'_>) -> Result<Length, Invalid> {
    let length = length(field)?;
    if length.as_inches() < SHORTEST_SIDE {
        return Err(field.unlike("a length of at least 0.1 in"));
    }
    Ok(length)
}

/// Four sides, each of which may be left to `unset`.
pub(super) fn margins(field: &Field<'_>, unset: Margins) -> Result<Margins, Invalid> {
    let fields = field.object()?;
    let side = |name, unset| Ok(fields.maybe(name, length)?.unwrap_or(unset));
    Ok(Margins {
        top: side("top", unset.top)?,
        right: side("right", unset.right)?,
        bottom: side("bottom", unset.bottom)?,
        left: side("left", unset.left)?,
    })
}

/// CSS pixels to the inch.
const PIXELS: f64 = 96.0;

fn inches(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = number.trim_end();
    let to_the_inch = match unit.to_ascii_lowercase().as_str() {
        "" | "px" => PIXELS,
        "in" => 1.0,
        "cm" => 2.54,
        "mm" => 25.4,
        _ => return None,
    };
    let plain = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|_| plain)?;
    Some(number / to_the_inch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_unit_has_its_size() {
        for (text, expected) in [
            ("96px", 1.0),
            ("96", 1.0),
            (" 1.25in ", 1.25),
            ("2.54cm", 1.0),
            ("25.4 MM", 1.0),
            (".5in", 0.5),
            ("0", 0.0),
        ] {
            assert_eq!(inches(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_length() {
        for text in [
            "", "px", "in", "1pt", "1em", "50%", "1e2in", "-1in", "+1in", "1.2.3in", "inf", "NaN",
            "1 in x",
        ] {
            assert_eq!(inches(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_length_is_the_same_in_every_unit(value in 0.0..1000.0_f64) {
            for (unit, to_the_inch) in [("px", 96.0), ("in", 1.0), ("cm", 2.54), ("mm", 25.4)] {
                let read = inches(&format!("{}{unit}", value * to_the_inch)).unwrap();
                prop_assert!((read - value).abs() < 1e-6);
            }
        }
    }
}
