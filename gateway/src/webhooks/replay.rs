//! Sending again: one delivery, or every dead letter since a time.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use common::store::{Caller, Replay};
use http::StatusCode;
use serde_json::json;

use super::{object, query};
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::fields::{Field, Fields};
use crate::json::{Json, Path};

/// `POST /deliveries/:id/replay`: what has ended is sent again as a new delivery, what waits is sent now.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let id = id.parse().map_err(|_| ApiError::NotFound("delivery"))?;
    let replay = app
        .store
        .replay(caller.account, id, app.clock.now())
        .await?;
    let delivery = match replay.ok_or(ApiError::NotFound("delivery"))? {
        Replay::Again(new) => new,
        Replay::Hastened | Replay::UnderWay => id,
        Replay::Parked => {
            return Err(ApiError::Unprocessable {
                field: None,
                message: "the delivery waits for its endpoint, which is switched off: switch it on with POST /v2/webhook/enable, and it is sent".to_owned(),
            });
        }
    };
    let answer = Json(json!({ "id": delivery }));
    Ok((StatusCode::ACCEPTED, answer).into_response())
}

/// `POST /deliveries/replay` with `since` and `dryRun`: every delivery that was given up since then, and
/// not sent again. With `dryRun` nothing is sent.
pub(super) async fn all(State(app): State<App>, posted: Posted) -> Result<Response, ApiError> {
    let map = object(&posted.body)?;
    let fields = Fields::root(&map);
    let expected = "the moment since when, such as 2026-01-31T08:30:00Z";
    let since = fields.require("since", expected, Field::text)?;
    let since = query::moment("since", since)?;
    let dry_run = fields.flag("dryRun")?;
    let (account, now) = (posted.caller.account, app.clock.now());
    let (status, count) = if dry_run {
        let count = app.store.count_dead_letters(account, since).await?;
        (StatusCode::OK, count)
    } else {
        let count = app.store.replay_dead_letters(account, since, now).await?;
        (StatusCode::ACCEPTED, count)
    };
    let answer = Json(json!({ "count": count, "dryRun": dry_run }));
    Ok((status, answer).into_response())
}
