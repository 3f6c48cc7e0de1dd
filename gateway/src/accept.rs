//! How a parsed request becomes an accepted, charged, published job, in any dialect.
//!
//! What writes runs in a task of its own, so a caller who hangs up then changes nothing. After the commit
//! the answer is "accepted", whatever the broker does: the relay publishes what is left.

mod inputs;
mod own;
mod refused;
mod repeat;
mod turns;

use std::time::Duration;

use common::credits::Credits;
use common::egress::confirm_address;
use common::id::{JobId, StorageId};
use common::idempotency::Repeatable;
use common::job::{Dialect, JobKind, JobState, Mode};
use common::message::JobMessage;
use common::objects::ObjectKey;
use common::store::{AcceptError, Accepted, Admission, Caller, NewJob, StoreError};
use common::task::Work;
use common::telemetry::TraceContext;
use common::telemetry::spans::TARGET;
use tokio::time::Instant;
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

use self::refused::refused;
use crate::app::App;
use crate::body::Share;
use crate::error::ApiError;
use crate::waiters::Waiter;

pub(crate) use self::inputs::discard;
pub(crate) use self::turns::Turns;

/// A job that has not ended by then is an error.
pub(crate) const JOB_LIFETIME: Duration = Duration::from_hours(24);

/// What a caller asks for, already right, in no dialect's words.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) dialect: Dialect,
    pub(crate) kind: JobKind,
    pub(crate) mode: Mode,
    pub(crate) work: Work,
    /// The request as job reads show it; secrets replaced.
    pub(crate) params: serde_json::Value,
    pub(crate) name: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) file_name: String,
    pub(crate) inline: bool,
    /// The result is kept for the retention time and listed.
    pub(crate) listed: bool,
    pub(crate) webhook: Option<String>,
    /// The caller's own bucket, if the result goes there.
    pub(crate) storage: Option<StorageId>,
}

/// How long a request waits to be recorded while others of its account are: longer only if the database is
/// slow or away, and by then its caller may be gone.
const TURN: Duration = Duration::from_secs(10);

/// An accepted job.
pub(crate) struct Receipt {
    pub(crate) job: JobId,
    pub(crate) accepted: Accepted,
    /// The caller's place, if it waits.
    pub(crate) waiter: Option<Waiter>,
    /// What it was charged.
    pub(crate) price: Credits,
    /// It was accepted for an earlier request, which this one repeats.
    pub(crate) repeated: bool,
}

/// The receipt of the first of its like, if a request is a repeat, whatever is away, changed or used up by now: to be
/// asked before what the request names is looked for.
pub(crate) async fn repeated(
    app: &App,
    caller: &Caller,
    mode: Mode,
    repeatable: Option<&Repeatable>,
) -> Result<Option<Receipt>, ApiError> {
    let Some(request) = repeatable else {
        return Ok(None);
    };
    let known = app.store.repeated(caller.account, request).await;
    match known.map_err(refused)? {
        Some(job) => repeat::receipt(app, caller, mode, job).await.map(Some),
        None => Ok(None),
    }
}

/// Accepts an order that is no repeat of what [`repeated`] knows, charging the caller; `share` is the memory that the
/// order takes. One that became a repeat meanwhile gets the receipt of the first of its like.
pub(crate) async fn accept(
    app: &App,
    caller: Caller,
    order: Order,
    share: Share,
    repeatable: Option<Repeatable>,
) -> Result<Receipt, ApiError> {
    let uploaded = order.work.uploaded().cloned();
    let order = match ready(app, &caller, order).await {
        Ok(order) => order,
        Err(error) => {
            discard(app, uploaded.as_slice()).await;
            return Err(error);
        }
    };
    let app = app.clone();
    let tasks = app.tasks.clone();
    let (span, asked) = (accepting(order.mode), Instant::now());
    let work = async move {
        let receipt = commit_and_publish(&app, &caller, order, repeatable, asked).await;
        drop(share);
        if let Ok(receipt) = &receipt {
            Span::current().record("job.id", display(receipt.job));
        }
        receipt
    };
    let accepted = tasks.spawn(work.instrument(span).in_current_span()).await;
    accepted.map_err(ApiError::internal)?
}

/// All that is asked before anything is written down.
async fn ready(app: &App, caller: &Caller, order: Order) -> Result<Order, ApiError> {
    if order.mode == Mode::Sync && !app.broker.is_ready() {
        return Err(ApiError::Unavailable {
            message: "no work is taken for waiting callers at the moment; ask for `async` or come back later",
            retry_after: Duration::from_secs(5),
            cause: None,
        });
    }
    if order.mode == Mode::Async && app.backlog.is_full() {
        return Err(ApiError::Unavailable {
            message: "as many jobs are waiting as are taken; nothing was charged, come back later",
            retry_after: Duration::from_secs(30),
            cause: None,
        });
    }
    confirm_webhook(app, &order).await?;
    own::resolve(app, caller, order).await
}

