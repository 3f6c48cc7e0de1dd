//! The phases of a job, as its trace shows them.

use common::telemetry::spans::TARGET;
use tracing::Span;

/// The span of a phase, part of that of the job: `start` (a page is waited for), `navigate`, `wait`, or
/// `fetch` (the files of a picture); `print` (or photograph, or paint); `post_process` (the thumbnail); `store`.
pub(crate) fn phase(name: &'static str) -> Span {
    tracing::info_span!(target: TARGET, "phase", otel.name = name)
}
