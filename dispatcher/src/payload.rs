//! What a webhook says, in the words of the dialect that the job was asked for in. Pure, but for the
//! bytes of a result that travels inside of its payload: those are streamed, as often as they are wanted.

mod cloudlayer;
mod iterationlayer;

use bytes::Bytes;
use common::encode;
use common::job::{Dialect, JobState};
use common::link::Links;
use common::objects::{ObjectError, ObjectKey, Objects};
use common::store::Job;
use futures::stream::{self, BoxStream, StreamExt as _};

/// A payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payload {
    head: Bytes,
    inlined: Option<Inlined>,
    tail: Bytes,
}

/// A result that is a part of its payload, in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Inlined {
    key: ObjectKey,
    /// Bytes, before they are encoded.
    size: u64,
}

impl Payload {
    /// What tells an endpoint about a job that has ended. A result of more than `inline_limit` bytes
    /// does not travel inside; what travels instead says so.
    pub(crate) fn of(job: &Job, links: &Links, inline_limit: u64) -> Self {
        match job.dialect {
            Dialect::Cloudlayer => Self::whole(cloudlayer::body(job, links)),
            Dialect::IterationLayer => iterationlayer::payload(job, inline_limit),
        }
    }

    /// The same, of a job whose result turned out to be deleted.
    pub(crate) fn without_result(job: &Job, links: &Links) -> Self {
        let job = Job {
            asset: None,
            ..job.clone()
        };
        Self::of(&job, links, 0)
    }

    /// A made-up success in a dialect's words, to try an endpoint with.
    pub(crate) fn sample(dialect: Dialect, links: &Links, now: common::clock::Timestamp) -> Self {
        Self::whole(match dialect {
            Dialect::Cloudlayer => cloudlayer::sample(links, now),
            Dialect::IterationLayer => iterationlayer::sample(),
        })
    }

    /// One of which no part is anywhere else.
    pub(crate) fn whole(body: Vec<u8>) -> Self {
        Self {
            head: body.into(),
            inlined: None,
            tail: Bytes::new(),
        }
    }

    /// How many bytes it has.
    pub(crate) fn length(&self) -> u64 {
        let around = self.head.len() + self.tail.len();
        let inlined = self.inlined.as_ref();
        let encoded = inlined.map_or(0, |inlined| encode::length(inlined.size));
        u64::try_from(around)
            .unwrap_or(u64::MAX)
            .saturating_add(encoded)
    }

    /// The payload, if all of it is there.
    pub(crate) fn ready(&self) -> Option<&Bytes> {
        self.inlined.is_none().then_some(&self.head)
    }

    /// Its bytes, piece by piece, read from the store as they are wanted.
    pub(crate) async fn pieces(
        &self,
        objects: &Objects,
    ) -> Result<BoxStream<'static, Result<Bytes, ObjectError>>, ObjectError> {
        let piece = |bytes: &Bytes| stream::iter([Ok(bytes.clone())]);
        let Some(inlined) = &self.inlined else {
            return Ok(piece(&self.head).boxed());
        };
        let result = objects.open(&inlined.key, None).await?;
        let encoded = encode::base64(result.stream);
        let whole = piece(&self.head).chain(encoded).chain(piece(&self.tail));
        Ok(whole.boxed())
    }
}

fn succeeded(job: &Job) -> bool {
    job.state == JobState::Success
}

#[cfg(test)]
mod tests;
