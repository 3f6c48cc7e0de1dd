//! The renderer's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    renderer::apart().unwrap_or_else(common::process::main::<renderer::Service>)
}
