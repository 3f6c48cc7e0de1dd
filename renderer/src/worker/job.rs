//! One job from its message to its completion.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::artifact::Artifact;
use common::broker::PublishError;
use common::id::{JobId, RunId};
use common::job::{FailureKind, Phase};
use common::message::{Completion, JobMessage, Outcome};
use common::objects::{ObjectError, ObjectKey};
use common::task::{Document, ImageFormat, Preview, Source, Task, Work};
use common::telemetry::{TraceContext, spans};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument as _, Span};

use super::limits::{DRAWING, PATIENCE};
use super::{Engine, Worker};
use crate::notes::Notes;
use crate::preview;
use crate::{Failure, Rendered, Spool};

/// The most bytes of a stored document.
const DOCUMENT_LIMIT: u64 = 64 * 1024 * 1024;

/// The most bytes of a result that a thumbnail is made of.
const PREVIEW_LIMIT: u64 = 128 * 1024 * 1024;

/// Pauses between tries.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Worker {
    /// Does the job, which is a part of a trace as `span`; whatever happens, it ends in a completion.
    pub(super) async fn complete(
        self: &Arc<Self>,
        message: &JobMessage,
        span: &Span,
    ) -> Completion {
        let (run, started_at) = (RunId::new(), self.parts.clock.now());
        let notes = Notes::new(self.lane(), self.parts.clock.clone(), span.clone());
        // A task of its own, so that a panic ends this job and nothing else.
        let work = Arc::clone(self).produce(message.clone(), run, notes.clone());
        let work = tokio::spawn(work.instrument(span.clone()).in_current_span());
        let outcome = AbortOnDropHandle::new(work).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a job made the renderer panic");
            Err(Failure::internal("the renderer failed on this job"))
        });
        let outcome = outcome.unwrap_or_else(|failure| Outcome::Failure {
            kind: failure.kind,
            message: failure.message,
        });
        let finished_at = self.parts.clock.now();
        if let Outcome::Failure { kind, .. } = &outcome {
            spans::fail(span, kind.as_str());
        }
        tracing::info!(
            ok = matches!(outcome, Outcome::Success { .. }),
            duration_ms =
                u64::try_from(finished_at.since(started_at).as_millis()).unwrap_or(u64::MAX),
            "a job was rendered"
        );
        Completion {
            job: message.job,
            run,
            outcome,
            started_at,
            finished_at,
            worker: self.name.clone(),
            report: notes.report(),
            trace: TraceContext::of(span),
        }
    }

    /// Tells the dispatchers, however long that takes.
    pub(super) async fn publish(&self, completion: Completion) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self
                .parts
                .broker
                .publish_completion(completion.clone())
                .await
            {
                Ok(()) => return,
                Err(
                    error @ (PublishError::Full | PublishError::Away | PublishError::Unroutable),
                ) => {
                    tracing::warn!(%error, "a completion waits");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn produce(
        self: Arc<Self>,
        message: JobMessage,
        run: RunId,
        notes: Notes,
    ) -> Result<Outcome, Failure> {
        if message.expires_at <= self.parts.clock.now() {
            return Err(Failure {
                kind: FailureKind::Expired,
                message: "Expired: the job waited longer than a job may".to_owned(),
            });
        }
        let work = self
            .parts
            .seal
            .open(message.job, &message.task)
            .map_err(|error| Failure::internal(&error.to_string()))?;
        let artifacts = (message.job, run);
        match work {
            Work::Own(own) => {
                let outcome = self.perform(own.work, artifacts, &notes).await?;
                self.hand_over(&own.to, outcome, artifacts, &notes).await
            }
            work @ (Work::Page(_)
            | Work::Canvas(_)
            | Work::File(_)
            | Work::Batch(_)
            | Work::Merge(_)
            | Work::Check(_)) => self.perform(work, artifacts, &notes).await,
        }
    }

    /// Does the work; its result lies in our store then.
    async fn perform(
        &self,
        work: Work,
        artifacts: (JobId, RunId),
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        match (&self.engine, work) {
            (Engine::Browser(browsers), Work::Page(task)) => {
                let document = self.document(&task, notes).await?;
                let rendering = browsers.render_noting(&task, document.as_deref(), notes);
                let rendered = rendering.await;
                self.keep_shown(artifacts, rendered, task.preview, notes)
                    .await
            }
            (Engine::Browser(browsers), Work::Batch(batch)) => {
                let rendered = browsers.render_batch(&batch, notes).await;
                self.keep_shown(artifacts, rendered, batch.first.preview, notes)
                    .await
            }
            (Engine::Native(studio), Work::Canvas(canvas)) => {
                self.paint(studio, canvas, artifacts, notes).await
            }
            (Engine::Native(studio), Work::Merge(merge)) => {
                self.merge(studio, &merge, artifacts, notes).await
            }
            (Engine::Native(_), Work::Check(target)) => self.check(&target, notes).await,
            (Engine::Office(office), Work::File(work)) => {
                self.convert(office, work, artifacts, notes).await
            }
            (
                Engine::Browser(_),
                Work::Canvas(_) | Work::File(_) | Work::Merge(_) | Work::Check(_),
            )
            | (Engine::Native(_), Work::Page(_) | Work::File(_) | Work::Batch(_))
            | (
                Engine::Office(_),
                Work::Page(_) | Work::Canvas(_) | Work::Batch(_) | Work::Merge(_) | Work::Check(_),
            )
            | (_, Work::Own(_)) => Err(Failure::internal(
                "the job came to a worker that has no engine for it",
            )),
        }
    }

    /// Keeps what came of pages. They are free again, but the slot is not: while the store is away, no
    /// more jobs are taken.
    async fn keep_shown(
        &self,
        artifacts: (JobId, RunId),
        rendered: Result<Rendered, Failure>,
        preview: Option<Preview>,
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        match rendered {
            Ok(rendered) => self.keep(artifacts, rendered, preview, notes).await,
            Err(failure) => {
                self.keep_last_look(artifacts, notes).await;
                Err(failure)
            }
        }
    }

    async fn document(&self, task: &Task, notes: &Notes) -> Result<Option<String>, Failure> {
        let Source::Html(Document::Stored(key)) = &task.source else {
            return Ok(None);
        };
        let reading = patiently(|| self.parts.objects.read(key, DOCUMENT_LIMIT));
        let bytes = notes.during(Phase::Fetch, reading).await?;
        String::from_utf8(bytes.into())
            .map(Some)
            .map_err(|_| Failure::internal("the stored document is not UTF-8"))
    }

    /// Stores a result, and its thumbnail if one is wanted.
    pub(super) async fn keep(
        &self,
        (job, run): (JobId, RunId),
        mut rendered: Rendered,
        preview: Option<Preview>,
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        let key = ObjectKey::artifact(job, run, &format!("result.{}", rendered.extension));
        let content_type = rendered.content_type;
        let artifact = Artifact {
            key: key.clone(),
            content_type: content_type.to_owned(),
            extension: rendered.extension.to_owned(),
            size: rendered.spool.size(),
        };
        let Some(preview) = preview.filter(|_| rendered.spool.size() <= PREVIEW_LIMIT) else {
            let storing = self.store(&artifact, &mut rendered.spool);
            notes.during(Phase::Store, storing).await?;
            return Ok(Outcome::Success {
                artifact,
                preview: None,
            });
        };
        let storing = async {
            let bytes = rendered.spool.into_bytes().await;
            let bytes = bytes.map_err(|error| unkept(&error))?;
            let objects = &self.parts.objects;
            patiently(|| objects.put_typed(&key, bytes.clone(), content_type)).await?;
            Ok::<_, Failure>(bytes)
        };
        let bytes = notes.during(Phase::Store, storing).await?;
        let drawing = draw(bytes, content_type, preview);
        let preview = match notes.during(Phase::PostProcess, drawing).await {
            Some(drawn) => {
                let storing = self.keep_preview((job, run), drawn, preview.format);
                Some(notes.during(Phase::Store, storing).await?)
            }
            None => None,
        };
        Ok(Outcome::Success { artifact, preview })
    }

    /// Stores a result, from the start again when the store fails on the way.
    async fn store(&self, artifact: &Artifact, spool: &mut Spool) -> Result<(), Failure> {
        let until = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.upload(artifact, spool).await? {
                Ok(()) => return Ok(()),
                Err(error) => pause = wait(error, pause, until).await?,
            }
        }
    }

    async fn upload(
        &self,
        artifact: &Artifact,
        spool: &mut Spool,
    ) -> Result<Result<(), ObjectError>, Failure> {
        let writer = self.parts.objects.writer(artifact.key.clone());
        let mut writer = writer.typed(&artifact.content_type);
        let mut reader = spool.rewind().await.map_err(|error| unkept(&error))?;
        loop {
            let piece = reader.next().await.map_err(|error| unkept(&error))?;
            if piece.is_empty() {
                return Ok(writer.finish().await.map(drop));
            }
            if let Err(error) = writer.write(&piece).await {
                return Ok(Err(error));
            }
        }
    }

    async fn keep_preview(
        &self,
        (job, run): (JobId, RunId),
        drawn: Bytes,
        format: ImageFormat,
    ) -> Result<Artifact, Failure> {
        let extension = format.extension();
        let key = ObjectKey::artifact(job, run, &format!("preview.{extension}"));
        let content_type = format.content_type();
        patiently(|| {
            self.parts
                .objects
                .put_typed(&key, drawn.clone(), content_type)
        })
        .await?;
        Ok(Artifact {
            key,
            content_type: content_type.to_owned(),
            extension: extension.to_owned(),
            size: drawn.len() as u64,
        })
    }
}

