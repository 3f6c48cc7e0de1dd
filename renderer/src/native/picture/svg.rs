//! SVG pictures: no files and no network, and no more work than a logo or a chart is worth. A few hundred bytes of one
//! can make what reads or draws it take any memory, any stack and any time, so that is done by a process of its own
//! for each: see [`super::apart`].

mod faces;
mod shapes;

use bytes::Bytes;
use resvg::tiny_skia::{IntSize, Pixmap};

use super::PictureError;
use super::apart::{self, Handed, View};
use crate::native::{Fonts, Limits};

pub(in crate::native) use faces::list;
pub(super) use faces::read as read_faces;
pub(super) use shapes::Shapes;

/// The most bytes of an SVG.
const BYTES: usize = 8 * 1024 * 1024;

/// What every element that needs a font has in its name.
const TEXT: &[u8] = b"text";

/// A picture of shapes.
pub(in crate::native) struct Drawing {
    bytes: Bytes,
    /// What its text is written in; nothing if it has none.
    faces: Bytes,
    limits: Limits,
    size: (f64, f64),
}

/// Whether it looks like one.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    let head = bytes.get(..4096.min(bytes.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('<') && (head.contains("<svg") || head.contains(":svg"))
}

impl Drawing {
    pub(super) fn open(bytes: Bytes, limits: &Limits, fonts: &Fonts) -> Result<Self, PictureError> {
        if bytes.len() > BYTES {
            return Err(PictureError::TooComplex);
        }
        let has_text = bytes.windows(TEXT.len()).any(|part| part == TEXT);
        let mut drawing = Self {
            bytes,
            faces: if has_text {
                fonts.for_svg()
            } else {
                Bytes::new()
            },
            limits: limits.clone(),
            size: (0.0, 0.0),
        };
        drawing.size = apart::measure_svg(drawing.handed())?;
        Ok(drawing)
    }

    fn handed(&self) -> Handed<'_> {
        Handed {
            faces: &self.faces,
            bytes: &self.bytes,
            limits: &self.limits,
        }
    }

    /// Its natural size.
    pub(in crate::native) const fn size(&self) -> (f64, f64) {
        self.size
    }

    /// Its pixels, scaled, then moved to the left and up.
    pub(in crate::native) fn draw(
        &self,
        (width, height): (u32, u32),
        scale: f64,
        corner: (f64, f64),
    ) -> Result<Pixmap, PictureError> {
        let size = IntSize::from_wh(width, height).ok_or(PictureError::TooComplex)?;
        let view = View {
            size: (width, height),
            scale,
            corner,
        };
        let pixels = apart::draw_svg(self.handed(), view)?;
        let other =
            || PictureError::Broken("the SVG has another size than it was drawn in".to_owned());
        Pixmap::from_vec(pixels, size).ok_or_else(other)
    }
}
