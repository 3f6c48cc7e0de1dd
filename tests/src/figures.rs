//! What a test has measured, told by one that passes too: the test runner swallows what those print.

use std::io::{self, Write as _};

/// Tells a figure. `deploy/count-tests.sh` finds it by the line's beginning, and repeats it when all tests have ended.
///
/// # Panics
///
/// When nothing can be written to standard error.
pub fn measured(figure: &str) {
    // The runner takes hold of what the macros print, and has begun a line.
    let line = format!("\nmeasured: {figure}\n");
    let written = io::stderr().write_all(line.as_bytes());
    written.expect("standard error takes it");
}
