//! Reading a request's body: bounded in length, in time, and, over all callers, in memory. Nothing is
//! kept of the body of a caller who has no key.

mod room;

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use common::idempotency::Repeatable;
use common::store::Caller;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;

use crate::app::App;
use crate::error::ApiError;
use crate::idempotency::Arriving;

pub(crate) use room::{Room, Share};

/// The most bytes of a JSON body: base64 of 10 MB of HTML, and its options.
pub(crate) const BODY_LIMIT: usize = 15_000_000;

/// The same where files are sent: base64 of one file of 50 MB, and its options.
pub(crate) const LONG_BODY_LIMIT: usize = 70_000_000;

/// The longest that a body may take to arrive.
const BODY_TIME: Duration = Duration::from_mins(1);

/// How much of a refused body is still read, so that the caller gets the answer and not a broken
/// connection, and for how long.
const DISCARD_LIMIT: usize = 4 * BODY_LIMIT;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// An authenticated request with its whole body.
pub(crate) struct Posted {
    /// Who sent it.
    pub(crate) caller: Caller,
    /// What was sent.
    pub(crate) body: Vec<u8>,
    /// The body's share of the memory for all bodies; given back when this is dropped.
    pub(crate) share: Share,
    /// The request as a whole, if it carries an idempotency key.
    pub(crate) repeatable: Option<Repeatable>,
}

/// The same for requests that carry files.
pub(crate) struct PostedFiles(pub(crate) Posted);

/// How much a body may take.
#[derive(Clone, Copy)]
struct Measure {
    /// The most bytes of it.
    limit: usize,
    /// How many times its length it takes in memory.
    weight: usize,
}

const PLAIN: Measure = Measure {
    limit: BODY_LIMIT,
    weight: 1,
};

/// What is decoded out of its base64 lies beside it for a while.
const FILES: Measure = Measure {
    limit: LONG_BODY_LIMIT,
    weight: 2,
};

impl FromRequest<App> for Posted {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        Self::receive(request, app, PLAIN).await
    }
}

impl FromRequest<App> for PostedFiles {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        Ok(Self(Posted::receive(request, app, FILES).await?))
    }
}

impl Posted {
    async fn receive(request: Request, app: &App, measure: Measure) -> Result<Self, ApiError> {
        let (parts, mut body) = request.into_parts();
        let read = async {
            let caller = app.keys.caller_of(&parts).await?;
            let mut arriving = Arriving::new(&parts, &app.seal)?;
            let mut share = app.room.share(caller.account);
            let body = read(
                &mut body,
                &parts.headers,
                &mut share,
                measure,
                &mut arriving,
            )
            .await?;
            Ok(Self {
                caller,
                body,
                share,
                repeatable: arriving.map(Arriving::finish),
            })
        };
        let posted = read.await;
        if posted.is_err() {
            discard(&mut body).await;
        }
        posted
    }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::TooLarge {
        field: None,
        message: format!("the request body is too long: at most {limit} bytes are taken"),
    }
}

async fn read(
    body: &mut Body,
    headers: &HeaderMap,
    share: &mut Share,
    measure: Measure,
    arriving: &mut Option<Arriving>,
) -> Result<Vec<u8>, ApiError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > measure.limit as u64) {
        return Err(too_large(measure.limit));
    }
    let reading = tokio::time::timeout(BODY_TIME, collect(body, share, measure, arriving));
    reading.await.unwrap_or_else(|_| {
        let message = format!(
            "the request body took longer than {} s to arrive",
            BODY_TIME.as_secs()
        );
        Err(ApiError::Invalid {
            field: None,
            message,
        })
    })
}

async fn collect(
    body: &mut Body,
    share: &mut Share,
    measure: Measure,
    arriving: &mut Option<Arriving>,
) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ApiError::Invalid {
            field: None,
            message: format!("the request body broke off: {error}"),
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = bytes.len() + data.len();
        if length > measure.limit {
            return Err(too_large(measure.limit));
        }
        share.cover(length * measure.weight)?;
        if let Some(arriving) = arriving {
            arriving.update(&data);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

/// Reads what is left of a body and forgets it.
pub(crate) async fn discard(body: &mut Body) {
    let rest = async {
        let mut left = DISCARD_LIMIT;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, bytes::Bytes::len);
            let Some(rest) = left.checked_sub(length) else {
                return;
            };
            left = rest;
        }
    };
    if tokio::time::timeout(DISCARD_TIME, rest).await.is_err() {
        tracing::debug!("a refused request body was not read to its end");
    }
}
