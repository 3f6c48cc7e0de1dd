//! What the browser showed when a page's job failed, kept for its owner.
//!
//! Also of jobs that came with credentials or cookies: the picture shows no more than their result would
//! have, to the same owner, behind the same kind of link, for as long. It is a help and no result: what
//! goes wrong with it changes nothing for the job.

use std::time::Duration;

use common::artifact::Artifact;
use common::id::{JobId, RunId};
use common::objects::ObjectKey;

use super::Worker;
use crate::notes::Notes;

/// The longest that storing the picture may take; nobody waits for a store that is away.
const STORING: Duration = Duration::from_secs(5);

const CONTENT_TYPE: &str = "image/png";

impl Worker {
    /// Stores the picture, if one was taken.
    pub(super) async fn keep_last_look(&self, (job, run): (JobId, RunId), notes: &Notes) {
        let Some(png) = notes.take_last_look() else {
            return;
        };
        let screenshot = Artifact {
            key: ObjectKey::artifact(job, run, "failure.png"),
            content_type: CONTENT_TYPE.to_owned(),
            extension: "png".to_owned(),
            size: u64::try_from(png.len()).unwrap_or(u64::MAX),
        };
        let objects = &self.parts.objects;
        let storing = objects.put_typed(&screenshot.key, png, CONTENT_TYPE);
        match tokio::time::timeout(STORING, storing).await {
            Ok(Ok(())) => notes.kept(screenshot),
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, job.id = %job, "the screenshot of a failed job is not kept");
            }
            Err(_) => {
                tracing::warn!(job.id = %job, "storing the screenshot of a failed job took too long");
            }
        }
    }
}
