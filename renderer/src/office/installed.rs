//! Whether this machine has what files are converted with, and what is lacking.

use std::path::{Path, PathBuf};

use super::sandbox;

/// Where LibreOffice is looked for, unless it is named.
const PLACES: &[&str] = &[
    "/usr/bin/soffice",
    "/usr/local/bin/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
];

/// A part of LibreOffice beside its program, and what it is for.
const PARTS: &[(&str, &str)] = &[
    ("libswlo.so", "Writer (Debian: libreoffice-writer-nogui)"),
    (
        "libsdlo.so",
        "Draw, by which PDFs are read (Debian: libreoffice-draw-nogui)",
    ),
];

/// Where other programs are: those that [`crate::child::command`] finds.
const FOLDERS: &[&str] = &["/usr/local/bin", "/usr/bin", "/bin"];

/// What is lacking, and how it is added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lacking {
    /// No program at all.
    #[error(
        "LibreOffice is not installed; install it (Debian: apt-get install --no-install-recommends libreoffice-writer-nogui libreoffice-draw-nogui qpdf), or name its program with --office (PLATEN_OFFICE)"
    )]
    Program,
    /// Nothing where it was said to be.
    #[error("there is no LibreOffice at {0}, which --office (PLATEN_OFFICE) names")]
    Named(PathBuf),
    /// A part of it.
    #[error("LibreOffice at {0} has no part for {1}")]
    Part(PathBuf, &'static str),
    /// A kernel that can't shut it in.
    #[error(
        "this kernel has no Landlock (Linux 5.13 or later has it, unless it is switched off), by which LibreOffice is kept from all files but its own"
    )]
    Landlock,
    /// What looks at PDFs.
    #[error("qpdf is not installed, which looks at PDFs (Debian: apt-get install qpdf)")]
    Qpdf,
}

/// LibreOffice's program, if everything is there; `named` is what the operator says.
pub fn find(named: Option<&Path>) -> Result<PathBuf, Lacking> {
    let program = match named {
        Some(path) if path.is_file() => path.to_owned(),
        Some(path) => return Err(Lacking::Named(path.to_owned())),
        None => {
            let mut places = PLACES.iter().map(PathBuf::from);
            places.find(|path| path.is_file()).ok_or(Lacking::Program)?
        }
    };
    // What lies in `bin` is a link to where its parts are.
    let real = program.canonicalize().unwrap_or_else(|_| program.clone());
    for (file, part) in PARTS {
        if !real.with_file_name(file).is_file() {
            return Err(Lacking::Part(program, part));
        }
    }
    let has_qpdf = FOLDERS
        .iter()
        .any(|folder| Path::new(folder).join("qpdf").is_file());
    if !has_qpdf {
        return Err(Lacking::Qpdf);
    }
    if !sandbox::is_there() {
        return Err(Lacking::Landlock);
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named_with_what_adds_it() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("soffice");
        let nothing = find(Some(&program)).unwrap_err();
        assert_eq!(nothing, Lacking::Named(program.clone()));
        std::fs::write(&program, "").unwrap();
        let lacking = find(Some(&program)).unwrap_err().to_string();
        assert!(lacking.contains("libreoffice-writer-nogui"), "{lacking}");
        std::fs::write(folder.path().join("libswlo.so"), "").unwrap();
        let lacking = find(Some(&program)).unwrap_err().to_string();
        assert!(lacking.contains("libreoffice-draw-nogui"), "{lacking}");
    }
}
