//! The account's endpoint: where it is, how it stands, and its secret.

use std::time::Duration;

use axum::extract::State;
use common::clock::Timestamp;
use common::signature::WebhookSecret;
use common::store::{Caller, Endpoint};
use serde::Serialize;
use utoipa::ToSchema;

use super::{address, object};
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::fields::{Field, Fields};
use crate::json::Json;

/// How long both secrets sign after a rotation, unless the request says otherwise, and at most.
const OVERLAP: Duration = Duration::from_hours(24);
const LONGEST_OVERLAP: u64 = 30 * 24 * 60 * 60;

/// The endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EndpointView {
    url: Option<String>,
    /// `on`, `off`, or `none` without an address.
    status: &'static str,
    /// Since when every call has failed, ISO 8601.
    failing_since: Option<String>,
    /// Since when it is switched off, ISO 8601.
    off_since: Option<String>,
    /// Why: `gone` (it answered 410) or `failing` (every call failed for days).
    off_reason: Option<&'static str>,
    /// Until when the secret before this one signs too, ISO 8601.
    previous_secret_signs_until: Option<String>,
}

/// The secrets that sign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretView {
    secret: String,
    /// The one before, while it signs too.
    previous_secret: Option<String>,
    previous_secret_signs_until: Option<String>,
}

/// `GET /webhook`.
pub(super) async fn read(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<EndpointView>, ApiError> {
    Ok(Json(view(&app, stored(&app, &caller).await?)))
}

/// `PUT /webhook` with `url`: also switches it on.
pub(super) async fn set(
    State(app): State<App>,
    posted: Posted,
) -> Result<Json<EndpointView>, ApiError> {
    let map = object(&posted.body)?;
    let fields = Fields::root(&map);
    let field = fields.require("url", "the https address of your endpoint", |field| {
        Ok(field.clone())
    })?;
    let url = address(&field, &app.egress).await?;
    change(&app, &posted.caller, Some(&url)).await
}

/// `DELETE /webhook`.
pub(super) async fn unset(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<EndpointView>, ApiError> {
    change(&app, &caller, None).await
}

/// `POST /webhook/enable`: switches it on again, and sends what waits for it.
pub(super) async fn enable(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<EndpointView>, ApiError> {
    let (account, now) = (caller.account, app.clock.now());
    app.store.enable_webhook(account, now).await?;
    read(State(app), caller).await
}

/// `GET /webhook/secret`.
pub(super) async fn secret(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<SecretView>, ApiError> {
    let endpoint = stored(&app, &caller).await?;
    Ok(Json(reveal(&app, &caller, &endpoint)))
}

/// `POST /webhook/secret/rotate` with `overlapSeconds`.
pub(super) async fn rotate(
    State(app): State<App>,
    posted: Posted,
) -> Result<Json<SecretView>, ApiError> {
    let map = object(&posted.body)?;
    let fields = Fields::root(&map);
    let overlap = fields.maybe("overlapSeconds", |field: &Field<'_>| {
        field.whole(0..=LONGEST_OVERLAP)
    })?;
    let overlap = overlap.map_or(OVERLAP, Duration::from_secs);
    let until = (!overlap.is_zero()).then(|| app.clock.now() + overlap);
    let account = posted.caller.account;
    let rotated = app.store.rotate_webhook_secret(account, until).await?;
    rotated.ok_or(ApiError::Unauthenticated)?;
    tracing::info!("the secret of the webhooks was rotated");
    let endpoint = stored(&app, &posted.caller).await?;
    Ok(Json(reveal(&app, &posted.caller, &endpoint)))
}

async fn change(
    app: &App,
    caller: &Caller,
    url: Option<&str>,
) -> Result<Json<EndpointView>, ApiError> {
    let (account, now) = (caller.account, app.clock.now());
    app.store.move_webhook(account, url, now).await?;
    Ok(Json(view(app, stored(app, caller).await?)))
}

async fn stored(app: &App, caller: &Caller) -> Result<Endpoint, ApiError> {
    let endpoint = app.store.endpoint(caller.account).await?;
    endpoint.ok_or(ApiError::Unauthenticated)
}

fn view(app: &App, endpoint: Endpoint) -> EndpointView {
    let now = app.clock.now();
    let overlap = endpoint.secret.overlap_until.filter(|&until| now < until);
    EndpointView {
        status: match (&endpoint.url, &endpoint.off) {
            (None, _) => "none",
            (Some(_), None) => "on",
            (Some(_), Some(_)) => "off",
        },
        url: endpoint.url,
        failing_since: endpoint.failing_since.map(Timestamp::to_iso8601),
        off_since: endpoint.off.map(|off| off.at.to_iso8601()),
        off_reason: endpoint.off.map(|off| off.reason.as_str()),
        previous_secret_signs_until: overlap.map(Timestamp::to_iso8601),
    }
}

fn reveal(app: &App, caller: &Caller, endpoint: &Endpoint) -> SecretView {
    let key = app.seal.webhooks();
    let secrets = key.secrets(caller.account, endpoint.secret, app.clock.now());
    let mut secrets = secrets.iter().map(WebhookSecret::reveal);
    let secret = secrets.next().unwrap_or_default();
    let previous = secrets.next();
    SecretView {
        secret,
        previous_secret_signs_until: previous
            .as_ref()
            .and(endpoint.secret.overlap_until)
            .map(Timestamp::to_iso8601),
        previous_secret: previous,
    }
}
