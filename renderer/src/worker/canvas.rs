//! A picture from its description to its artifact: its files are fetched, it is painted, it is stored.

mod files;
mod robots;

use bytes::Bytes;
use common::artifact::Artifact;
use common::id::{JobId, RunId};
use common::job::{FailureKind, Phase};
use common::message::Outcome;
use common::objects::ObjectKey;
use common::task::layers::{MAX_RESULT, PictureFormat};
use common::task::{CANVAS_TIMEOUT, Canvas, CanvasWork, DESCRIPTION_LIMIT};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

pub(super) use self::robots::Hosts;
use super::job::patiently;
use super::{Studio, Worker};
use crate::Failure;
use crate::native::Files;
use crate::notes::Notes;

impl Worker {
    /// Does the work of one job.
    pub(super) async fn paint(
        &self,
        studio: &Studio,
        work: CanvasWork,
        (job, run): (JobId, RunId),
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        let until = Instant::now() + CANVAS_TIMEOUT;
        let making = self.make(studio, work, until, notes);
        let made = tokio::time::timeout_at(until, making).await;
        let (format, bytes) = made.unwrap_or_else(|_| Err(too_long()))?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        check_size(size)?;
        let extension = format.extension();
        let key = ObjectKey::artifact(job, run, &format!("result.{extension}"));
        let (objects, content_type) = (&self.parts.objects, format.content_type());
        let storing = patiently(|| objects.put_typed(&key, bytes.clone(), content_type));
        notes.during(Phase::Store, storing).await?;
        let artifact = Artifact {
            key,
            content_type: content_type.to_owned(),
            extension: extension.to_owned(),
            size,
        };
        Ok(Outcome::Success {
            artifact,
            preview: None,
        })
    }

    async fn make(
        &self,
        studio: &Studio,
        work: CanvasWork,
        until: Instant,
        notes: &Notes,
    ) -> Result<(PictureFormat, Bytes), Failure> {
        let fetching = self.fetch(studio, work);
        let (canvas, files) = notes.during(Phase::Fetch, fetching).await?;
        let format = canvas.format;
        let bytes = studio.paint(canvas, files, until, notes).await?;
        Ok((format, bytes))
    }

    async fn fetch(&self, studio: &Studio, work: CanvasWork) -> Result<(Canvas, Files), Failure> {
        let canvas = self.description(work).await?;
        let files = files::gather(&canvas, &self.parts.objects, studio).await?;
        Ok((canvas, files))
    }

    async fn description(&self, work: CanvasWork) -> Result<Canvas, Failure> {
        let key = match work {
            CanvasWork::Inline(canvas) => return Ok(*canvas),
            CanvasWork::Stored(key) => key,
        };
        let bytes = patiently(|| self.parts.objects.read(&key, DESCRIPTION_LIMIT)).await?;
        // Off the async threads: it may hold megabytes of files.
        let read = spawn_blocking(move || serde_json::from_slice(&bytes).ok()).await;
        let unread = || Failure::internal("the stored description can't be read");
        read.ok().flatten().ok_or_else(unread)
    }
}

/// Refuses a picture that its answer could not carry, before it is charged for good.
fn check_size(size: u64) -> Result<(), Failure> {
    if size <= MAX_RESULT {
        return Ok(());
    }
    Err(Failure {
        kind: FailureKind::Rendering,
        message: format!(
            "the picture has {size} bytes, and at most {MAX_RESULT} are answered: ask for another output_format or smaller dimensions"
        ),
    })
}

/// What ends a picture that is not there in time, whoever finds out.
pub(super) fn too_long() -> Failure {
    let seconds = CANVAS_TIMEOUT.as_secs();
    Failure {
        kind: FailureKind::Timeout,
        message: format!("the picture took longer than {seconds} s to generate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_no_webhook_carries_is_a_failure_that_says_what_would_do() {
        assert_eq!(check_size(MAX_RESULT), Ok(()));
        let failure = check_size(MAX_RESULT + 1).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Rendering);
        for words in [
            "52428801",
            "52428800",
            "output_format",
            "smaller dimensions",
        ] {
            assert!(failure.message.contains(words), "{failure}");
        }
    }
}
