//! Where the built binaries are.

use std::path::PathBuf;

/// The variable by which `make test` hands over the folder of the binaries that it built.
pub const FOLDER: &str = "PLATEN_TEST_BIN";

/// The path of a binary: in the folder of [`FOLDER`], else in the profile's folder of this build.
///
/// # Panics
///
/// When it is not there: a test that can't run has failed.
pub fn binary(name: &str) -> PathBuf {
    let folder = std::env::var_os(FOLDER).map_or_else(profile_folder, PathBuf::from);
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "the binary {} is missing: build it first (`cargo build --workspace --bins`), or set {FOLDER} to its folder",
        path.display(),
    );
    path
}

/// `target/<profile>`: the folder of this program, or the one above where tests lie in `deps`.
fn profile_folder() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program is known");
    let folder = program.parent().expect("a program lies in a folder");
    let above = folder.ends_with("deps").then(|| folder.parent()).flatten();
    above.unwrap_or(folder).to_owned()
}
