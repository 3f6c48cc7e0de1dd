//! Paints pictures from layers, without a browser.
//!
//! [`paint`] is a pure function: what it needs has been fetched before. What it takes is bounded before
//! memory is taken: pixels, letters, layers, the sizes of pictures inside of it.

pub(crate) mod apart;
mod arrange;
mod code;
mod cover;
mod encode;
mod fonts;
mod ink;
mod layout;
mod number;
mod picture;
mod pixels;
mod saliency;
mod scene;
mod shape;
mod text;
mod window;

use std::collections::HashMap;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::task::layers::{Canvas, FileSource, MAX_DEPTH, MAX_LAYERS, MAX_LETTERS, PictureFormat};
use vello_cpu::Pixmap;

use crate::models::{BACKGROUND, ModelError, Models};

pub use encode::EncodeError;
pub use fonts::Fonts;
pub use picture::PictureError;
pub(crate) use picture::drawer;

/// The bytes of the files that [`Canvas::files`] lists.
#[derive(Debug, Clone, Default)]
pub struct Files(HashMap<FileSource, Bytes>);

impl Files {
    /// Adds what was found at a place.
    pub fn insert(&mut self, file: FileSource, bytes: Bytes) {
        self.0.insert(file, bytes);
    }

    /// All of them, in an order that stays.
    fn iter(&self) -> impl Iterator<Item = (&FileSource, &Bytes)> {
        self.0.iter()
    }

    fn get(&self, file: &FileSource) -> Option<Bytes> {
        match file {
            FileSource::Inline(blob) => Some(blob.0.clone()),
            FileSource::Stored(_) | FileSource::Url(_) => self.0.get(file).cloned(),
        }
    }
}

/// What one painting may take, beside the size of its canvas, which is bounded by its type.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Pixels of a picture file before it is scaled.
    pub picture_pixels: u64,
    /// Pixels of all pictures together after they were scaled.
    pub layer_pixels: u64,
    /// Pixels that all layers cover together, those that lie above each other counted each, and twice where they are
    /// see-through as a whole: what painting costs.
    pub painted_pixels: u64,
    /// Letters of all texts together.
    pub letters: usize,
    /// Time of a processor for reading, and again for drawing, one SVG.
    pub drawing: Duration,
    /// When it is given up: it is looked at before each layer, each decoding and each run of a model.
    pub until: Option<Instant>,
}

impl Default for Limits {
    /// 50 megapixels for each picture, 64 mebipixels for all scaled ones, a gibipixel for all layers, 50,000 letters,
    /// 20 s for each drawing, no end.
    fn default() -> Self {
        Self {
            picture_pixels: 50_000_000,
            layer_pixels: 64 * 1024 * 1024,
            painted_pixels: 1024 * 1024 * 1024,
            letters: MAX_LETTERS,
            drawing: Duration::from_secs(20),
            until: None,
        }
    }
}

