//! The conversion endpoints: from a request to its answer (reference cloudlayer, section 7).

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use common::job::{Dialect, FailureKind, JobKind, JobState, Mode};
use common::retry::until_done;
use common::store::{Job, StoreError};
use common::task::{Batch, Work};
use http::header::{CACHE_CONTROL, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::jobs::JobView;
use super::request::{self, Base, Endpoint, Version};
use super::{headers, ours, template};
use crate::accept::{self, Order, Receipt};
use crate::app::App;
use crate::body::Posted;
use crate::download;
use crate::error::ApiError;
use crate::json::Json;

/// How much longer than a job's own time its caller waits: for a worker, and for the answer's way.
const GRACE: Duration = Duration::from_secs(30);

/// What a waiting caller gets when its job ends well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The file itself.
    File,
    /// The job, with a link to the file.
    Job,
}

/// How a caller is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    mode: Mode,
    answer: Answer,
    /// The longest that the job itself may take.
    timeout: Duration,
}

impl Manner {
    /// Of a request that was posted under this version.
    pub(super) fn new(version: Version, base: &Base, timeout: Duration) -> Self {
        let answer = match (version, base.storage) {
            (Version::V1, _) | (Version::V2, false) => Answer::File,
            (Version::V2, true) => Answer::Job,
        };
        Self {
            mode: base.mode,
            answer,
            timeout,
        }
    }
}

/// What a caller wants, once its request is read.
pub(super) struct Wish {
    pub(super) order: Order,
    manner: Manner,
}

impl Wish {
    /// Of a request that is to be answered in this manner.
    pub(super) fn new(manner: Manner, kind: JobKind, work: Work, request: Rest) -> Self {
        let base = request.base;
        Self {
            order: Order {
                dialect: Dialect::Cloudlayer,
                kind,
                mode: base.mode,
                work,
                params: request.params,
                name: base.name,
                project_id: base.project_id,
                file_name: base.file_name,
                inline: base.inline,
                listed: base.storage,
                webhook: base.webhook,
                storage: base.own,
            },
            manner,
        }
    }
}

/// What a request says beside its work.
pub(super) struct Rest {
    pub(super) base: Base,
    pub(super) params: Value,
}

/// Accepts a conversion, and, if the caller waits, waits for its end.
pub(crate) async fn convert(
    app: &App,
    endpoint: Endpoint,
    headers: &HeaderMap,
    mut posted: Posted,
) -> Result<Response, ApiError> {
    let body = std::mem::take(&mut posted.body);
    let (mut request, form) = if endpoint.kind.template().is_some() {
        let (request, form) = template::read(app, endpoint, headers, body).await?;
        (request, Some(form))
    } else {
        (request::parse(endpoint, &body, &app.egress)?, None)
    };
    let manner = Manner::new(endpoint.version, &request.base, request.task.timeout);
    if let Some(receipt) = repeated(app, manner, &posted).await? {
        drop((request, form, posted));
        return answered(app, &receipt, manner).await;
    }
    if let Some(form) = form {
        template::resolve(app, &mut posted, form, &mut request).await?;
    }
    ours::resolve(app, &mut posted, &mut request).await?;
    let rest = Rest {
        base: request.base,
        params: request.params,
    };
    let first = request.task;
    let work = match request.batch {
        None => Work::Page(Box::new(first)),
        Some(more) => Work::Batch(Box::new(Batch { first, more })),
    };
    let wish = Wish::new(manner, endpoint.kind.kind(), work, rest);
    carry_out(app, wish, posted).await
}

/// What became of the first request of its like, if this one repeats it.
pub(super) async fn repeated(
    app: &App,
    manner: Manner,
    posted: &Posted,
) -> Result<Option<Receipt>, ApiError> {
    let repeatable = posted.repeatable.as_ref();
    accept::repeated(app, &posted.caller, manner.mode, repeatable).await
}

