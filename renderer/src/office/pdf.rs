//! Looks at a PDF before an office suite does: whether it can be read, without a password, and how long it
//! is. By qpdf, a process of its own within bounds, since a hostile file is a bomb for whoever reads it.

use std::ffi::OsStr;
use std::path::Path;

use tokio::time::Instant;

use super::{failed, wrong};
use crate::Failure;
use crate::child::{self, Bounds, Ended};

/// The most pages of a PDF that is converted.
pub(super) const MOST_PAGES: usize = 500;

/// Bytes that qpdf may take: about one kilobyte for each object of a file.
const MEMORY: u64 = 512 * 1024 * 1024;

/// It has nothing to write.
const FILE: u64 = 1024 * 1024;

/// Exit codes of qpdf: it is so, and it has answered after some repair.
const YES: i32 = 0;
const MENDED: i32 = 3;

/// Looks at a file.
pub(super) async fn check(path: &Path, until: Instant) -> Result<(), Failure> {
    if qpdf("--requires-password", path, until).await?.code == Some(YES) {
        return Err(wrong("is protected by a password: send it without one"));
    }
    let counted = qpdf("--show-npages", path, until).await?;
    let pages = counted.output.trim().parse::<usize>().ok();
    match (counted.code, pages) {
        (Some(YES | MENDED), Some(0)) => Err(wrong("has no pages")),
        (Some(YES | MENDED), Some(pages)) if pages > MOST_PAGES => Err(wrong(&format!(
            "has {pages} pages; at most {MOST_PAGES} are converted"
        ))),
        (Some(YES | MENDED), Some(_)) => Ok(()),
        _ => {
            tracing::debug!(why = counted.complaints, "a file is not a PDF");
            Err(wrong("is not a PDF, or its structure is damaged"))
        }
    }
}

async fn qpdf(question: &str, path: &Path, until: Instant) -> Result<Ended, Failure> {
    let mut command = child::command("qpdf");
    command.args([OsStr::new(question), path.as_os_str()]);
    let bounds = Bounds {
        memory: MEMORY,
        file: FILE,
        until,
    };
    child::run(command, bounds)
        .await
        .map_err(|error| failed(&error))
}
