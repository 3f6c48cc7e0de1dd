//! What of a picture is seen when it covers a box of other proportions.

use image::RgbaImage;

use super::saliency;
use crate::models::Face;

/// How much of a face's size is kept around it where there is room: hair, chin, ears.
const AROUND: f64 = 0.25;

/// What of a picture is seen: an upright box in its own pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Window {
    /// The largest window of the box's proportions, in the middle.
    pub(super) fn centred((width, height): (f64, f64), ratio: f64) -> Self {
        let seen_width = width.min(height * ratio);
        let seen_height = height.min(width / ratio);
        Self {
            left: (width - seen_width) / 2.0,
            top: (height - seen_height) / 2.0,
            width: seen_width,
            height: seen_height,
        }
    }

    /// All of it.
    pub(super) const fn whole((width, height): (f64, f64)) -> Self {
        Self {
            left: 0.0,
            top: 0.0,
            width,
            height,
        }
    }

    /// Moved to where the picture is busiest; it has room along one side at most.
    pub(super) fn busiest(mut self, (width, height): (f64, f64), small: &RgbaImage) -> Self {
        if width - self.width > height - self.height {
            let share = saliency::busiest_columns(small, self.width / width);
            self.left = (width - self.width) * share;
        } else {
            let share = saliency::busiest_rows(small, self.height / height);
            self.top = (height - self.height) * share;
        }
        self
    }

    /// Moved so that all faces are inside of it, or, if they do not fit, the largest; `None` without any.
    pub(super) fn around(mut self, (width, height): (f64, f64), faces: &[Face]) -> Option<Self> {
        let across = width - self.width > height - self.height;
        let (length, seen) = if across {
            (width, self.width)
        } else {
            (height, self.height)
        };
        let span = |face: &Face| {
            let (from, to) = if across {
                (face.left, face.right)
            } else {
                (face.top, face.bottom)
            };
            (from * length, to * length)
        };
        let largest = faces
            .iter()
            .max_by(|one, other| one.area().total_cmp(&other.area()));
        let largest = span(largest?);
        let all = faces.iter().map(span).reduce(joined)?;
        let with_room = faces.iter().map(span).map(roomy).reduce(joined)?;
        let fits = |(from, to): &(f64, f64)| to - from <= seen;
        let kept = [with_room, all, roomy(largest)].into_iter().find(fits);
        let (from, to) = kept.unwrap_or(largest);
        let start = (f64::midpoint(from, to) - seen / 2.0).clamp(0.0, (length - seen).max(0.0));
        *(if across {
            &mut self.left
        } else {
            &mut self.top
        }) = start;
        Some(self)
    }

    pub(super) fn hides_something(&self, (width, height): (f64, f64)) -> bool {
        width - self.width >= 1.0 || height - self.height >= 1.0
    }

    /// The same part of a copy of the picture that has another size.
    pub(super) fn scaled(&self, from: (f64, f64), to: (f64, f64)) -> Self {
        let (across, down) = (to.0 / from.0, to.1 / from.1);
        let left = (self.left * across).clamp(0.0, to.0);
        let top = (self.top * down).clamp(0.0, to.1);
        Self {
            left,
            top,
            width: (self.width * across).min(to.0 - left),
            height: (self.height * down).min(to.1 - top),
        }
    }
}

fn joined(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    (one.0.min(other.0), one.1.max(other.1))
}

fn roomy((from, to): (f64, f64)) -> (f64, f64) {
    let around = (to - from) * AROUND;
    (from - around, to + around)
}
