//! All of Platen in one process on embedded defaults, and its command line.
//!
//! Nothing here has logic of its own: [`serve`] starts the three services side by side, the other
//! commands change rows of the same database.

use std::process::ExitCode;

mod admin;
mod cli;
mod data;
mod output;
mod render;
mod serve;

fn main() -> ExitCode {
    gateway::templates::child().unwrap_or_else(cli::main)
}
