//! The dispatcher's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::main::<dispatcher::Service>()
}