/// Draws a thumbnail. A result that has none is still a result.
async fn draw(bytes: Bytes, content_type: &'static str, options: Preview) -> Option<Bytes> {
    let drawing =
        tokio::task::spawn_blocking(move || preview::thumbnail(&bytes, content_type, &options));
    let Ok(drawn) = tokio::time::timeout(DRAWING, drawing).await else {
        tracing::warn!("a result has no preview: drawing it took too long");
        return None;
    };
    match drawn {
        Ok(Ok(drawn)) => Some(drawn.into()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a result has no preview");
            None
        }
        Err(error) => {
            tracing::error!(%error, "drawing a preview panicked");
            None
        }
    }
}

fn unkept(error: &std::io::Error) -> Failure {
    Failure::internal(&format!("the result can't be kept: {error}"))
}

/// Repeats a call to the object store until it is back, or patience is at its end.
pub(super) async fn patiently<T, F>(mut call: impl FnMut() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, ObjectError>>,
{
    let until = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        match call().await {
            Ok(value) => return Ok(value),
            Err(error) => pause = wait(error, pause, until).await?,
        }
    }
}

/// Waits before the next try and gives the pause after it; only a store that may come back is tried
/// again.
async fn wait(error: ObjectError, pause: Duration, until: Instant) -> Result<Duration, Failure> {
    let patient = Instant::now() + pause <= until;
    match &error {
        ObjectError::Store(_) if patient => {
            tracing::warn!(%error, "the object store is tried again");
        }
        // An operator who changes keys needs a moment, and everyone who watches should know.
        ObjectError::Refused(_) if patient => {
            tracing::error!(%error, "the object store is tried again");
        }
        ObjectError::Store(_)
        | ObjectError::Refused(_)
        | ObjectError::Missing(_)
        | ObjectError::TooLong { .. }
        | ObjectError::Folder { .. } => {
            tracing::error!(%error, "the object store failed a job");
            return Err(Failure::internal(
                "the result or the document could not be read or stored",
            ));
        }
    }
    tokio::time::sleep(pause).await;
    Ok((pause * 2).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use common::objects::Objects;

    use super::*;

    #[tokio::test]
    async fn a_store_that_is_away_for_a_moment_is_waited_for_and_a_missing_object_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("objects");
        let objects = Objects::local(&path).unwrap();
        std::fs::remove_dir(&path).unwrap();
        std::fs::write(&path, "in the way").unwrap();
        let key = ObjectKey::from_stored("a/b".into());
        let mut tries = 0;
        let put = patiently(|| {
            tries += 1;
            if tries == 3 {
                std::fs::remove_file(&path).unwrap();
                std::fs::create_dir(&path).unwrap();
            }
            objects.put(&key, Bytes::from_static(b"x"))
        });
        put.await.unwrap();
        assert_eq!(tries, 3);
        let gone = ObjectKey::from_stored("gone".into());
        let missing = patiently(|| objects.read(&gone, 10)).await;
        assert_eq!(missing.unwrap_err().kind, FailureKind::Internal);
    }
}
