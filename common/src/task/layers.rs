//! A picture described by layers: what the image generation of the Iteration Layer dialect asks for,
//! already right (reference section 5).
//!
//! Sizes and positions are in pixels of the canvas, `y` grows downwards, angles turn clockwise.

pub mod barcode;
pub mod color;
pub mod file;
pub mod layout;
pub mod number;
pub mod shape;
pub mod text;

use serde::{Deserialize, Serialize};

pub use barcode::{Barcode, BarcodeError, BarcodeFormat, QrCode, QrError};
pub use color::{Color, ParseColorError};
pub use file::{Blob, FileSource};
pub use layout::{Alignment, Background, Direction, Layout, Padding};
pub use number::{CanvasSize, CanvasSizeError, Coordinate, Degrees, Extent, NumberError, Percent};
pub use shape::{AngledEdge, Corners, Edge, Gradient, GradientShape, GradientStop, Solid};
pub use text::{Align, Font, FontFile, Paragraph, Span, Text, Weight};

/// The most layers of one canvas, those inside of layouts counted.
pub const MAX_LAYERS: usize = 1000;

/// The deepest that layouts may be nested.
pub const MAX_DEPTH: usize = 16;

/// The most images of one canvas whose background is removed: each of them keeps a core for seconds.
pub const MAX_CUTOUTS: usize = 8;

/// The most characters of all texts of one canvas together.
pub const MAX_LETTERS: usize = 50_000;

/// The longest file that a canvas may become, in bytes: what a webhook carries unless the operator says otherwise.
pub const MAX_RESULT: u64 = 50 * 1024 * 1024;

/// A whole picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Canvas {
    /// Its size; it starts fully transparent.
    pub size: CanvasSize,
    /// The file that it becomes.
    pub format: PictureFormat,
    /// From the back to the front: already sorted by the caller's `index`.
    pub layers: Vec<Layer>,
    /// The caller's own fonts; they win over installed ones of the same name.
    pub fonts: Vec<FontFile>,
}

impl Canvas {
    /// Every file that must be fetched before painting: those that are not inline.
    pub fn files(&self) -> Vec<&FileSource> {
        let mut files: Vec<_> = self.fonts.iter().map(|font| &font.file).collect();
        for layer in &self.layers {
            layer.collect_files(&mut files);
        }
        files.retain(|file| !matches!(file, FileSource::Inline(_)));
        files
    }

    /// How many layers there are, those inside of layouts counted.
    pub fn layer_count(&self) -> usize {
        self.layers.iter().map(Layer::count).sum()
    }

    /// How deep its layouts are nested; 0 without any.
    pub fn depth(&self) -> usize {
        self.layers.iter().map(Layer::depth).max().unwrap_or(0)
    }
}

/// One thing on the canvas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// What errors call it: its path in the request, such as `layers[3]`.
    pub label: String,
    /// Its top left corner before it is turned; `None` is the origin. A layout places its own
    /// children and ignores it, but not that of its background layers.
    pub position: Option<Position>,
    /// Its size.
    pub size: LayerSize,
    /// How much of it is seen, as one group.
    pub opacity: Percent,
    /// Turned clockwise about its centre.
    pub rotation: Degrees,
    /// What it shows.
    pub content: Content,
}

impl Layer {
    /// An opaque, upright layer without a place of its own, that sizes itself.
    pub fn new(content: Content) -> Self {
        Self {
            label: "layer".to_owned(),
            position: None,
            size: LayerSize::default(),
            opacity: Percent::FULL,
            rotation: Degrees::ZERO,
            content,
        }
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        let layout = match &self.content {
            Content::Layout(layout) => Some(layout),
            Content::Solid(_)
            | Content::Gradient(_)
            | Content::Text(_)
            | Content::Image(_)
            | Content::Qr(_)
            | Content::Barcode(_) => None,
        };
        layout
            .into_iter()
            .flat_map(|layout| layout.background.layers().iter().chain(&layout.children))
    }

    fn collect_files<'a>(&'a self, files: &mut Vec<&'a FileSource>) {
        if let Content::Image(image) = &self.content {
            files.push(&image.file);
        }
        for child in self.children() {
            child.collect_files(files);
        }
    }

    fn count(&self) -> usize {
        1 + self.children().map(Self::count).sum::<usize>()
    }

    fn depth(&self) -> usize {
        match &self.content {
            Content::Layout(_) => 1 + self.children().map(Self::depth).max().unwrap_or(0),
            Content::Solid(_)
            | Content::Gradient(_)
            | Content::Text(_)
            | Content::Image(_)
            | Content::Qr(_)
            | Content::Barcode(_) => 0,
        }
    }
}

/// A place on the canvas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// From the left.
    pub x: Coordinate,
    /// From the top.
    pub y: Coordinate,
}

/// A size, each side of which may be left to the content.
///
/// Left open, a side is: for text, QR code and layout that of the content; for an image with neither
/// side nor position the whole canvas, otherwise its natural size in its own proportions; for the
/// others that of the canvas. Inside a layout "the canvas" is the inside of the layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct LayerSize {
    /// The width.
    pub width: Option<Extent>,
    /// The height.
    pub height: Option<Extent>,
}

/// What a layer shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// One colour.
    Solid(Solid),
    /// Colours that flow into each other.
    Gradient(Gradient),
    /// Text.
    Text(Text),
    /// A picture.
    Image(Image),
    /// A QR code.
    Qr(QrCode),
    /// A barcode.
    Barcode(Barcode),
    /// Layers in a row or a column.
    Layout(Layout),
}

/// A picture: PNG, JPEG, WebP, GIF (its first frame) or SVG; scaled to cover its box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Its file.
    pub file: FileSource,
    /// Keep faces or the busiest part when it must be cropped, instead of the middle.
    pub smart_crop: bool,
    /// Show what stands before the background alone; needs a renderer that has a model for it.
    #[serde(default)]
    pub remove_background: bool,
    /// Rounded corners.
    pub corners: Corners,
}

/// The file that a picture becomes; qualities are 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG; what is transparent becomes white.
    Jpeg {
        /// The quality.
        quality: u8,
    },
    /// WebP, lossy at a quality below 100 and lossless at 100.
    Webp {
        /// The quality.
        quality: u8,
    },
    /// TIFF.
    Tiff,
    /// GIF: 256 colours, a pixel is seen or not.
    Gif,
    /// AVIF.
    Avif {
        /// The quality.
        quality: u8,
    },
}

impl PictureFormat {
    /// The format of that name, at a good quality.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "png" => Self::Png,
            "jpeg" => Self::Jpeg { quality: 90 },
            "webp" => Self::Webp { quality: 90 },
            "tiff" => Self::Tiff,
            "gif" => Self::Gif,
            "avif" => Self::Avif { quality: 80 },
            _ => return None,
        })
    }

    /// The media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg { .. } => "image/jpeg",
            Self::Webp { .. } => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Gif => "image/gif",
            Self::Avif { .. } => "image/avif",
        }
    }

    /// The usual file extension, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg { .. } => "jpg",
            Self::Webp { .. } => "webp",
            Self::Tiff => "tiff",
            Self::Gif => "gif",
            Self::Avif { .. } => "avif",
        }
    }
}

#[cfg(test)]
mod tests;
