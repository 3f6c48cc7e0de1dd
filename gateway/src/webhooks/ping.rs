//! A ping: a signed sample that a dispatcher sends to an endpoint while its owner waits. The gateway
//! itself calls nobody's host.

use std::time::Duration;

use axum::extract::State;
use common::id::PingId;
use common::job::{AttemptOutcome, Dialect};
use common::store::{AttemptRecord, Caller, PingError};
use serde::Serialize;
use utoipa::ToSchema;

use super::{address, object};
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::fields::{Field, Fields};
use crate::json::Json;

/// What came of a ping.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PingView {
    id: String,
    url: String,
    /// Whether the endpoint took it.
    delivered: bool,
    outcome: &'static str,
    status: Option<u16>,
    error: Option<String>,
    /// The beginning of the endpoint's answer.
    excerpt: Option<String>,
    duration_ms: u128,
}

/// `POST /webhook/ping` with `url` (else the account's endpoint) and `dialect`.
pub(super) async fn ping(
    State(app): State<App>,
    posted: Posted,
) -> Result<Json<PingView>, ApiError> {
    let map = object(&posted.body)?;
    let fields = Fields::root(&map);
    let dialect = fields.maybe("dialect", |field| {
        field.word(&[
            (Dialect::Cloudlayer.as_str(), Dialect::Cloudlayer),
            (Dialect::IterationLayer.as_str(), Dialect::IterationLayer),
        ])
    })?;
    let dialect = dialect.unwrap_or(Dialect::Cloudlayer);
    let url = match fields.maybe("url", |field: &Field<'_>| Ok(field.clone()))? {
        Some(field) => address(&field, &app.egress).await?,
        None => stored(&app, &posted.caller).await?,
    };
    let (account, now) = (posted.caller.account, app.clock.now());
    let id = app.store.create_ping(account, &url, dialect, now).await;
    let id = id.map_err(|error| match error {
        PingError::TooMany => ApiError::Limited {
            message: "an account sends at most 10 pings a minute",
            retry_after: PingError::RETRY_AFTER,
            window: None,
        },
        PingError::Store(error) => error.into(),
    })?;
    drop(posted.share);
    let record = wait(&app, &posted.caller, id).await?;
    Ok(Json(PingView {
        id: id.to_string(),
        url,
        delivered: record.outcome == AttemptOutcome::Delivered,
        outcome: record.outcome.as_str(),
        status: record.status,
        error: record.error,
        excerpt: record.excerpt,
        duration_ms: record.duration.as_millis(),
    }))
}

async fn stored(app: &App, caller: &Caller) -> Result<String, ApiError> {
    let endpoint = app.store.endpoint(caller.account).await?;
    let url = endpoint.and_then(|endpoint| endpoint.url);
    url.ok_or_else(|| {
        ApiError::field(
            "url",
            "`url` is missing, and the account has no webhook: send one, or set it with PUT /v2/webhook",
        )
    })
}

async fn wait(app: &App, caller: &Caller, id: PingId) -> Result<AttemptRecord, ApiError> {
    let waiting = app.store.await_ping(caller.account, id);
    let record = app
        .draining
        .run_until_cancelled(waiting)
        .await
        .transpose()?;
    record.flatten().ok_or(ApiError::Unavailable {
        message: "no dispatcher has sent the ping yet; it may still be sent",
        retry_after: Duration::from_secs(10),
        cause: None,
    })
}
