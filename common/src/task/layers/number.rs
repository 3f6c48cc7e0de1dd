//! Numbers that are what a painter can bear: finite, and within bounds that no picture needs to leave.

use serde::{Deserialize, Serialize};

/// A number outside of its bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("must be a number between {least} and {most}")]
pub struct NumberError {
    least: f64,
    most: f64,
}

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $least:expr, $most:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0.0);

            /// The plain number.
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = NumberError;

            fn try_from(number: f64) -> Result<Self, NumberError> {
                // A comparison with NaN is false.
                if (f64::from($least)..=f64::from($most)).contains(&number) {
                    return Ok(Self(number));
                }
                Err(NumberError { least: f64::from($least), most: f64::from($most) })
            }
        }

        impl From<$name> for f64 {
            fn from(number: $name) -> Self {
                number.0
            }
        }
    };
}

bounded!(
    /// A place along an axis, in pixels.
    Coordinate, -65_535, 65_535
);

bounded!(
    /// A length, in pixels; not negative.
    Extent, 0, 65_535
);

bounded!(
    /// A share of the whole, 0 to 100.
    Percent, 0, 100
);

bounded!(
    /// A turn, clockwise.
    Degrees, -360, 360
);

impl Percent {
    /// All of it.
    pub const FULL: Self = Self(100.0);

    /// 0 to 1.
    pub fn fraction(self) -> f64 {
        self.0 / 100.0
    }
}

/// The size of a canvas: sides of at least one pixel, and not more of them than a renderer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct CanvasSize {
    width: u16,
    height: u16,
}

/// A size that no canvas can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanvasSizeError {
    /// Empty.
    #[error("width and height must be at least 1 pixel")]
    Empty,
    /// Too long.
    #[error("width and height must be at most {} pixels", CanvasSize::MAX_SIDE)]
    Side,
    /// Too large.
    #[error("width times height must be at most {} pixels", CanvasSize::MAX_PIXELS)]
    Pixels,
}

impl CanvasSize {
    /// The longest side, in pixels: that of WebP.
    pub const MAX_SIDE: u32 = 16_383;

    /// The most pixels: 128 MiB of them in memory.
    pub const MAX_PIXELS: u64 = 32 * 1024 * 1024;

    /// Checks a size.
    pub fn new(width: u32, height: u32) -> Result<Self, CanvasSizeError> {
        if width == 0 || height == 0 {
            return Err(CanvasSizeError::Empty);
        }
        if width.max(height) > Self::MAX_SIDE {
            return Err(CanvasSizeError::Side);
        }
        if u64::from(width) * u64::from(height) > Self::MAX_PIXELS {
            return Err(CanvasSizeError::Pixels);
        }
        let side = |side| u16::try_from(side).map_err(|_| CanvasSizeError::Side);
        Ok(Self {
            width: side(width)?,
            height: side(height)?,
        })
    }

    /// Pixels from left to right.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Pixels from top to bottom.
    pub const fn height(self) -> u16 {
        self.height
    }
}

impl TryFrom<(u32, u32)> for CanvasSize {
    type Error = CanvasSizeError;

    fn try_from((width, height): (u32, u32)) -> Result<Self, CanvasSizeError> {
        Self::new(width, height)
    }
}

impl From<CanvasSize> for (u32, u32) {
    fn from(size: CanvasSize) -> Self {
        (size.width.into(), size.height.into())
    }
}
