//! The gateway's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::process::main::<gateway::Service>()
}
