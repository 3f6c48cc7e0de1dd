//! Makes a stranger's PDF plain before it is read here: qpdf, a process of its own within bounds, mends
//! what is damaged a little and unpacks the packed structure, which in a hostile file is a bomb.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use tokio::time::Instant;

use super::JoinError;
use super::apart::TOO_MUCH;
use crate::child::{self, Bounds, ChildError, Ended};

/// Bytes that qpdf may take: about one kilobyte for each object of a file.
const MEMORY: u64 = 512 * 1024 * 1024;

/// The most bytes of a source whose structure is unpacked.
const PLAIN: u64 = 200 * 1024 * 1024;

/// What qpdf says where the fault is this machine's.
const OURS: [&str; 3] = ["No space left", "Input/output error", "Permission denied"];

/// qpdf's exit code for a file that it can't read, and for one that is not encrypted.
const NO: i32 = 2;

/// Whether qpdf is there.
pub(crate) async fn is_installed() -> bool {
    let bounds = bounds(Instant::now() + std::time::Duration::from_secs(10));
    let ended = qpdf([OsStr::new("--version")], bounds).await;
    ended.is_ok_and(|ended| ended.code == Some(0) && ended.output.starts_with("qpdf version"))
}

/// Writes the source at `from` to `to`, plain, and gives its length in bytes.
pub(crate) async fn plain(from: &Path, to: &Path, until: Instant) -> Result<u64, JoinError> {
    let bounds = bounds(until);
    let encrypted = qpdf([OsStr::new("--is-encrypted"), from.as_os_str()], bounds).await?;
    if encrypted.code == Some(0) {
        return Err(JoinError::Encrypted);
    }
    let rewriting = [
        OsStr::new("--warning-exit-0"),
        OsStr::new("--object-streams=disable"),
        OsStr::new("--stream-data=preserve"),
        from.as_os_str(),
        to.as_os_str(),
    ];
    let rewritten = qpdf(rewriting, bounds).await?;
    match rewritten.code {
        Some(0) => Ok(tokio::fs::metadata(to).await?.len()),
        Some(NO) if !rewritten.complaints.contains("bad_alloc") => Err(no(&rewritten.complaints)),
        Some(_) | None => {
            tracing::info!(
                why = rewritten.complaints,
                "a source takes too much to be read"
            );
            Err(JoinError::broken(TOO_MUCH))
        }
    }
}

/// Whose fault it is that qpdf can't do it. What it says of a file's contents begins otherwise than what ends it.
fn no(complaints: &str) -> JoinError {
    let mut fatal = complaints.lines().filter(|line| line.starts_with("qpdf: "));
    let ours = fatal.find_map(|line| OURS.into_iter().find(|words| line.contains(words)));
    if let Some(words) = ours {
        tracing::error!(why = complaints, "qpdf can't read or write files");
        return JoinError::Kept(io::Error::other(words));
    }
    tracing::info!(why = complaints, "a source is not a PDF");
    JoinError::broken("its structure is damaged")
}

fn bounds(until: Instant) -> Bounds {
    Bounds {
        memory: MEMORY,
        file: PLAIN,
        until,
    }
}

async fn qpdf<'a>(
    arguments: impl IntoIterator<Item = &'a OsStr>,
    bounds: Bounds,
) -> Result<Ended, JoinError> {
    let mut command = child::command("qpdf");
    command.args(arguments);
    child::run(command, bounds)
        .await
        .map_err(|error| match error {
            ChildError::Late => JoinError::Late,
            ChildError::Refused(error) => {
                JoinError::Tool(io::Error::new(error.kind(), format!("qpdf: {error}")))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_the_files_fault() {
        let full =
            "WARNING: a.pdf: x\nqpdf: qpdf output: Pl_StdioFile::write: No space left on device\n";
        assert!(matches!(no(full), JoinError::Kept(_)));
        let closed = "qpdf: open b.pdf: Permission denied\n";
        assert!(matches!(no(closed), JoinError::Kept(_)));
        let damaged = "WARNING: a.pdf (Permission denied)\nqpdf: a.pdf: unable to find trailer\n";
        assert!(matches!(no(damaged), JoinError::Broken(_)));
    }
}
