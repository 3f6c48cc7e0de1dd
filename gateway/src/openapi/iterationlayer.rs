//! The Iteration Layer dialect as it is described.

mod answer;
mod code;
mod extent;
mod file;
mod generation;
mod image;
pub(super) mod layer;
mod layout;
pub(super) mod picture;
mod shape;
mod size;
mod text;

use super::operation::Operation;

pub(super) use self::answer::ErrorEnvelope;

/// The dialect's operations.
pub(super) fn operations() -> Vec<Operation> {
    generation::operations()
}
