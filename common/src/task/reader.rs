//! What a page is told about its reader. Platen's own options, in no reference.

use serde::{Deserialize, Serialize};

/// What a page is told about its reader, beside time zone and media.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reader {
    /// Which colours the reader prefers; `None` leaves the browser's own answer, light.
    pub color_scheme: Option<ColorScheme>,
    /// A BCP 47 language tag such as `de-DE`: how numbers and dates are written, and which language is asked for.
    pub locale: Option<String>,
    /// Where the reader is.
    pub geolocation: Option<Geolocation>,
}

/// Which colours a reader prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorScheme {
    /// Dark letters on a light ground.
    Light,
    /// Light letters on a dark ground.
    Dark,
}

/// A place on Earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Geolocation {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// The radius of what it may be off, in metres; 0 to 1,000,000.
    pub accuracy: f64,
}
