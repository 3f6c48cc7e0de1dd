//! Text layers.

use serde::Serialize;
use utoipa::ToSchema;

use super::layer::Placed;
use super::size::AutoSize;

/// Text; `**bold**` and `*italic*` parts are understood.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "text",
    "text": "Hello **World**",
    "font_name": "Inter",
    "font_size_in_px": 48,
    "text_color": "#ffffff",
    "dimensions": { "width_in_px": 340, "height_in_px": 120 },
}))]
pub(in crate::openapi) struct TextLayer {
    /// What it is.
    r#type: TextType,
    /// What is written.
    #[schema(min_length = 1)]
    text: String,
    /// The font; Inter where it is unknown.
    #[schema(min_length = 1, max_length = 200)]
    font_name: String,
    /// How heavy; `regular` where nothing is said. In any case.
    font_weight: Option<FontWeight>,
    /// Whether it is slanted; `normal` where nothing is said.
    font_style: Option<FontStyle>,
    /// How large, in pixels.
    #[schema(exclusive_minimum = 0, maximum = 65_535)]
    font_size_in_px: f64,
    /// Its colour: six hexadecimal digits.
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    text_color: String,
    /// Where lines are that are shorter than the box; `left` where nothing is said.
    text_align: Option<TextAlign>,
    /// Where the text is in a higher box; `top` where nothing is said.
    vertical_align: Option<VerticalAlign>,
    /// Break lines that are wider than the box.
    #[schema(default = true)]
    is_splitting_lines: Option<bool>,
    /// Space between paragraphs, in pixels.
    #[schema(minimum = 0, maximum = 65_535, default = 0)]
    paragraph_spacing_in_px: Option<f64>,
    /// Take the largest size that fits into the box, if this one does not.
    #[schema(default = false)]
    should_auto_scale: Option<bool>,
    /// The box; needed outside of layouts.
    dimensions: Option<AutoSize>,
    #[serde(flatten)]
    placed: Placed,
}

/// The word for text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TextType {
    /// The only one.
    Text,
}

/// How heavy a font is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FontWeight {
    /// 100.
    Thin,
    /// 200.
    ExtraLight,
    /// 300.
    Light,
    /// 400.
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

/// Whether a font is slanted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FontStyle {
    /// Upright.
    Normal,
    /// Slanted.
    Italic,
}

/// Where lines are in a wider box.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TextAlign {
    /// On the left.
    Left,
    /// In the middle.
    Center,
    /// On the right.
    Right,
}

/// Where text is in a higher box.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum VerticalAlign {
    /// At the top.
    Top,
    /// In the middle.
    Center,
    /// At the bottom.
    Bottom,
}
