//! What stands before a background.

use std::path::Path;

use image::{GrayImage, RgbaImage};

use super::error::{ModelError, ModelsError};
use super::input::{Description, Scale};
use super::network::{Contract, Network};

/// What the numbers of U²-Net's input mean: the averages of `ImageNet`.
const SCALE: Scale = Scale {
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
};

const CONTRACT: Contract = Contract {
    expected: "a model with one input [1, 3, height, width], whose first output is [1, 1, height, \
               width] with 1 where the subject is and 0 where the background is, such as U²-Net",
    outputs: 1,
};

/// This near to 0 or 1 a model is sure: else a veil of the background would stay, and the subject
/// would be a little see-through.
const SURE: f32 = 0.04;

/// A model of salient objects, such as U²-Net: a picture, stretched to its input, in; a mask of the
/// subject out, from 0 (background) to 1.
#[derive(Debug)]
pub struct Background {
    network: Network,
    scale: Scale,
    mask: (u32, u32),
}

impl Background {
    pub(super) fn load(file: &Path) -> Result<Self, ModelsError> {
        let description = Description::beside(file)?;
        let network = Network::load(file, CONTRACT, &description)?;
        let shape = network.outputs().first().map(Vec::as_slice);
        let mask = match shape {
            Some(&[1, 1, height, width]) => {
                u32::try_from(width).ok().zip(u32::try_from(height).ok())
            }
            Some(_) | None => None,
        };
        let mask = mask.filter(|(width, height)| *width > 0 && *height > 0);
        let mask = mask.ok_or_else(|| ModelsError::Unfit {
            file: file.to_owned(),
            problem: format!("its first output is {:?}", shape.unwrap_or_default()),
            expected: CONTRACT.expected,
        })?;
        Ok(Self {
            scale: description.scale(SCALE),
            network,
            mask,
        })
    }

    /// The size of what it looks at, to which a picture is stretched.
    pub const fn size(&self) -> (u32, u32) {
        self.network.size()
    }

    /// How much of each place of a picture belongs to the subject: 255 is all of it. Blocks for as long
    /// as the model takes.
    pub fn mask(&self, picture: &RgbaImage) -> Result<GrayImage, ModelError> {
        let input = self.scale.input(picture, self.network.size());
        let found = self.network.run(&input)?;
        let shares = found.into_iter().next().unwrap_or_default();
        let pixels = shares.into_iter().map(certain).collect();
        let (width, height) = self.mask;
        GrayImage::from_raw(width, height, pixels)
            .ok_or_else(|| ModelError("its output has another size".to_owned()))
    }
}

/// A share from 0 to 1 as a byte.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is wanted"
)]
fn certain(share: f32) -> u8 {
    let share = (share - SURE) / (1.0 - 2.0 * SURE);
    (share * 255.0).round() as u8
}
