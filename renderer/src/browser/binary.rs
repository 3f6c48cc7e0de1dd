//! Finds the browser's program.

use std::path::{Path, PathBuf};

/// In order of preference: headless-shell prints three to four times as fast as full Chromium.
const NAMES: &[&str] = &[
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless-shell",
    "headless_shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FOLDERS: &[&str] = &[
    "/usr/bin",
    "/usr/local/bin",
    "/headless-shell",
    "/opt/google/chrome",
    "/snap/bin",
];

/// The program that the operator named, or else the first that is installed.
pub(super) fn find(named: Option<&Path>) -> Option<PathBuf> {
    if let Some(path) = named {
        return path.is_file().then(|| path.to_owned());
    }
    NAMES
        .iter()
        .flat_map(|name| {
            FOLDERS
                .iter()
                .map(move |folder| Path::new(folder).join(name))
        })
        .find(|path| path.is_file())
}

/// Whether the program is full Chromium, which needs to be told to be headless.
pub(super) fn is_full(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.contains("headless")
}
