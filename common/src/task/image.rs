//! How a page is photographed, and thumbnails.

use serde::{Deserialize, Serialize};

/// Everything that the screenshot takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageOptions {
    /// The file format.
    pub format: ImageFormat,
    /// 0 to 100; for JPEG and WebP.
    pub quality: u8,
    /// Cut the outer border of one colour.
    pub trim: bool,
    /// No background; only for formats with alpha.
    pub transparent: bool,
    /// What of the page is in the picture.
    #[serde(default)]
    pub area: Area,
}

impl Default for ImageOptions {
    /// A PNG of the window.
    fn default() -> Self {
        Self {
            format: ImageFormat::Png,
            quality: 80,
            trim: false,
            transparent: false,
            area: Area::Window,
        }
    }
}

/// What of a page is in its picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// What the window shows.
    #[default]
    Window,
    /// The page from its top to its end.
    Page,
    /// The first element that a CSS selector finds, wherever on the page it stands.
    Element(String),
}

/// A picture's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageFormat {
    /// PNG, with alpha.
    Png,
    /// JPEG, without alpha.
    Jpeg,
    /// WebP, with alpha.
    WebP,
}

impl ImageFormat {
    /// The usual file extension, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// The media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    /// Whether a pixel can be see-through.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::Png | Self::WebP)
    }
}

/// A thumbnail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Pixels, 1 to 4,000; `None` follows from the height and the ratio.
    pub width: Option<u32>,
    /// Pixels, 1 to 4,000; `None` follows from the width and the ratio.
    pub height: Option<u32>,
    /// The file format.
    pub format: ImageFormat,
    /// 0 to 100; for JPEG and WebP.
    pub quality: u8,
    /// Keep the ratio and fit into the box, or fill the box.
    pub keep_ratio: bool,
}

impl Default for Preview {
    /// 600 × 776 WebP at quality 80, the seed's sample.
    fn default() -> Self {
        Self {
            width: Some(600),
            height: Some(776),
            format: ImageFormat::WebP,
            quality: 80,
            keep_ratio: true,
        }
    }
}
