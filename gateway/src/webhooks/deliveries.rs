//! Deliveries and their attempts, as their owner reads them.

use axum::extract::State;
use common::clock::Timestamp;
use common::id::DeliveryId;
use common::job::{AttemptOutcome, DeliveryState};
use common::store::{Attempt, Caller, Delivery};
use http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::query;
use crate::app::App;
use crate::cloudlayer::paging;
use crate::error::ApiError;
use crate::json::{Json, Path};

/// A delivery; times in ISO 8601.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryView {
    id: String,
    /// The `webhook-id` that the endpoint gets: the same in a delivery and those that repeat it.
    message_id: String,
    job_id: String,
    url: String,
    /// `pending`, `parked`, `delivered` or `failed`.
    state: &'static str,
    /// Attempts made.
    attempts: u32,
    /// When the next attempt is due; of a parked one, when it is given up.
    due_at: Option<String>,
    created_at: String,
    finished_at: Option<String>,
    /// When it was sent again as another delivery.
    replayed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Vec<AttemptView>>,
}

/// An attempt; times in ISO 8601.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttemptView {
    number: u32,
    started_at: String,
    finished_at: Option<String>,
    /// `delivered`, `rejected`, `timeout`, `connection`, `refused` or `interrupted`; null while it is
    /// under way.
    outcome: Option<&'static str>,
    status: Option<u16>,
    error: Option<String>,
    /// The beginning of the endpoint's answer.
    excerpt: Option<String>,
    duration_ms: Option<u64>,
}

/// `GET /deliveries`.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Vec<DeliveryView>>, ApiError> {
    let page = paging::page(&uri, |id| id.parse::<DeliveryId>().is_ok())?;
    let filter = query::filter(&uri)?;
    let listed = app
        .store
        .list_deliveries(caller.account, &filter, &page)
        .await?;
    Ok(Json(
        listed
            .into_iter()
            .map(|delivery| view(delivery, None))
            .collect(),
    ))
}

/// `GET /deliveries/:id`, with its attempts.
pub(super) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeliveryView>, ApiError> {
    let id = id.parse().map_err(|_| ApiError::NotFound("delivery"))?;
    let delivery = app.store.delivery(caller.account, id).await?;
    let delivery = delivery.ok_or(ApiError::NotFound("delivery"))?;
    let log = app.store.attempts(id).await?;
    let log = log.into_iter().map(attempt).collect();
    Ok(Json(view(delivery, Some(log))))
}

fn view(delivery: Delivery, log: Option<Vec<AttemptView>>) -> DeliveryView {
    let waits = matches!(
        delivery.state,
        DeliveryState::Pending | DeliveryState::Parked
    );
    DeliveryView {
        id: delivery.id.to_string(),
        message_id: delivery.message.to_string(),
        job_id: delivery.job.to_string(),
        url: delivery.url,
        state: delivery.state.as_str(),
        attempts: delivery.attempts,
        due_at: waits.then(|| delivery.due_at.to_iso8601()),
        created_at: delivery.created_at.to_iso8601(),
        finished_at: delivery.finished_at.map(Timestamp::to_iso8601),
        replayed_at: delivery.replayed_at.map(Timestamp::to_iso8601),
        log,
    }
}

fn attempt(attempt: Attempt) -> AttemptView {
    let millis = |took: std::time::Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    AttemptView {
        number: attempt.number,
        started_at: attempt.started_at.to_iso8601(),
        finished_at: attempt.finished_at.map(Timestamp::to_iso8601),
        outcome: attempt.outcome.map(AttemptOutcome::as_str),
        status: attempt.status,
        error: attempt.error,
        excerpt: attempt.excerpt,
        duration_ms: attempt.duration.map(millis),
    }
}
