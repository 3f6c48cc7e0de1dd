//! Tries a bucket: a job of ours, free and in no listing, whose end the caller waits for. It counts
//! against the caller's rate and places like any request, so that nobody tries doors with it.

use std::time::Duration;

use common::job::{Dialect, FailureKind, JobKind, JobState, Mode};
use common::storage::Target;
use common::store::{Caller, Job, Settlement};
use common::task::{CHECK_TIMEOUT, Work};
use serde_json::json;

use crate::accept::{self, Order};
use crate::app::App;
use crate::body::Share;
use crate::error::ApiError;

/// How much longer than the trial itself its caller waits: for a worker, and for the answer's way.
const GRACE: Duration = Duration::from_secs(30);

/// Fails unless a renderer could write into the bucket.
pub(super) async fn pass(
    app: &App,
    caller: &Caller,
    title: &str,
    target: &Target,
    share: Share,
) -> Result<(), ApiError> {
    let now = app.clock.now();
    if !app.store.may_try_storage(caller.account, now).await? {
        return Err(ApiError::Limited {
            message: "an account tries at most 2 buckets at once and 10 a minute",
            retry_after: Duration::from_mins(1),
            window: None,
        });
    }
    let receipt = accept::accept(app, caller.clone(), order(title, target), share, None).await?;
    let wait = app.sync_wait.min(CHECK_TIMEOUT + GRACE);
    let settled = match &receipt.waiter {
        Some(waiter) => waiter.settled(app, wait).await,
        None => None,
    };
    if let Some(job) = settled {
        return outcome(job);
    }
    // Nobody will ask for it again.
    let (id, now) = (receipt.job, app.clock.now());
    let message = "Timeout: no renderer has tried the bucket in time";
    let ended = app
        .store
        .fail(id, FailureKind::Timeout, message, now)
        .await?;
    if let (Settlement::Repeated { .. }, Some(job)) = (ended, app.store.job_by_id(id).await?) {
        return outcome(job);
    }
    Err(ApiError::Unavailable {
        message: "no worker has tried the bucket in time; nothing was saved",
        retry_after: Duration::from_secs(10),
        cause: None,
    })
}

fn order(title: &str, target: &Target) -> Order {
    let place = &target.place;
    Order {
        dialect: Dialect::Cloudlayer,
        kind: JobKind::StorageCheck,
        mode: Mode::Sync,
        work: Work::Check(Box::new(target.clone())),
        params: json!({
            "title": title,
            "endpoint": place.endpoint,
            "region": place.region,
            "bucket": place.bucket,
        }),
        name: None,
        project_id: None,
        file_name: "platen-check.txt".to_owned(),
        inline: false,
        listed: false,
        webhook: None,
        storage: None,
    }
}

fn outcome(job: Job) -> Result<(), ApiError> {
    if job.state == JobState::Success {
        return Ok(());
    }
    let message = job.error.unwrap_or_default();
    match job.failure {
        Some(FailureKind::Storage) => Err(ApiError::Invalid {
            field: None,
            message: format!("nothing was saved: the bucket did not take a file. {message}"),
        }),
        failure => Err(ApiError::JobFailed {
            job: job.id,
            kind: failure.unwrap_or(FailureKind::Internal),
            message,
        }),
    }
}
