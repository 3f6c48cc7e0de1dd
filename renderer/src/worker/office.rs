//! A file from where it lies to what it becomes: fetched, converted, stored.

use std::io;
use std::path::Path;

use common::id::{JobId, RunId};
use common::job::{FailureKind, Phase};
use common::message::Outcome;
use common::objects::{ObjectError, ObjectKey};
use common::task::file::UPLOAD_LIMIT;
use common::task::{FileInput, FileWork};
use futures::TryStreamExt as _;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::Worker;
use super::job::patiently;
use crate::notes::Notes;
use crate::office::{Converted, Office, sent};
use crate::page::PageError;
use crate::{Failure, Rendered, Spool};

impl Worker {
    /// Does the work of one job.
    pub(super) async fn convert(
        &self,
        office: &Office,
        work: FileWork,
        artifacts: (JobId, RunId),
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        let converted = self.converted(office, &work, notes).await?;
        let file = std::fs::File::open(&converted.path).map_err(|error| unkept(&error))?;
        let rendered = Rendered {
            spool: Spool::of_file(office.path(), file, converted.size),
            content_type: work.conversion.content_type(),
            extension: work.conversion.extension(),
        };
        self.keep(artifacts, rendered, work.preview, notes).await
    }

    /// The time of the job begins when a file that was sent is here.
    async fn converted(
        &self,
        office: &Office,
        work: &FileWork,
        notes: &Notes,
    ) -> Result<Converted, Failure> {
        let folder = office.folder().map_err(|error| unkept(&error))?;
        let path = sent(folder.path());
        if let FileInput::Sent(key) | FileInput::Kept(key) = &work.file {
            let copying = patiently(|| self.copy(key, &path));
            notes.during(Phase::Fetch, copying).await?;
        }
        let until = Instant::now() + work.timeout;
        let converting = async {
            if let FileInput::Url(url) = &work.file {
                let fetching = self.download(url, work, &path);
                notes.during(Phase::Fetch, fetching).await?;
            }
            let converting = office.convert(folder, work.conversion, until);
            notes.during(Phase::Print, converting).await
        };
        let converted = timeout_at(until, converting).await;
        match converted.unwrap_or_else(|_| Err(too_long(work))) {
            Err(failure) if failure.kind == FailureKind::Timeout => Err(too_long(work)),
            converted => converted,
        }
    }

    /// Gets a file that was sent.
    async fn copy(&self, key: &ObjectKey, path: &Path) -> Result<(), ObjectError> {
        let kept = |source| ObjectError::Folder {
            path: path.display().to_string(),
            source,
        };
        let mut file = File::create(path).await.map_err(kept)?;
        let mut reading = self.parts.objects.open(key, None).await?;
        while let Some(piece) = reading.stream.try_next().await? {
            file.write_all(&piece).await.map_err(kept)?;
        }
        file.flush().await.map_err(kept)
    }

    /// Gets a file that is elsewhere.
    async fn download(&self, url: &Url, work: &FileWork, path: &Path) -> Result<(), Failure> {
        let got = self.client.get(url, UPLOAD_LIMIT, work.timeout).await;
        let bytes = got.map_err(|error| PageError::Navigation(format!("`url` {error}")))?;
        let written = tokio::fs::write(path, bytes).await;
        written.map_err(|error| unkept(&error))
    }
}

fn too_long(work: &FileWork) -> Failure {
    let millis = work.timeout.as_millis();
    PageError::Timeout(format!("the conversion took longer than {millis}ms")).into()
}

fn unkept(error: &io::Error) -> Failure {
    Failure::internal(&format!("files can't be kept: {error}"))
}
