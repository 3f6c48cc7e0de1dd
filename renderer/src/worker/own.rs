//! Results that go into a customer's own bucket. The work is done as always, and its result lies in our
//! store for a moment; from there it is carried over, and deleted here.
//!
//! So every engine serves such jobs, a bucket that fails is tried again without the work, and what a bucket
//! does to us is bounded: it holds one slot for a minute at most, and no page.

use std::time::Duration;

use common::artifact::Artifact;
use common::fetch::bucket::{OwnBucket, Trouble};
use common::id::{JobId, RunId};
use common::job::{FailureKind, Phase};
use common::message::Outcome;
use common::objects::{Label, ObjectError, ObjectKey, Objects, Writer};
use common::storage::Target;
use common::task::{CHECK_TIMEOUT, Destination, HAND_OVER_TIMEOUT};
use futures::TryStreamExt as _;
use tokio::time::{Instant, timeout, timeout_at};

use super::Worker;
use crate::Failure;
use crate::notes::Notes;

/// Pauses between tries.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a bucket that is too slow is given to forget an upload, beyond its time.
const ABORT_TIME: Duration = Duration::from_secs(2);

const UNREAD: &str = "the result could not be read to be handed over";

/// Why a result was not carried over.
enum NotCarried {
    /// It can't be read from our store.
    Unread(ObjectError),
    /// The bucket did not take it.
    Refused(Trouble),
}

impl Worker {
    /// Carries what a job has stored into the bucket that it is for.
    pub(super) async fn hand_over(
        &self,
        to: &Destination,
        outcome: Outcome,
        (job, run): (JobId, RunId),
        notes: &Notes,
    ) -> Result<Outcome, Failure> {
        let Outcome::Success { artifact, preview } = outcome else {
            return Ok(outcome);
        };
        let bucket = self.bucket(&to.target)?;
        let until = Instant::now() + HAND_OVER_TIMEOUT;
        let carrying = async {
            let said = label(&artifact, &to.disposition);
            let key = to.key(job);
            let result = self.carry(&bucket, &artifact, (&key, said), until).await?;
            let Some(preview) = preview else {
                return Ok((result, None));
            };
            let said = label(&preview, "inline");
            let key = to.preview_key(job, &preview.extension);
            // A result that has no thumbnail is still a result.
            let preview = self.carry(&bucket, &preview, (&key, said), until).await;
            Ok::<_, Failure>((result, preview.ok()))
        };
        let (artifact, preview) = notes.during(Phase::Store, carrying).await?;
        let storage = to.target.storage;
        // What is left of a copy that can't be deleted now is swept: no row owns it.
        let kept = self.parts.objects.delete_run(job, run);
        if let Ok(Err(_)) | Err(_) = timeout(ABORT_TIME, kept).await {
            tracing::warn!("the copy of a result that was handed over is left to the sweep");
        }
        let there = |artifact: Artifact| Artifact {
            key: ObjectKey::in_storage(storage, &artifact.key),
            ..artifact
        };
        Ok(Outcome::Success {
            artifact: there(artifact),
            preview: preview.map(there),
        })
    }

    /// Sees whether a bucket takes results.
    pub(super) async fn check(&self, target: &Target, notes: &Notes) -> Result<Outcome, Failure> {
        let bucket = self.bucket(target)?;
        let checking = timeout(CHECK_TIMEOUT, bucket.check());
        let checked = notes.during(Phase::Store, checking).await;
        let artifact = checked.unwrap_or(Err(Trouble::Timeout));
        Ok(Outcome::Success {
            artifact: artifact.map_err(|trouble| refused(&trouble))?,
            preview: None,
        })
    }

    fn bucket(&self, target: &Target) -> Result<OwnBucket, Failure> {
        let opened = self.client.bucket(target);
        opened.map_err(|error| {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "a customer's bucket can't be opened");
            refused(&Trouble::Unclear)
        })
    }

    /// Carries one artifact, as often as it takes and the time allows, and gives it with its new key.
    async fn carry(
        &self,
        bucket: &OwnBucket,
        artifact: &Artifact,
        (key, label): (&ObjectKey, Label),
        until: Instant,
    ) -> Result<Artifact, Failure> {
        let mut pause = FIRST_PAUSE;
        loop {
            let objects = &self.parts.objects;
            let writer = bucket.writer(key, label.clone());
            let (failure, may_pass) =
                match copy((objects, &artifact.key), (bucket, writer), until).await {
                    Ok(()) => {
                        return Ok(Artifact {
                            key: key.clone(),
                            ..artifact.clone()
                        });
                    }
                    Err(NotCarried::Unread(error)) => {
                        tracing::warn!(%error, "a result can't be read to be handed over");
                        (Failure::internal(UNREAD), true)
                    }
                    Err(NotCarried::Refused(trouble)) => {
                        tracing::info!(%trouble, "a customer's bucket did not take a result");
                        (refused(&trouble), trouble.may_pass())
                    }
                };
            if !may_pass || Instant::now() + pause >= until {
                return Err(failure);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Copies an object piece by piece. An upload that takes too long is given up in the bucket too.
async fn copy(
    (objects, from): (&Objects, &ObjectKey),
    (bucket, mut writer): (&OwnBucket, Writer),
    until: Instant,
) -> Result<(), NotCarried> {
    let filled = timeout_at(until, fill((objects, from), (bucket, &mut writer))).await;
    if let Ok(filled) = filled {
        filled?;
    } else {
        if let Ok(Err(_)) | Err(_) = timeout(ABORT_TIME, writer.abort()).await {
            tracing::debug!("a slow upload is left to its bucket");
        }
        return Err(NotCarried::Refused(Trouble::Timeout));
    }
    match timeout_at(until, writer.finish()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) => Err(NotCarried::Refused(bucket.trouble())),
        Err(_) => Err(NotCarried::Refused(Trouble::Timeout)),
    }
}

async fn fill(
    (objects, from): (&Objects, &ObjectKey),
    (bucket, writer): (&OwnBucket, &mut Writer),
) -> Result<(), NotCarried> {
    let reading = objects.open(from, None).await;
    let mut reading = reading.map_err(NotCarried::Unread)?;
    while let Some(piece) = reading
        .stream
        .try_next()
        .await
        .map_err(NotCarried::Unread)?
    {
        let written = writer.write(&piece).await;
        written.map_err(|_| NotCarried::Refused(bucket.trouble()))?;
    }
    Ok(())
}

fn label(artifact: &Artifact, disposition: &str) -> Label {
    Label {
        content_type: Some(artifact.content_type.clone()),
        disposition: Some(disposition.to_owned()),
    }
}

fn refused(trouble: &Trouble) -> Failure {
    Failure {
        kind: FailureKind::Storage,
        message: format!("Storage: {trouble}"),
    }
}
