//! Converts files by LibreOffice, a process for each of them: with a profile of its own that is made for it
//! and removed with it, so that nothing of one customer is there for the next; within bounds of time,
//! memory and what it writes; and in a sandbox without a network (`sandbox.rs`).
//!
//! What it is given is looked at first (see `docx.rs` and `pdf.rs`), so that most of what is wrong is said in words
//! that help. What is hostile after all ends in its own process, and takes its children with it.

mod docx;
mod edits;
mod filter;
mod installed;
mod links;
mod pages;
mod paper;
mod pdf;
mod profile;
mod sandbox;
mod sheets;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::task::FileConversion;
use tempfile::TempDir;
use tokio::time::Instant;

use self::filter::{DOCX_TO_HTML, DOCX_TO_PDF, Filter, ODT_TO_DOCX, PDF_TO_ODT};
use self::pages::NotLaidOut;
use self::sandbox::IN_THE_NETWORK;
use self::sheets::Sheet;
use crate::browser::Profiles;
use crate::child::{self, Bounds, ChildError};
use crate::page::PageError;
use crate::{Config, Failure};

pub use installed::{Lacking, find};
pub(crate) use sandbox::entrance;
pub(crate) use sheets::teller;

/// Address space of a process; a document of some hundred pages takes half. As many as there are slots must fit into a
/// renderer's container.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// The most bytes of a result.
const RESULT_LIMIT: u64 = 200 * 1024 * 1024;

/// The longest that trying to shut a program in may take.
const TRYING: Duration = Duration::from_secs(10);

/// What a file is called while it is looked at, and while it is converted.
const SENT: &str = "sent";
const PLAIN: &str = "document";

/// Where the settings of a process are.
const PROFILE: &str = "profile";

/// The office suite.
#[derive(Debug)]
pub(crate) struct Office {
    binary: PathBuf,
    home: Profiles,
}

/// What came of a file.
#[derive(Debug)]
pub(crate) struct Converted {
    /// It is gone with this.
    _folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

impl Office {
    /// Looks whether everything is there, and how well it can be shut in.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let binary = find(config.office.as_deref())?;
        let home = Profiles::new(&config.temp_dir())?;
        let probe = sandbox::command(Path::new("/bin/true"), home.path());
        let tried = child::run(probe, bounds(Instant::now() + TRYING)).await?;
        anyhow::ensure!(
            tried.code == Some(0),
            "LibreOffice can't be run in a sandbox: {}",
            tried.complaints.trim()
        );
        let has_network = tried.complaints.contains(IN_THE_NETWORK);
        if has_network {
            tracing::warn!(
                "no network namespace can be made here: LibreOffice is kept off the network by Landlock, if the kernel is of 6.7 or later, and by its settings"
            );
        }
        tracing::info!(binary = %binary.display(), has_network, "files are converted");
        Ok(Self { binary, home })
    }

    /// Where files are kept for a while.
    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// A folder for the files of one job.
    pub(crate) fn folder(&self) -> std::io::Result<TempDir> {
        tempfile::Builder::new()
            .prefix("file-")
            .tempdir_in(self.path())
    }

    /// Converts the file at [`sent`] in a folder.
    pub(crate) async fn convert(
        &self,
        folder: TempDir,
        conversion: FileConversion,
        until: Instant,
    ) -> Result<Converted, Failure> {
        let place = folder.path();
        profile::make(&place.join(PROFILE)).map_err(|error| unkept(&error))?;
        let plain = look(place, conversion, until).await?;
        let path = match conversion {
            FileConversion::DocxPdf => self.made(&plain, DOCX_TO_PDF, until).await?,
            FileConversion::DocxHtml => self.made(&plain, DOCX_TO_HTML, until).await?,
            FileConversion::PdfDocx => {
                let sheets = sheets::of(&plain, until).await;
                let flat = self.made(&plain, PDF_TO_ODT, until).await?;
                let paged = laid_out(flat, place, sheets).await?;
                self.made(&paged, ODT_TO_DOCX, until).await?
            }
        };
        let size = tokio::fs::metadata(&path).await;
        let size = size.map_err(|error| unkept(&error))?.len();
        Ok(Converted {
            _folder: folder,
            path,
            size,
        })
    }

