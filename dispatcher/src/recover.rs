//! Puts the rows right after a crash, before any part of a process that runs everything starts.

use std::sync::Arc;

use anyhow::Context as _;
use common::job::FailureKind;
use common::store::Settlement;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::aftermath::Aftermath;
use crate::scheduler::report_given_up;
use crate::{Parts, relay};

const MESSAGE: &str = "Internal: the job was started three times and never finished";

/// Takes back what the last process had in hand, and ends the jobs that no process survives.
///
/// Only for an installation of one process: another one's work would be taken from its hands.
pub async fn recover(parts: &Parts) -> anyhow::Result<()> {
    let (store, clock) = (&parts.store, &parts.clock);
    let recovery = store
        .recover(clock.now())
        .await
        .context("recover the jobs of the last run")?;
    report_given_up(&recovery.given_up);
    let due = Arc::new(Notify::new());
    let beside = (CancellationToken::new(), TaskTracker::new());
    let aftermath = Aftermath::new(parts, relay(parts), due, beside);
    for &job in &recovery.failed {
        let failed = store.fail(job, FailureKind::Internal, MESSAGE, clock.now());
        let settlement = failed.await.context("end a job that never finishes")?;
        if let Settlement::Settled(end) = settlement {
            tracing::warn!(job.id = %job, "a job was started three times and never finished");
            aftermath.follow(&end).await;
        }
    }
    if recovery.requeued > 0 || recovery.closed_attempts > 0 {
        let (jobs, attempts) = (recovery.requeued, recovery.closed_attempts);
        tracing::info!(jobs, attempts, "the last run was cut off; its work goes on");
    }
    Ok(())
}