/// Accepts what is wished, and, if the caller waits, waits for its end.
pub(super) async fn carry_out(app: &App, wish: Wish, posted: Posted) -> Result<Response, ApiError> {
    let accepting = accept::accept(
        app,
        posted.caller,
        wish.order,
        posted.share,
        posted.repeatable,
    );
    let receipt = accepting.await?;
    answered(app, &receipt, wish.manner).await
}

/// The answer to whoever holds a receipt; it waits for the job if its caller does.
pub(super) async fn answered(
    app: &App,
    receipt: &Receipt,
    manner: Manner,
) -> Result<Response, ApiError> {
    let Some(waiter) = &receipt.waiter else {
        return Ok(queued(receipt));
    };
    let wait = app.sync_wait.min(manner.timeout + GRACE);
    match waiter.settled(app, wait).await {
        Some(job) => finished(app, receipt, job, manner.answer).await,
        None => given_up(app, receipt, manner.answer).await,
    }
}

/// The answer to a caller who does not wait: the words of the seed, and `id`, which clients read.
fn queued(receipt: &Receipt) -> Response {
    accepted(receipt, "queued")
}

fn accepted(receipt: &Receipt, status: &'static str) -> Response {
    let id = receipt.job.to_string();
    let body = Json(json!({ "status": status, "id": id, "jobId": id }));
    (StatusCode::ACCEPTED, headers::of(receipt, None), body).into_response()
}

async fn finished(
    app: &App,
    receipt: &Receipt,
    job: Job,
    answer: Answer,
) -> Result<Response, ApiError> {
    let headers = headers::of(receipt, Some(&job));
    if job.state == JobState::Error {
        let message = job
            .error
            .unwrap_or_else(|| "the conversion failed".to_owned());
        let error = ApiError::JobFailed {
            job: job.id,
            kind: job.failure.unwrap_or(FailureKind::Internal),
            message,
        };
        return Ok((headers, error).into_response());
    }
    let response = match (answer, &job.asset) {
        (Answer::File, Some(asset)) => made(download::whole(app, asset).await?),
        (Answer::File, None) => return Err(ApiError::Gone("result")),
        (Answer::Job, _) => Json(JobView::answer(job, &app.links)).into_response(),
    };
    Ok((headers, response).into_response())
}

/// A file as the answer to who had it made: a GET makes it anew each time, and no cache may answer in our place.
fn made(mut file: Response) -> Response {
    let headers = file.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(ETAG);
    file
}

/// The job takes longer than a caller waits. It goes on: the caller gets its id, and the webhook if
/// there is one.
async fn given_up(app: &App, receipt: &Receipt, answer: Answer) -> Result<Response, ApiError> {
    let id = receipt.job;
    let detached = app.store.detach(id).await;
    let job = app.store.job_by_id(id).await;
    match (detached, job) {
        (Ok(false), Ok(Some(job))) if job.state.is_final() => {
            finished(app, receipt, job, answer).await
        }
        (Ok(_), Ok(Some(job))) => {
            let body = Json(JobView::answer(job, &app.links));
            Ok((StatusCode::ACCEPTED, headers::of(receipt, None), body).into_response())
        }
        (Err(error @ (StoreError::Away(_) | StoreError::CommitUnknown(_))), _) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, job.id = %id, "a job whose caller is sent away can't be marked yet");
            // Without the mark its webhook would stay silent.
            let app = app.clone();
            app.tasks.clone().spawn(async move {
                let mark = || app.store.detach_late(id, app.clock.now());
                let what = "mark a job whose caller was sent away";
                if until_done(what, &app.draining, mark).await.is_none() {
                    tracing::error!(job.id = %id, "the webhook of a job stays silent: the database is away, and the gateway stops");
                }
            });
            Ok(accepted(receipt, "pending"))
        }
        (Err(error), _) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, job.id = %id, "a job whose caller is sent away could not be marked");
            Ok(accepted(receipt, "pending"))
        }
        (_, Err(error)) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, job.id = %id, "a job whose caller is sent away can't be read");
            Ok(accepted(receipt, "pending"))
        }
        (Ok(_), Ok(None)) => Err(ApiError::NotFound("job")),
    }
}
