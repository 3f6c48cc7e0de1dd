//! The renderer's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::main::<renderer::Service>()
}
