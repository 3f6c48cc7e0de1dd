//! PDF files from where they are to one of them: fetched, made plain and joined in order by processes of their own, stored.

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
use crate::join::{JoinError, apart, qpdf};
use crate::notes::Notes;
use crate::page::PageError;
use crate::{Failure, Rendered, Spool};

use sources::{Fetched, gather};

/// The most bytes of all sources of one merge as they are unpacked, in the folder for temporary files.
const PLAIN_LIMIT: u64 = 1024 * 1024 * 1024;

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
        let folder = TempDir::new_in(studio.folder()).map_err(|error| unkept(&error))?;
        let gathering = gather(
            &merge.sources,
            folder.path(),
            &self.parts.objects,
            &studio.client,
        );
        let sources = notes.during(Phase::Fetch, gathering).await?;
        let joining = join(merge, &sources, folder.path(), until);
        let (file, size) = notes.during(Phase::Print, joining).await?;
        Ok(Rendered {
            spool: Spool::of_file(studio.folder(), file, size),
            content_type: "application/pdf",
            extension: "pdf",
        })
    }
}

/// Makes each source plain and all of them one file, which is open and gone from its folder soon.
async fn join(
    merge: &Merge,
    sources: &[Fetched],
    folder: &Path,
    until: Instant,
) -> Result<(File, u64), Failure> {
    let (mut plain, mut total) = (Vec::with_capacity(sources.len()), 0_u64);
    for (place, source) in sources.iter().enumerate() {
        let to = folder.join(format!("plain-{place}.pdf"));
        let length = qpdf::plain(&source.path, &to, until).await;
        total += length.map_err(|error| failed(error, merge, &source.label))?;
        if total > PLAIN_LIMIT {
            return Err(PageError::Rendering(format!(
                "{} brings the sources over {PLAIN_LIMIT} bytes as they are unpacked, which is the most that are joined",
                source.label
            ))
            .into());
        }
        // Of each source only one of its two files is there at a time.
        let removed = tokio::fs::remove_file(&source.path).await;
        removed.map_err(|error| unkept(&error))?;
        plain.push(to);
    }
    let to = folder.join("joined.pdf");
    let size = apart::join(plain, &to, until).await.map_err(|refused| {
        let source = sources.get(refused.source);
        let label = source.map_or("the last source", |source| source.label.as_str());
        failed(refused.error, merge, label)
    })?;
    let file = tokio::fs::File::open(&to).await;
    let file = file.map_err(|error| unkept(&error))?;
    Ok((file.into_std().await, size))
}

/// With the name of the source, if it is its fault.
fn failed(error: JoinError, merge: &Merge, label: &str) -> Failure {
    match error {
        JoinError::Late => too_long(merge),
        JoinError::Tool(error) => {
            tracing::error!(%error, "PDFs can't be merged");
            Failure::internal("PDFs can't be merged at the moment")
        }
        JoinError::Kept(error) => unkept(&error),
        JoinError::Broken(_)
        | JoinError::Encrypted
        | JoinError::Parts
        | JoinError::Pages
        | JoinError::Long(_) => PageError::Rendering(format!("{label} {error}")).into(),
    }
}

fn too_long(merge: &Merge) -> Failure {
    let millis = merge.timeout.as_millis();
    PageError::Timeout(format!("the merge took longer than {millis}ms")).into()
}

fn unkept(error: &std::io::Error) -> Failure {
    Failure::internal(&format!("files can't be kept: {error}"))
}