/// A webhook over plain http by name must lead into a range that the operator has opened.
async fn confirm_webhook(app: &App, order: &Order) -> Result<(), ApiError> {
    let Some(url) = order.webhook.as_deref().and_then(|url| url.parse().ok()) else {
        return Ok(());
    };
    let confirmed = confirm_address(&url, &app.egress).await;
    confirmed.map_err(|refused| {
        let field = match order.dialect {
            Dialect::Cloudlayer => "webhook",
            Dialect::IterationLayer => "webhook_url",
        };
        ApiError::Invalid {
            field: Some(field.to_owned()),
            message: format!("`{field}` {refused}"),
        }
    })
}

/// The span of accepting a job, and of handing it to the broker.
fn accepting(mode: Mode) -> Span {
    tracing::info_span!(target: TARGET, "accept", job.mode = %mode, job.id = Empty)
}

async fn commit_and_publish(
    app: &App,
    caller: &Caller,
    mut order: Order,
    repeatable: Option<Repeatable>,
    asked: Instant,
) -> Result<Receipt, ApiError> {
    let uploaded = order.work.uploaded().and_then(ObjectKey::job);
    let (job, mode) = (uploaded.unwrap_or_else(JobId::new), order.mode);
    let waiter = (mode == Mode::Sync).then(|| app.waiters.register(job));
    let inputs = inputs::store(app, job, &mut order.work).await?;
    let row = match new_job(app, (job, caller), order, &inputs) {
        Ok(row) => row,
        Err(error) => {
            discard(app, &inputs).await;
            return Err(error);
        }
    };
    let Some(turn) = app.turns.next_within(row.account, TURN).await else {
        discard(app, &inputs).await;
        return Err(ApiError::Unavailable {
            message: "too many requests of this account wait to be recorded; nothing was charged for this one, and it may succeed shortly",
            retry_after: Duration::from_secs(5),
            cause: None,
        });
    };
    let committed = commit(app, &row, repeatable.as_ref()).await;
    drop(turn);
    let accepted = match committed {
        Ok(Admission::New(accepted)) => accepted,
        Ok(Admission::Repeat(first)) => {
            discard(app, &inputs).await;
            return repeat::receipt(app, caller, mode, first).await;
        }
        // The row may be there, or may yet come: if it does not, the sweep takes its inputs.
        Err(error @ AcceptError::Store(StoreError::CommitUnknown(_))) => {
            return Err(refused(error));
        }
        Err(error) => {
            discard(app, &inputs).await;
            return Err(refused(error));
        }
    };
    let (price, lane) = (row.price, row.lane);
    if accepted.state == JobState::Queued {
        publish(app, row).await;
    }
    app.metrics.accepted(lane, mode, asked.elapsed());
    Ok(Receipt {
        job,
        accepted,
        waiter,
        price,
        repeated: false,
    })
}

fn new_job(
    app: &App,
    (job, caller): (JobId, &Caller),
    order: Order,
    inputs: &[ObjectKey],
) -> Result<NewJob, ApiError> {
    Ok(NewJob {
        id: job,
        account: caller.account,
        key: caller.key,
        budget: caller.project,
        dialect: order.dialect,
        kind: order.kind,
        mode: order.mode,
        lane: order.work.lane(),
        price: app.prices.of_work(order.kind, &order.work),
        task: app
            .seal
            .seal(job, &order.work)
            .map_err(ApiError::internal)?,
        params: order.params,
        name: order.name,
        project_id: order.project_id,
        file_name: order.file_name,
        inline: order.inline,
        listed: order.listed,
        inputs: inputs.to_vec(),
        route: (order.mode == Mode::Sync)
            .then(|| app.waiters.route())
            .flatten(),
        webhook: order.webhook,
        expires_at: app.clock.now() + JOB_LIFETIME,
        trace: TraceContext::of(&Span::current()),
    })
}

async fn commit(
    app: &App,
    row: &NewJob,
    repeatable: Option<&Repeatable>,
) -> Result<Admission, AcceptError> {
    let now = app.clock.now();
    match repeatable {
        Some(request) => app.store.accept_once(row, request, now).await,
        None => app.store.accept(row, now).await.map(Admission::New),
    }
}

/// Hands the job to the broker. A failure costs time only: the relay finds the row.
async fn publish(app: &App, row: NewJob) {
    // Before it is: a renderer may begin before its publisher hears that the broker has it.
    let (job, now) = (row.id, app.clock.now());
    let message = JobMessage {
        published_at: Some(now),
        ..row.into()
    };
    if let Err(error) = app.broker.publish_job(message).await {
        tracing::warn!(%error, job.id = %job, "an accepted job is left to the relay");
        return;
    }
    if let Err(error) = app.store.mark_published(job, now).await {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, job.id = %job, "a published job will be published once more");
    }
}
