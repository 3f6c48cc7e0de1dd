//! The end of a job: what a run has reported, or that none ever will.

use std::time::Duration;

use crate::artifact::Artifact;
use crate::clock::Timestamp;
use crate::id::RunId;
use crate::job::{FailureKind, JobState};
use crate::message::{Completion, Outcome};
use crate::report::Report;
use crate::telemetry::TraceContext;

use super::settle::Retention;

/// The end of a job, as it is written.
pub(super) struct End<'a> {
    pub(super) state: JobState,
    pub(super) run: Option<RunId>,
    pub(super) worker: Option<&'a str>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Timestamp,
    pub(super) failure: Option<FailureKind>,
    pub(super) error: Option<&'a str>,
    pub(super) result: Option<Stored<'a>>,
    /// How the run went, within its limits.
    pub(super) report: Option<Report>,
    /// A picture of what the browser showed when the run failed.
    pub(super) screenshot: Option<Stored<'a>>,
    pub(super) trace: Option<TraceContext>,
}

/// What a successful run has stored, and how long it is kept.
pub(super) struct Stored<'a> {
    pub(super) artifact: &'a Artifact,
    pub(super) preview: Option<&'a Artifact>,
    pub(super) retention: Retention,
}

impl<'a> End<'a> {
    /// What a run has reported.
    pub(super) fn of(completion: &'a Completion, retention: Retention) -> Self {
        let stored = |artifact, preview| Stored {
            artifact,
            preview,
            retention,
        };
        let (state, failure, error, result) = match &completion.outcome {
            Outcome::Success { artifact, preview } => {
                let result = stored(artifact, preview.as_ref());
                (JobState::Success, None, None, Some(result))
            }
            Outcome::Failure { kind, message } => {
                (JobState::Error, Some(*kind), Some(message.as_str()), None)
            }
        };
        Self {
            state,
            run: Some(completion.run),
            worker: Some(&completion.worker),
            started_at: Some(completion.started_at),
            finished_at: completion.finished_at,
            failure,
            error,
            screenshot: match &completion.report.screenshot {
                Some(screenshot) if result.is_none() => Some(stored(screenshot, None)),
                Some(_) | None => None,
            },
            result,
            report: Some(kept(&completion.report)),
            trace: completion.trace,
        }
    }

    /// An error that no run has reported.
    pub(super) fn failed(kind: FailureKind, message: &'a str, now: Timestamp) -> Self {
        Self {
            state: JobState::Error,
            run: None,
            worker: None,
            started_at: None,
            finished_at: now,
            failure: Some(kind),
            error: Some(message),
            result: None,
            report: None,
            screenshot: None,
            trace: None,
        }
    }

    /// Microseconds of rendering.
    pub(super) fn compute_us(&self) -> u64 {
        let took = self
            .started_at
            .map_or(Duration::ZERO, |start| self.finished_at.since(start));
        u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
    }
}

/// A report as its row keeps it; the screenshot has a row of its own.
fn kept(report: &Report) -> Report {
    let report = Report {
        screenshot: None,
        ..report.clone()
    };
    report.bounded()
}
