//! The size of the sheet: a named format, or a width and a height (reference 6.4 and 6.5).

use common::task::{Length, Paper};

use super::Invalid;
use super::dimension;
use super::fields::Fields;

const fn sheet(width: f64, height: f64) -> Paper {
    Paper {
        width: Length::inches(width),
        height: Length::inches(height),
    }
}

const FORMATS: &[(&str, Paper)] = &[
    ("letter", Paper::LETTER),
    ("legal", sheet(8.5, 14.0)),
    ("tabloid", sheet(11.0, 17.0)),
    ("ledger", sheet(17.0, 11.0)),
    ("a0", sheet(33.1, 46.8)),
    ("a1", sheet(23.4, 33.11)),
    ("a2", sheet(16.54, 23.4)),
    ("a3", sheet(11.7, 16.54)),
    ("a4", sheet(8.27, 11.7)),
    ("a5", sheet(5.83, 8.27)),
    ("a6", sheet(4.13, 5.83)),
];

/// Reads the size. A format wins over `width` and `height`; a side that nobody names is letter's.
pub(super) fn read(fields: &Fields<'_>) -> Result<Paper, Invalid> {
    let width = fields.maybe("width", dimension::side)?;
    let height = fields.maybe("height", dimension::side)?;
    let format = fields
        .get("format")
        .filter(|field| field.value().as_str() != Some(""));
    if let Some(format) = format {
        return format.word(FORMATS);
    }
    Ok(Paper {
        width: width.unwrap_or(Paper::LETTER.width),
        height: height.unwrap_or(Paper::LETTER.height),
    })
}
