//! Makes a stranger's PDF plain before it is read here: qpdf, a process of its own within bounds, mends
//! what is damaged a little and unpacks the packed structure, which in a hostile file is a bomb.

use std::ffi::OsStr;
use std::path::Path;

use tokio::time::Instant;

use super::JoinError;
use crate::child::{self, Bounds, ChildError, Ended};

/// Bytes that qpdf may take: about one kilobyte for each object of a file.
const MEMORY: u64 = 512 * 1024 * 1024;

/// The most bytes of a source whose structure is unpacked.
const PLAIN: u64 = 200 * 1024 * 1024;

/// qpdf's exit code for a file that it can't read, and for one that is not encrypted.
const NO: i32 = 2;

/// Whether qpdf is there.
pub(crate) async fn is_installed() -> bool {
    let bounds = bounds(Instant::now() + std::time::Duration::from_secs(10));
    let ended = qpdf([OsStr::new("--version")], bounds).await;
    ended.is_ok_and(|ended| ended.code == Some(0) && ended.output.starts_with("qpdf version"))
}

/// Writes the source at `from` to `to`, plain.
pub(crate) async fn plain(from: &Path, to: &Path, until: Instant) -> Result<(), JoinError> {
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
        Some(0) => {}
        Some(NO) if !rewritten.complaints.contains("bad_alloc") => {
            tracing::debug!(why = rewritten.complaints, "a source is not a PDF");
            return Err(JoinError::Broken("its structure is damaged"));
        }
        Some(_) | None => {
            tracing::info!(
                why = rewritten.complaints,
                "a source takes too much to be read"
            );
            return Err(JoinError::Broken("it unpacks to more than is taken"));
        }
    }
    Ok(())
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
            ChildError::Refused(error) => JoinError::Tool(error),
        })
}
