//! PDF files from where they are to one of them: fetched, made plain, joined in order, stored.

mod sources;

use std::fs::File;
use std::path::Path;

use common::id::{JobId, RunId};
use common::job::Phase;
use common::message::Outcome;
use common::task::Merge;
use tempfile::TempDir;
use tokio::time::Instant;

use super::{Studio, Worker};
use crate::join::{JoinError, Joiner, qpdf};
use crate::notes::Notes;
use crate::page::PageError;
use crate::{Failure, Rendered, Spool};

use sources::{Fetched, gather};

impl Worker {
    /// Does the work of one job.
    pub(super) async fn merge(
        &self,
        studio: &Studio,
        merge: &Merge,
        artifacts: (JobId, RunId),
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        let until = Instant::now() + merge.timeout;
        let joining = self.join(studio, merge, until, notes);
        let joined = tokio::time::timeout_at(until, joining).await;
        let joined = joined.unwrap_or_else(|_| Err(too_long(merge)))?;
        self.keep(artifacts, joined, None, notes).await
    }

    async fn join(
        &self,
        studio: &Studio,
        merge: &Merge,
        until: Instant,
        notes: &Notes,
    ) -> Result<Rendered, Failure> {
        let folder = TempDir::new_in(&studio.folder).map_err(|error| unkept(&error))?;
        let gathering = gather(
            &merge.sources,
            folder.path(),
            &self.parts.objects,
            &studio.client,
        );
        let sources = notes.during(Phase::Fetch, gathering).await?;
        let joining = join(studio, merge, sources, folder.path(), until);
        let (file, size) = notes.during(Phase::Print, joining).await?;
        Ok(Rendered {
            spool: Spool::of_file(&studio.folder, file, size),
            content_type: "application/pdf",
            extension: "pdf",
        })
    }
}

async fn join(
    studio: &Studio,
    merge: &Merge,
    sources: Vec<Fetched>,
    folder: &Path,
    until: Instant,
) -> Result<(File, u64), Failure> {
    let file = tempfile::tempfile_in(folder).map_err(|error| unkept(&error))?;
    let joiner = Joiner::new(file, until.into_std()).map_err(|error| unkept(&error))?;
    let mut joiner = Some(joiner);
    for source in sources {
        let plain = folder.join("plain.pdf");
        let failed = |error| failed(error, merge, &source.label);
        qpdf::plain(&source.path, &plain, until)
            .await
            .map_err(failed)?;
        let working = joiner.take();
        // Of the source only one of its two files is there at a time, and none after its turn.
        let added = studio.threads.run(move || {
            drop(std::fs::remove_file(&source.path));
            let bytes = std::fs::read(&plain).map_err(JoinError::Kept)?;
            drop(std::fs::remove_file(&plain));
            let mut joiner = working.ok_or(JoinError::Broken("the one before it failed"))?;
            joiner.add(bytes)?;
            Ok(joiner)
        });
        let label = source.label.clone();
        let added = added
            .await
            .unwrap_or(Err(JoinError::Broken("reading it fails")));
        joiner = Some(added.map_err(|error| self::failed(error, merge, &label))?);
    }
    let finished = studio.threads.run(move || joiner.map(Joiner::finish)).await;
    match finished.flatten() {
        Some(finished) => finished.map_err(|error| failed(error, merge, "the last source")),
        None => Err(Failure::internal("the files could not be joined")),
    }
}

/// With the name of the source, if it is its fault.
fn failed(error: JoinError, merge: &Merge, label: &str) -> Failure {
    match error {
        JoinError::Late => too_long(merge),
        JoinError::Tool(error) => {
            tracing::error!(%error, "qpdf can't be run, and PDFs can't be merged without it");
            Failure::internal("PDFs can't be merged at the moment")
        }
        JoinError::Kept(error) => unkept(&error),
        JoinError::Broken(_) | JoinError::Encrypted | JoinError::Pages | JoinError::Long(_) => {
            PageError::Rendering(format!("{label} {error}")).into()
        }
    }
}

fn too_long(merge: &Merge) -> Failure {
    let millis = merge.timeout.as_millis();
    PageError::Timeout(format!("the merge took longer than {millis}ms")).into()
}

fn unkept(error: &std::io::Error) -> Failure {
    Failure::internal(&format!("files can't be kept: {error}"))
}
