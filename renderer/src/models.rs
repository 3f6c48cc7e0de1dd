//! Models that see: what stands before a background, and where faces are.
//!
//! None is shipped. An operator puts ONNX files into a folder (`--model-dir`): [`BACKGROUND`], [`FACES`],
//! or both; beside each may lie a file that says how a picture becomes its input (`input.rs`). All of
//! it is read, checked and tried once, at the start: what a picture asks for later can't find a file
//! that is missing or a shape that is wrong, and how long and how much memory a run takes is known.

mod background;
mod error;
mod faces;
mod input;
mod network;
#[cfg(test)]
pub(crate) mod tests;

use std::path::Path;

pub use background::Background;
pub use error::{ModelError, ModelsError};
pub use faces::{Face, Faces};

/// The file whose model tells what stands before a background (see [`Background`]).
pub const BACKGROUND: &str = "background.onnx";

/// The file whose model finds faces (see [`Faces`]).
pub const FACES: &str = "faces.onnx";

/// The models of this installation; the default is none.
#[derive(Debug, Default)]
pub struct Models {
    background: Option<Background>,
    faces: Option<Faces>,
}

impl Models {
    /// Reads and tries what is in a folder. Blocks for as long as that takes: some seconds for a large model.
    pub fn load(folder: &Path) -> Result<Self, ModelsError> {
        let there = |name| Some(folder.join(name)).filter(|file| file.exists());
        let models = Self {
            background: there(BACKGROUND)
                .map(|file| Background::load(&file))
                .transpose()?,
            faces: there(FACES).map(|file| Faces::load(&file)).transpose()?,
        };
        if models.background.is_none() && models.faces.is_none() {
            return Err(ModelsError::Empty(folder.to_owned()));
        }
        Ok(models)
    }

    /// What removes backgrounds.
    pub const fn background(&self) -> Option<&Background> {
        self.background.as_ref()
    }

    /// What finds faces.
    pub const fn faces(&self) -> Option<&Faces> {
        self.faces.as_ref()
    }
}
