//! Image generation: from a request to its answer (reference iterationlayer, sections 5 and 9).

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use common::id::JobId;
use common::job::{Dialect, FailureKind, JobKind, JobState, Mode};
use common::retry::until_done;
use common::store::{Job, Settlement, StoreError};
use common::task::{CANVAS_TIMEOUT, CanvasWork, Work};
use http::HeaderMap;
use tokio::time::Instant;

use super::answer;
use super::request::{self, Request, Terms};
use super::result::{self, Awaited};
use crate::accept::{self, Order, Receipt};
use crate::app::App;
use crate::body::{Posted, PostedFiles};
use crate::config::Feature;
use crate::error::{ApiError, rate_headers};
use crate::idempotency;

/// How much longer than a job's own time its caller waits: for a worker, and for the answer's way.
const GRACE: Duration = Duration::from_secs(30);

/// A longer body is read on a thread of its own: decoding many megabytes would stop others.
const LONG: usize = 256 * 1024;

/// `POST /image-generation/v1/generate` and `/render`.
pub(super) async fn answer(
    State(app): State<App>,
    PostedFiles(posted): PostedFiles,
) -> Result<Response, ApiError> {
    let Posted {
        caller,
        body,
        share,
        repeatable,
    } = posted;
    let has_key = repeatable.is_some();
    let order = order(parse(&app, body).await?);
    let repeated = accept::repeated(&app, &caller, order.mode, repeatable.as_ref());
    let receipt = match repeated.await? {
        Some(receipt) => {
            drop((order, share));
            receipt
        }
        None => accept::accept(&app, caller, order, share, repeatable).await?,
    };
    let headers = headers(&receipt);
    let Some(waiter) = &receipt.waiter else {
        return Ok((headers, answer::accepted()).into_response());
    };
    let wait = app.sync_wait.min(CANVAS_TIMEOUT + GRACE);
    let awaited = Awaited {
        until: Instant::now() + wait,
        repeatable: has_key,
    };
    let answered = match waiter.settled(&app, wait).await {
        Some(job) => finished(&app, job, awaited).await,
        None => given_up(&app, &receipt, awaited).await,
    };
    Ok((headers, answered).into_response())
}

fn headers(receipt: &Receipt) -> HeaderMap {
    let window = receipt.accepted.rate.iter();
    let mut headers: HeaderMap = window.flat_map(rate_headers).collect();
    if receipt.repeated {
        idempotency::mark(&mut headers);
    }
    headers
}

async fn parse(app: &App, body: Vec<u8>) -> Result<Request, ApiError> {
    let terms = Terms {
        policy: app.egress.clone(),
        removes_backgrounds: app.features.contains(&Feature::Models),
    };
    if body.len() <= LONG {
        return Ok(request::parse(&body, &terms)?);
    }
    let reading = tokio::task::spawn_blocking(move || request::parse(&body, &terms));
    Ok(reading.await.map_err(ApiError::internal)??)
}

fn order(request: Request) -> Order {
    let extension = request.canvas.format.extension();
    Order {
        dialect: Dialect::IterationLayer,
        kind: JobKind::ImageGeneration,
        mode: match request.webhook {
            Some(_) => Mode::Async,
            None => Mode::Sync,
        },
        work: Work::Canvas(CanvasWork::Inline(Box::new(request.canvas))),
        params: request.params,
        name: None,
        project_id: None,
        file_name: format!("image.{extension}"),
        inline: false,
        listed: false,
        webhook: request.webhook,
        storage: None,
    }
}

async fn finished(app: &App, job: Job, awaited: Awaited) -> Result<Response, ApiError> {
    if job.state == JobState::Error {
        // Only a caller who gave up ends a job for its time without any worker: whoever asks for it
        // again gets what that caller got.
        if job.failure == Some(FailureKind::Timeout) && job.worker.is_none() {
            return Err(ApiError::GaveUp);
        }
        return Err(ApiError::JobFailed {
            job: job.id,
            kind: job.failure.unwrap_or(FailureKind::Internal),
            message: job
                .error
                .unwrap_or_else(|| "the image could not be generated".to_owned()),
        });
    }
    let asset = job.asset.ok_or(ApiError::Gone("result"))?;
    let reading = result::open(app, &asset, awaited).await?;
    Ok(answer::file(reading, &asset.content_type))
}

/// The dialect has no way to fetch a result later, so the job ends with its caller's patience. Who
/// repeats the request of somebody else who may still wait does not end it: a further repeat gets
/// what becomes of it.
async fn given_up(app: &App, receipt: &Receipt, awaited: Awaited) -> Result<Response, ApiError> {
    if receipt.repeated {
        return Err(ApiError::GaveUp);
    }
    let job = receipt.job;
    match end(app, job).await {
        Ok(Settlement::Settled(ended)) => {
            accept::discard(app, &ended.inputs).await;
            Err(ApiError::GaveUp)
        }
        // It ended in the last moment.
        Ok(Settlement::Repeated { .. }) => read_again(app, job, awaited).await,
        Ok(Settlement::NoSuchJob) => Err(ApiError::NotFound("job")),
        Err(error @ (StoreError::Away(_) | StoreError::CommitUnknown(_))) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, job.id = %job, "a job whose caller gave up can't be ended yet");
            let app = app.clone();
            app.tasks.clone().spawn(async move {
                let end = || end(&app, job);
                let ended = until_done("end a job whose caller gave up", &app.draining, end).await;
                match ended {
                    Some(Settlement::Settled(ended)) => accept::discard(&app, &ended.inputs).await,
                    Some(Settlement::Repeated { .. } | Settlement::NoSuchJob) => {}
                    None => tracing::error!(job.id = %job, "a job whose caller gave up goes on: the database is away, and the gateway stops"),
                }
            });
            // Not that it costs nothing: it may have been made before it can be ended.
            Err(ApiError::Unavailable {
                message: "the picture was not there in time, and the database can't be reached: unless it has been made meanwhile, it will be ended and refunded; with the same Idempotency-Key it is safe to repeat the request",
                retry_after: Duration::from_secs(5),
                cause: None,
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends a job as one that nobody waits for, and refunds it.
async fn end(app: &App, job: JobId) -> Result<Settlement, StoreError> {
    let (message, now) = (ApiError::GaveUp.to_string(), app.clock.now());
    app.store
        .fail(job, FailureKind::Timeout, &message, now)
        .await
}

async fn read_again(app: &App, job: JobId, awaited: Awaited) -> Result<Response, ApiError> {
    let job = app.store.job_by_id(job).await?;
    finished(app, job.ok_or(ApiError::NotFound("job"))?, awaited).await
}