    /// What LibreOffice makes of a file, in a folder beside it.
    async fn made(&self, from: &Path, filter: Filter, until: Instant) -> Result<PathBuf, Failure> {
        let folder = from.parent().unwrap_or(from);
        let out = folder.join(filter.extension);
        std::fs::create_dir(&out).map_err(|error| unkept(&error))?;
        let mut command = sandbox::command(&self.binary, folder);
        command
            .env("HOME", folder)
            .env("TMPDIR", folder)
            .args(filter.arguments(&folder.join(PROFILE), &out))
            .arg(from);
        let ended = child::run(command, bounds(until)).await;
        let ended = ended.map_err(|error| failed(&error))?;
        let path = out.join(format!("{PLAIN}.{}", filter.extension));
        let found = tokio::fs::metadata(&path).await;
        // It says 0 also when it has made nothing.
        if found.map_or(0, |found| found.len()) == 0 || ended.code != Some(0) {
            let why = ended.complaints.trim();
            tracing::info!(code = ?ended.code, why, "LibreOffice made nothing of a file");
            return Err(wrong(
                "could not be converted: LibreOffice can't read it, or needs more memory for it than it gets",
            ));
        }
        Ok(path)
    }
}

/// Where the file of a job is put by whoever gets it.
pub(crate) fn sent(folder: &Path) -> PathBuf {
    folder.join(SENT)
}

/// Looks at a file before a suite is started for it, and gives the file that the suite may see.
async fn look(
    folder: &Path,
    conversion: FileConversion,
    until: Instant,
) -> Result<PathBuf, Failure> {
    let sent = sent(folder);
    let plain = folder.join(format!("{PLAIN}.{}", conversion.source()));
    match conversion {
        FileConversion::DocxPdf | FileConversion::DocxHtml => {
            let to = plain.clone();
            let repacking = tokio::task::spawn_blocking(move || docx::repack(&sent, &to));
            let left_out = match repacking.await {
                Ok(Ok(left_out)) => left_out,
                Ok(Err(docx::NotDocx::Unkept(error))) => return Err(unkept(&error)),
                Ok(Err(error)) => return Err(wrong(&error.to_string())),
                Err(_) => return Err(Failure::internal("the file could not be looked at")),
            };
            if left_out > 0 {
                tracing::info!(
                    left_out,
                    "a document's links to things elsewhere were left out"
                );
            }
        }
        FileConversion::PdfDocx => {
            pdf::check(&sent, until).await?;
            std::fs::rename(&sent, &plain).map_err(|error| unkept(&error))?;
        }
    }
    Ok(plain)
}

/// The document with pages of its own.
async fn laid_out(flat: PathBuf, folder: &Path, sheets: Vec<Sheet>) -> Result<PathBuf, Failure> {
    let paged = folder.join(format!("{PLAIN}.odt"));
    let to = paged.clone();
    let work = tokio::task::spawn_blocking(move || pages::lay_out(&flat, &to, &sheets));
    match work.await {
        Ok(Ok(())) => Ok(paged),
        Ok(Err(NotLaidOut::Unkept(error))) => Err(unkept(&error)),
        Ok(Err(error @ NotLaidOut::Large)) => Err(wrong(&format!("can't be converted: {error}"))),
        Ok(Err(error @ (NotLaidOut::Unexpected(_) | NotLaidOut::Archive(_)))) => {
            tracing::error!(%error, "LibreOffice made another document of a PDF than is known");
            Err(Failure::internal(
                "the pages of the file could not be told apart",
            ))
        }
        Err(_) => Err(Failure::internal("the file could not be looked at")),
    }
}

fn bounds(until: Instant) -> Bounds {
    Bounds {
        memory: MEMORY,
        file: RESULT_LIMIT,
        until,
    }
}

/// A tool did not end by itself.
fn failed(error: &ChildError) -> Failure {
    match error {
        ChildError::Late => PageError::Timeout("the conversion took too long".to_owned()).into(),
        ChildError::Refused(error) => {
            tracing::error!(%error, "a tool that converts files can't be run");
            Failure::internal("files can't be converted at the moment")
        }
    }
}

/// About the file that came.
fn wrong(what: &str) -> Failure {
    PageError::Rendering(format!("`file` {what}")).into()
}

fn unkept(error: &std::io::Error) -> Failure {
    Failure::internal(&format!("files can't be kept: {error}"))
}

#[cfg(test)]
mod tests;
