//! What is measured and not only ended: these have the machine to themselves.

mod fairness;
mod scale;

use super::*;
