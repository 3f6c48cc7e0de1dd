//! Converts files by LibreOffice, a process for each of them: with a profile of its own that is made for it
//! and removed with it, so that nothing of one customer is there for the next; within bounds of time,
//! memory and what it writes; and without a network.
//!
//! What it is given is looked at first (see [`docx`] and [`pdf`]), so that most of what is wrong is said in words
//! that help. What is hostile after all ends in its own process, and takes its children with it.

mod docx;
mod installed;
mod links;
mod pdf;
mod profile;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::task::FileConversion;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::Instant;

use crate::browser::Profiles;
use crate::child::{self, Bounds, ChildError, Ended};
use crate::page::PageError;
use crate::{Config, Failure};

pub use installed::{Lacking, find};

/// Address space of a process with its children; a document of some hundred pages takes a quarter.
const MEMORY: u64 = 4 * 1024 * 1024 * 1024;

/// The most bytes of a result.
const RESULT_LIMIT: u64 = 200 * 1024 * 1024;

/// The longest that trying to shut a program in may take.
const TRYING: Duration = Duration::from_secs(10);

/// Runs a program where there is no network but a loopback of its own, which is down.
const ALONE: &[&str] = &["--user", "--map-current-user", "--net", "--"];

/// What a file is called while it is looked at, and while it is converted.
const SENT: &str = "sent";
const PLAIN: &str = "document";

/// The office suite.
#[derive(Debug)]
pub(crate) struct Office {
    binary: PathBuf,
    home: Profiles,
    /// Whether processes can be cut off from the network as such, and not by their settings alone.
    is_cut_off: bool,
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
        let bounds = bounds(Instant::now() + TRYING);
        let mut probe = alone();
        probe.arg("true");
        let tried = child::run(probe, bounds).await;
        let is_cut_off = matches!(tried, Ok(Ended { code: Some(0), .. }));
        if !is_cut_off {
            tracing::warn!(
                "no network namespace can be made here: LibreOffice is kept off the network by its settings alone"
            );
        }
        tracing::info!(binary = %binary.display(), is_cut_off, "files are converted");
        Ok(Self {
            binary,
            home: Profiles::new(&config.temp_dir())?,
            is_cut_off,
        })
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
        let plain = look(folder.path(), conversion, until).await?;
        let out = folder.path().join("out");
        let profile = folder.path().join("profile");
        for made in [std::fs::create_dir(&out), profile::make(&profile)] {
            made.map_err(|error| unkept(&error))?;
        }
        let mut command = self.command();
        command
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .args(arguments(&profile, conversion))
            .arg("--outdir")
            .arg(&out)
            .arg(&plain);
        let ended = child::run(command, bounds(until)).await;
        let ended = ended.map_err(|error| failed(&error))?;
        let path = out.join(format!("{PLAIN}.{}", conversion.extension()));
        let size = tokio::fs::metadata(&path)
            .await
            .map_or(0, |found| found.len());
        // It says 0 also when it has made nothing.
        if size == 0 || ended.code != Some(0) {
            let why = ended.complaints.trim();
            tracing::info!(code = ?ended.code, why, "LibreOffice made nothing of a file");
            return Err(wrong(
                "could not be converted: LibreOffice can't read it, or needs more memory for it than it gets",
            ));
        }
        Ok(Converted {
            _folder: folder,
            path,
            size,
        })
    }

    fn command(&self) -> Command {
        if !self.is_cut_off {
            return child::command(&self.binary);
        }
        let mut command = alone();
        command.arg(&self.binary);
        command
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

fn alone() -> Command {
    let mut command = child::command("unshare");
    command.args(ALONE);
    command
}

fn bounds(until: Instant) -> Bounds {
    Bounds {
        memory: MEMORY,
        file: RESULT_LIMIT,
        until,
    }
}

/// The filters are named, so that the content decides nothing: a page that calls itself a document is not
/// opened as a page.
fn arguments(profile: &Path, conversion: FileConversion) -> Vec<OsString> {
    let (reading, writing) = match conversion {
        FileConversion::DocxPdf => ("MS Word 2007 XML", "pdf:writer_pdf_Export"),
        FileConversion::DocxHtml => ("MS Word 2007 XML", "html:HTML (StarWriter):EmbedImages"),
        FileConversion::PdfDocx => ("writer_pdf_import", "docx:MS Word 2007 XML"),
    };
    let mut place = OsString::from("-env:UserInstallation=file://");
    place.push(profile);
    let mut arguments = vec![place];
    for word in [
        "--headless",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nofirststartwizard",
        "--nolockcheck",
    ] {
        arguments.push(word.into());
    }
    arguments.push(format!("--infilter={reading}").into());
    arguments.extend(["--convert-to".into(), writing.into()]);
    arguments
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
