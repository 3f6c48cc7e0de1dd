//! What travels between the services. Losing any message delays work and never loses it; doubling
//! any message changes nothing.
//!
//! Changes are additive with `#[serde(default)]`; unknown fields are ignored, since during a rollout
//! old consumers meet new producers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::artifact::Artifact;
use crate::clock::Timestamp;
use crate::id::{AccountId, DeliveryId, JobId, RunId};
use crate::job::{FailureKind, JobState, Lane, Mode};
use crate::report::Report;
use crate::telemetry::TraceContext;

/// A message, and where in a trace it was sent: that travels beside it, as a header.
pub trait Carried {
    /// Where it was sent; `None` for kinds that belong to no trace.
    fn trace(&self) -> Option<TraceContext> {
        None
    }

    /// Notes where it was sent.
    fn set_trace(&mut self, _trace: Option<TraceContext>) {}
}

/// A [`crate::task::Work`] encrypted with the installation's key; base64 on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTask(pub Vec<u8>);

impl std::fmt::Debug for SealedTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedTask({} bytes)", self.0.len())
    }
}

impl Serialize for SealedTask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for SealedTask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(de::Error::custom)
    }
}

/// Gateway or dispatcher to renderer: do this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// Which job.
    pub job: JobId,
    /// Whose it is; a browser process is never shared between accounts without a fresh context.
    pub account: AccountId,
    /// Which workers take it.
    pub lane: Lane,
    /// Whether a caller waits.
    pub mode: Mode,
    /// What to do.
    pub task: SealedTask,
    /// After this the job is an error, not work.
    pub expires_at: Timestamp,
    /// Where in a trace it was sent, or, before that, accepted.
    #[serde(skip)]
    pub trace: Option<TraceContext>,
    /// When it was last handed to the broker; unknown of what a service of an earlier version published.
    #[serde(default)]
    pub published_at: Option<Timestamp>,
}

/// Renderer to dispatcher: a run has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Which job.
    pub job: JobId,
    /// Which run of it; its objects lie under `jobs/<job>/<run>/`.
    pub run: RunId,
    /// How it ended.
    pub outcome: Outcome,
    /// When rendering started.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Which worker did it.
    pub worker: String,
    /// How it went.
    #[serde(default, deserialize_with = "crate::report::lenient")]
    pub report: Report,
    /// Where in a trace it was sent, or, before that, rendered.
    #[serde(skip)]
    pub trace: Option<TraceContext>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Outcome {
    /// The result is stored.
    Success {
        /// The result.
        artifact: Artifact,
        /// Its thumbnail, if one was asked for.
        preview: Option<Artifact>,
    },
    /// No result.
    Failure {
        /// What sort of failure.
        kind: FailureKind,
        /// What the customer reads, such as `Timeout: page took longer than 30000ms to load`.
        message: String,
    },
}

/// Dispatcher to the gateway whose caller waits: the row is final, read it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Which job.
    pub job: JobId,
    /// Its final state.
    pub state: JobState,
}

/// Scheduler to delivery worker: this delivery's time has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDue {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// The number of the attempt that is due, from 1; a message for another attempt is stale.
    pub attempt: u32,
}

impl Carried for JobMessage {
    fn trace(&self) -> Option<TraceContext> {
        self.trace
    }

    fn set_trace(&mut self, trace: Option<TraceContext>) {
        self.trace = trace;
    }
}

impl Carried for Completion {
    fn trace(&self) -> Option<TraceContext> {
        self.trace
    }

    fn set_trace(&mut self, trace: Option<TraceContext>) {
        self.trace = trace;
    }
}

/// The caller's request is a span until it is answered.
impl Carried for Settled {}

/// The delivery's row knows its trace, also hours later.
impl Carried for DeliveryDue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_a_service_of_an_earlier_version_has_published_is_read() {
        let message = JobMessage {
            job: JobId::new(),
            account: AccountId::new(),
            lane: Lane::Browser,
            mode: Mode::Sync,
            task: SealedTask(vec![1, 2, 3]),
            expires_at: Timestamp::from_micros(2),
            published_at: Some(Timestamp::from_micros(1)),
            trace: None,
        };
        let mut json = serde_json::to_value(&message).unwrap();
        json.as_object_mut().unwrap().remove("published_at");
        let read: JobMessage = serde_json::from_value(json).unwrap();
        let published_at = None;
        assert_eq!(
            read,
            JobMessage {
                published_at,
                ..message
            }
        );
    }
}
