//! Text: its words and weights, and how it fills its box.

mod markup;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Alignment, Color, Extent, FileSource, NumberError};

/// A text in a box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// What is written; see [`Paragraph::parse`].
    pub paragraphs: Vec<Paragraph>,
    /// In what.
    pub font: Font,
    /// How large; more than 0.
    pub size: Extent,
    /// In which colour.
    pub color: Color,
    /// From left to right.
    pub align: Align,
    /// From top to bottom.
    pub vertical_align: Alignment,
    /// Break lines that are wider than the box.
    pub wrap: bool,
    /// Space between paragraphs, besides that of their lines.
    pub paragraph_spacing: Extent,
    /// Take a smaller size when the text would not fit into its box: the largest that fits.
    pub auto_scale: bool,
}

/// A typeface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Font {
    /// The family, compared without case, spaces and hyphens; an unknown one is Inter.
    pub family: String,
    /// How heavy.
    pub weight: Weight,
    /// Slanted.
    pub italic: bool,
}

/// How heavy a font is, as CSS counts it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// 100.
    Thin,
    /// 200.
    ExtraLight,
    /// 300.
    Light,
    /// 400.
    #[default]
    Regular,
    /// 500.
    Medium,
    /// 600.
    SemiBold,
    /// 700.
    Bold,
    /// 800.
    ExtraBold,
    /// 900.
    Black,
}

/// A text that is not a weight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one of thin, extralight, light, regular, medium, semibold, bold, extrabold or black"
)]
pub struct ParseWeightError;

impl Weight {
    /// As CSS counts it.
    pub const fn css(self) -> u16 {
        match self {
            Self::Thin => 100,
            Self::ExtraLight => 200,
            Self::Light => 300,
            Self::Regular => 400,
            Self::Medium => 500,
            Self::SemiBold => 600,
            Self::Bold => 700,
            Self::ExtraBold => 800,
            Self::Black => 900,
        }
    }
}

impl FromStr for Weight {
    type Err = ParseWeightError;

    /// In any case (reference section 1.9).
    fn from_str(text: &str) -> Result<Self, ParseWeightError> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "thin" => Self::Thin,
            "extralight" => Self::ExtraLight,
            "light" => Self::Light,
            "regular" => Self::Regular,
            "medium" => Self::Medium,
            "semibold" => Self::SemiBold,
            "bold" => Self::Bold,
            "extrabold" => Self::ExtraBold,
            "black" => Self::Black,
            _ => return Err(ParseWeightError),
        })
    }
}

/// Where lines are that are shorter than their box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// On the left, whatever the direction of the script.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// On the right.
    Right,
}

/// What is between two line breaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Paragraph {
    /// Its parts, none of them empty.
    pub spans: Vec<Span>,
}

impl Paragraph {
    /// Splits a text at its line breaks, and takes `**bold**` and `*italic*` for what they mean; a star
    /// that has no partner stays a star.
    pub fn parse(text: &str) -> Vec<Self> {
        markup::parse(text)
    }
}

/// A part of a paragraph in one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its letters.
    pub text: String,
    /// Bold, whatever the weight of the whole.
    pub bold: bool,
    /// Italic, whatever the style of the whole.
    pub italic: bool,
}

/// A font of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FontFile {
    /// What layers call its family.
    pub name: String,
    /// Its weight.
    pub weight: Weight,
    /// Whether it is the slanted one.
    pub italic: bool,
    /// TTF, OTF, WOFF or WOFF2.
    pub file: FileSource,
}

impl Text {
    /// Plain words in Inter at a size, black, on the left and at the top, with lines that wrap.
    pub fn plain(text: &str, size: f64) -> Result<Self, NumberError> {
        Ok(Self {
            paragraphs: Paragraph::parse(text),
            font: Font {
                family: "Inter".to_owned(),
                weight: Weight::Regular,
                italic: false,
            },
            size: size.try_into()?,
            color: Color::BLACK,
            align: Align::Left,
            vertical_align: Alignment::Start,
            wrap: true,
            paragraph_spacing: Extent::ZERO,
            auto_scale: false,
        })
    }
}
