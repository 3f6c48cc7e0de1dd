//! How a picture becomes a model's input.
//!
//! Beside `NAME.onnx` may lie `NAME.json`, any of whose fields may be missing:
//! `{"mean":[r,g,b], "std":[r,g,b], "width":320, "height":320}`. A channel of a pixel, from 0 to 1, is
//! put in as `(value - mean) / std`; the size is for models that leave theirs open.

use std::fs;
use std::path::Path;

use image::RgbaImage;
use serde::Deserialize;

use super::error::ModelsError;

/// The sides that an input may have.
pub(super) const SIDES: std::ops::RangeInclusive<u32> = 16..=2048;

/// The most bytes of a description.
const DESCRIPTION_LIMIT: u64 = 4096;

/// What the numbers of the input mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    /// What becomes 0, for red, green and blue, of 0 to 1.
    pub(super) mean: [f32; 3],
    /// How much more becomes 1.
    pub(super) std: [f32; 3],
}

/// A description as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
    width: Option<u32>,
    height: Option<u32>,
}

impl Description {
    /// Reads what lies beside a model; without it nothing is said.
    pub(super) fn beside(model: &Path) -> Result<Self, ModelsError> {
        let file = model.with_extension("json");
        if !file.exists() {
            return Ok(Self::default());
        }
        let unreadable = |source| ModelsError::Unreadable {
            file: file.clone(),
            source,
        };
        if fs::metadata(&file).map_err(unreadable)?.len() > DESCRIPTION_LIMIT {
            return Err(ModelsError::TooLong {
                file,
                limit: DESCRIPTION_LIMIT,
            });
        }
        let text = fs::read(&file).map_err(unreadable)?;
        let read = serde_json::from_slice(&text).map_err(|error| error.to_string());
        read.and_then(Self::checked)
            .map_err(|problem| ModelsError::Input { file, problem })
    }

    fn checked(self) -> Result<Self, String> {
        let numbers = self.mean.iter().chain(&self.std).flatten();
        if !numbers.copied().all(f32::is_finite) {
            return Err("`mean` and `std` must be finite numbers".to_owned());
        }
        if self.std.iter().flatten().any(|each| *each <= 0.0) {
            return Err("`std` must be greater than 0".to_owned());
        }
        if self.width.is_some() != self.height.is_some() {
            return Err("`width` and `height` must be given together".to_owned());
        }
        let mut sides = self.width.iter().chain(&self.height);
        if sides.any(|side| !SIDES.contains(side)) {
            let (least, most) = (SIDES.start(), SIDES.end());
            return Err(format!(
                "`width` and `height` must be from {least} to {most}"
            ));
        }
        Ok(self)
    }

    /// What the numbers mean, where nothing else is said.
    pub(super) fn scale(&self, usual: Scale) -> Scale {
        Scale {
            mean: self.mean.unwrap_or(usual.mean),
            std: self.std.unwrap_or(usual.std),
        }
    }

    /// Width and height, if they are said.
    pub(super) fn size(&self) -> Option<(u32, u32)> {
        self.width.zip(self.height)
    }
}

impl Scale {
    /// The input for a picture, which is on white where it is see-through: all red, then all green, then
    /// all blue. Of what is wider or higher than the input the rest is cut off; where the picture ends
    /// before the input does, there are zeros.
    pub(super) fn input(&self, picture: &RgbaImage, (width, height): (u32, u32)) -> Vec<f32> {
        let plane = index(width) * index(height);
        let mut planes = vec![0.0; 3 * plane];
        for (x, y, pixel) in picture.enumerate_pixels() {
            if x >= width || y >= height {
                continue;
            }
            let at = index(y) * index(width) + index(x);
            let [red, green, blue, alpha] = pixel.0.map(|it| f32::from(it) / 255.0);
            for (channel, value) in [red, green, blue].into_iter().enumerate() {
                let on_white = value * alpha + 1.0 - alpha;
                if let (Some(to), Some(mean), Some(std)) = (
                    planes.get_mut(channel * plane + at),
                    self.mean.get(channel),
                    self.std.get(channel),
                ) {
                    *to = (on_white - mean) / std;
                }
            }
        }
        planes
    }
}

/// As an index; sides are small.
pub(super) fn index(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}
