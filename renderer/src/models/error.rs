//! What can be wrong with a model: almost all of it at the start.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{BACKGROUND, FACES};

/// Why a renderer does not start.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// No model in the folder.
    #[error(
        "--model-dir (PLATEN_MODEL_DIR): there is neither {BACKGROUND} nor {FACES} in {}",
        .0.display()
    )]
    Empty(PathBuf),
    /// A file that can't be read.
    #[error("{} can't be read", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that is too long.
    #[error("{} must be at most {limit} bytes long", file.display())]
    TooLong {
        /// Which.
        file: PathBuf,
        /// The most.
        limit: u64,
    },
    /// A description of the input that is none.
    #[error("{} is no description of a model's input: {problem}", file.display())]
    Input {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// No ONNX model, or one that the engine can't run.
    #[error("{} is no ONNX model that can be run here: {problem}", file.display())]
    NotOnnx {
        /// Which.
        file: PathBuf,
        /// What the engine says.
        problem: String,
    },
    /// A model of another kind.
    #[error("{} does not fit: {problem}; it must be {expected}", file.display())]
    Unfit {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        problem: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A model that takes too much memory.
    #[error("{} would take {mebibytes} MiB for each picture; it must be at most {limit}", file.display())]
    TooLarge {
        /// Which.
        file: PathBuf,
        /// What it takes beside its weights.
        mebibytes: u64,
        /// The most.
        limit: u64,
    },
    /// A model that takes too long on this machine.
    #[error("{} took {} s for an empty picture; it must be at most {} s", file.display(), took.as_secs(), limit.as_secs())]
    TooSlow {
        /// Which.
        file: PathBuf,
        /// How long it took.
        took: Duration,
        /// The most.
        limit: Duration,
    },
}

/// Why a model that was tried at the start did not tell anything of a picture: the fault is ours.
#[derive(Debug, thiserror::Error)]
#[error("the model failed: {0}")]
pub struct ModelError(pub(super) String);
