//! The phases of a job, as its trace shows them.

use common::job::Phase;
use common::telemetry::spans::TARGET;
use tracing::Span;

/// The span of a phase, part of that of the job.
pub(crate) fn span(job: &Span, phase: Phase) -> Span {
    tracing::info_span!(target: TARGET, parent: job, "phase", otel.name = phase.as_str())
}