impl Limits {
    /// Whether no time is left.
    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// Why there is no picture. `layer` is the label of the layer that is to blame.
#[derive(Debug, thiserror::Error)]
pub enum PaintError {
    /// Too many layers.
    #[error("layers must be at most {MAX_LAYERS}, those inside of layouts counted")]
    TooManyLayers,
    /// Layouts inside of layouts.
    #[error("layouts must be nested at most {MAX_DEPTH} deep")]
    TooDeep,
    /// Too much text.
    #[error("{layer}.text must be shorter: all texts of a picture have at most {limit} characters")]
    TooMuchText {
        /// Where.
        layer: String,
        /// The most.
        limit: usize,
    },
    /// Fonts that take more memory than there is for them.
    #[error(
        "fonts[{place}].file must be smaller: all fonts of a picture have at most {limit} bytes unpacked"
    )]
    TooMuchFont {
        /// Which of the fonts.
        place: usize,
        /// The most.
        limit: usize,
    },
    /// More to paint than a picture is worth.
    #[error(
        "{layer} is one too many: all layers of a picture cover at most {limit} pixels together"
    )]
    TooMuchPaint {
        /// Where.
        layer: String,
        /// The most.
        limit: u64,
    },
    /// Pictures that take more memory than there is for them.
    #[error(
        "{layer}.dimensions must be smaller: all image layers of a picture have at most {limit} pixels"
    )]
    TooManyPixels {
        /// Where.
        layer: String,
        /// The most.
        limit: u64,
    },
    /// A picture file that can't be shown.
    #[error("{layer}.file {source}")]
    Picture {
        /// Where.
        layer: String,
        /// Why.
        #[source]
        source: PictureError,
    },
    /// A background that nothing here can remove.
    #[error(
        "{layer}.should_remove_background can't be true: the renderer has no {BACKGROUND} in a --model-dir"
    )]
    NoModel {
        /// Where.
        layer: String,
    },
    /// A model that fails on a picture.
    #[error("{layer}.file could not be looked at")]
    Model {
        /// Where.
        layer: String,
        /// Why.
        #[source]
        source: ModelError,
    },
    /// A value that is no QR code or barcode.
    #[error("{layer}.value can't be encoded")]
    Code {
        /// Where.
        layer: String,
    },
    /// Nothing was fetched for a layer.
    #[error("{layer}.file was not fetched")]
    NotFetched {
        /// Where.
        layer: String,
    },
    /// Text, but nothing to write it in.
    #[error("no fonts are installed")]
    NoFonts,
    /// More work than there was time for.
    #[error("the picture took too long to paint")]
    Late,
    /// A font or a picture that a library can't bear.
    #[error("the picture can't be painted: one of its fonts or pictures is damaged")]
    Panicked,
    /// What the process said that painted it.
    #[error("{message}")]
    Apart {
        /// Why there is none.
        message: String,
        /// Whether the caller could have done better.
        is_callers: bool,
    },
    /// No process paints it.
    #[error("the picture can't be painted now")]
    NoProcess(#[from] io::Error),
    /// The picture is there, but not its file.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl PaintError {
    /// Whether the caller could have done better; otherwise the fault is ours.
    pub const fn is_callers(&self) -> bool {
        match self {
            Self::Picture { source, .. } => source.is_callers(),
            Self::Apart { is_callers, .. } => *is_callers,
            Self::TooManyLayers
            | Self::TooDeep
            | Self::TooMuchText { .. }
            | Self::TooMuchFont { .. }
            | Self::TooMuchPaint { .. }
            | Self::TooManyPixels { .. }
            | Self::NoModel { .. }
            | Self::Code { .. }
            | Self::Late
            | Self::Panicked => true,
            Self::NotFetched { .. }
            | Self::NoFonts
            | Self::Model { .. }
            | Self::NoProcess(_)
            | Self::Encode(_) => false,
        }
    }
}

/// Pixels that are not a file yet.
#[derive(Debug)]
pub struct Painted {
    pixmap: Pixmap,
    format: PictureFormat,
    spent: Spent,
}

/// How long a painting took, step by step.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    /// Deciding how large everything is and where: text is broken into lines, codes are encoded.
    pub layout: Duration,
    /// Making pixels of it; pictures are decoded and scaled.
    pub painting: Duration,
}

impl Painted {
    /// How long it took to get here.
    pub const fn spent(&self) -> Spent {
        self.spent
    }

    /// Makes a file of them. Blocks for as long as that takes.
    pub fn encode(self) -> Result<Vec<u8>, PaintError> {
        let work = AssertUnwindSafe(|| Ok(encode::encode(self.pixmap, self.format)?));
        panic::catch_unwind(work).unwrap_or(Err(PaintError::Panicked))
    }
}

/// Paints a canvas. Blocks for as long as that takes.
pub fn paint(
    canvas: &Canvas,
    files: &Files,
    fonts: &Fonts,
    models: &Models,
    limits: &Limits,
) -> Result<Painted, PaintError> {
    if canvas.layer_count() > MAX_LAYERS {
        return Err(PaintError::TooManyLayers);
    }
    if canvas.depth() > MAX_DEPTH {
        return Err(PaintError::TooDeep);
    }
    // Libraries read a caller's fonts and pictures; what makes one of them panic ends there. The desk
    // that was in use is not used again.
    let work = AssertUnwindSafe(|| {
        let started = Instant::now();
        let mut desk = fonts.desk(&canvas.fonts, files, limits)?;
        let arranged = arrange::arrange(canvas, files, (fonts, &mut desk), limits)?;
        let layout = started.elapsed();
        let pixmap = scene::paint(canvas.size, &arranged, &mut desk, models, limits)?;
        let painting = started.elapsed().saturating_sub(layout);
        fonts.give_back(desk);
        Ok(Painted {
            pixmap,
            format: canvas.format,
            spent: Spent { layout, painting },
        })
    });
    panic::catch_unwind(work).unwrap_or(Err(PaintError::Panicked))
}

#[cfg(test)]
mod tests;
