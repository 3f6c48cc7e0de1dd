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
    let apart = gateway::templates::child().or_else(renderer::apart);
    apart.unwrap_or_else(cli::main)
}
