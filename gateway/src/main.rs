//! The gateway's process.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::templates::child().unwrap_or_else(common::process::main::<gateway::Service>)
}
