//! What can go wrong, as each dialect answers it: the statuses, headers and bodies of the document are made of real errors.

use std::collections::BTreeMap;
use std::time::Duration;

use common::clock::Timestamp;
use common::id::JobId;
use common::job::FailureKind;
use common::link::LinkError;
use common::store::RateWindow;
use http::StatusCode;
use serde_json::{Value, json};

use super::cloudlayer::ErrorBody;
use super::header::HEADERS;
use super::iterationlayer::ErrorEnvelope;
use super::schemas::{Named, reference};
use crate::error::ApiError;
use crate::{cloudlayer, iterationlayer};

/// Whose words an error is in.
#[derive(Clone, Copy)]
pub(super) enum Speaker {
    Cloudlayer,
    IterationLayer,
}

/// Something that can go wrong.
#[derive(Clone, Copy)]
pub(super) enum Trouble {
    /// No key, or a wrong one.
    Key,
    /// Too little credit.
    Credit,
    /// Too little left of a project's budget.
    Budget,
    /// A wrong field, of this name.
    Wrong(&'static str),
    /// A value that can't be used.
    Unusable,
    /// Nothing of this sort by that id.
    NoSuch(&'static str),
    /// No storage by that id.
    NoStorage,
    /// A storage whose keys can't be opened.
    Sealed,
    /// As many templates as are kept.
    TooMany,
    /// A link that was changed.
    Link,
    /// Deleted by now.
    Gone,
    /// A repeat whose result was deleted.
    Swept,
    /// Too long.
    TooLong,
    /// A byte range outside of the file.
    Range,
    /// An idempotency key of another request.
    KeyReused,
    /// A delivery that waits for its endpoint.
    Parked,
    /// Too many requests.
    Rate,
    /// Too many callers that wait.
    InFlight,
    /// The job failed.
    Failed,
    /// Not now.
    Away,
    /// The caller waited too long.
    GaveUp,
    /// Files without an office suite.
    NoOffice,
    /// Ours.
    Internal,
}

impl Trouble {
    /// Its name among the examples of its status.
    const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Credit => "credit",
            Self::Budget => "budget",
            Self::Wrong(_) => "field",
            Self::Unusable => "unusable",
            Self::NoSuch(_) | Self::NoStorage => "unknown",
            Self::Sealed => "sealed",
            Self::TooMany => "many",
            Self::Link => "link",
            Self::Gone => "gone",
            Self::Swept => "swept",
            Self::TooLong => "length",
            Self::Range => "range",
            Self::KeyReused => "reused",
            Self::Parked => "parked",
            Self::Rate => "rate",
            Self::InFlight => "waiting",
            Self::Failed => "failed",
            Self::Away => "away",
            Self::GaveUp => "late",
            Self::NoOffice => "office",
            Self::Internal => "internal",
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table reads best in one piece")]
    fn error(self) -> ApiError {
        match self {
            Self::Key => ApiError::Unauthenticated,
            Self::Credit => ApiError::InsufficientCredit,
            Self::Budget => ApiError::BudgetExceeded,
            Self::Wrong(field) => ApiError::field(field, format!("`{field}` is not as it must be")),
            Self::Unusable => ApiError::Unprocessable {
                field: Some("layers[0].value".to_owned()),
                message: "`layers[0].value` must end in the check digit 0, not 1".to_owned(),
            },
            Self::NoSuch(what) => ApiError::NotFound(what),
            Self::NoStorage => ApiError::Invalid {
                field: None,
                message: "there is no storage with this id: `GET /v2/storage` lists them".to_owned(),
            },
            Self::Sealed => ApiError::Unprocessable {
                field: Some("storage.id".to_owned()),
                message: "the keys of this storage can't be opened any more: save it again with the same title, bucket and endpoint".to_owned(),
            },
            Self::TooMany => ApiError::Unprocessable {
                field: None,
                message: "the account has 100 templates, as many as are kept: delete one first".to_owned(),
            },
            Self::Link => LinkError::Expired.into(),
            Self::Gone => ApiError::Gone("file"),
            Self::Swept => ApiError::Swept(some_job()),
            Self::TooLong => ApiError::TooLarge {
                field: None,
                message: format!(
                    "the request body is too long: at most {} bytes are taken",
                    crate::body::BODY_LIMIT
                ),
            },
            Self::Range => ApiError::Range { size: 30_000 },
            Self::KeyReused => ApiError::Unprocessable {
                field: Some(crate::idempotency::NAME.to_owned()),
                message: "`Idempotency-Key` was used for another request (another method, path or body); a new request needs a new key".to_owned(),
            },
            Self::Parked => ApiError::Unprocessable {
                field: None,
                message: "the delivery waits for its endpoint, which is switched off: switch it on with POST /v2/webhook/enable, and it is sent".to_owned(),
            },
            Self::Rate => ApiError::Limited {
                message: "too many requests in this minute; Retry-After tells when the next one is taken",
                retry_after: Duration::from_secs(12),
                window: Some(RateWindow {
                    limit: 100,
                    remaining: 0,
                    resets_at: Timestamp::from_micros(1_767_225_600_000_000),
                }),
            },
            Self::InFlight => ApiError::Limited {
                message: "too many of this account's callers wait for a result already; ask for `async` or come back later",
                retry_after: Duration::from_secs(1),
                window: None,
            },
            Self::Failed => ApiError::JobFailed {
                job: some_job(),
                kind: FailureKind::Timeout,
                message: "Timeout: page took longer than 30000ms to load".to_owned(),
            },
            Self::Away => ApiError::Unavailable {
                message: "the database can't be reached at the moment; the same request may succeed shortly",
                retry_after: Duration::from_secs(5),
                cause: None,
            },
            Self::GaveUp => ApiError::GaveUp,
            Self::NoOffice => ApiError::Lacking(cloudlayer::files::NO_OFFICE),
            Self::Internal => ApiError::internal("an example"),
        }
    }
}

/// A job for examples, the same in every document.
fn some_job() -> JobId {
    let id = "job_019b76da1c007d4ea7a1c3d2e5f60718".parse();
    id.unwrap_or_else(|_| JobId::new())
}

/// The answers to troubles, by status.
pub(super) fn answers(
    speaker: Speaker,
    troubles: &[Trouble],
    schemas: &mut Named,
) -> BTreeMap<u16, Value> {
    let schema = match speaker {
        Speaker::Cloudlayer => reference::<ErrorBody>(schemas),
        Speaker::IterationLayer => reference::<ErrorEnvelope>(schemas),
    };
    let mut answers: BTreeMap<u16, Value> = BTreeMap::new();
    for trouble in troubles {
        let error = trouble.error();
        let (status, body) = match speaker {
            Speaker::Cloudlayer => (error.status(), cloudlayer::error::body(&error)),
            Speaker::IterationLayer => (
                iterationlayer::error::status(&error),
                iterationlayer::error::body(&error),
            ),
        };
        let answer = answers.entry(status.as_u16()).or_insert_with(|| {
            json!({
                "description": meaning(speaker, status),
                "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
                "content": { "application/json": { "schema": schema } },
            })
        });
        answer["content"]["application/json"]["examples"][trouble.name()] =
            json!({ "value": body });
        for name in error.headers().keys() {
            if let Some((name, _, _)) = HEADERS.iter().find(|(known, _, _)| *name == *known) {
                answer["headers"][*name] =
                    json!({ "$ref": format!("#/components/headers/{name}") });
            }
        }
    }
    answers
}

/// What a status means where the dialects differ, and in general.
fn meaning(speaker: Speaker, status: StatusCode) -> &'static str {
    match (speaker, status) {
        (Speaker::Cloudlayer, StatusCode::UNAUTHORIZED) => {
            "The key is missing or wrong, or the credit is too low."
        }
        (Speaker::IterationLayer, StatusCode::UNAUTHORIZED) => "The key is missing or wrong.",
        (Speaker::Cloudlayer, StatusCode::PAYMENT_REQUIRED) => {
            "What is left of the budget of the key's project is too low."
        }
        (Speaker::IterationLayer, StatusCode::BAD_REQUEST) => {
            "Something in the request is wrong: the text names the field and says what would be right, and nothing was charged. Or a file at an address that it names could not be had: the charge was given back."
        }
        (Speaker::IterationLayer, StatusCode::UNPROCESSABLE_ENTITY) => {
            "Right in its form, but not to be done. Nothing was charged, or the charge was given back."
        }
        (Speaker::IterationLayer, StatusCode::GATEWAY_TIMEOUT) => {
            "The result took longer than a caller is kept waiting: the job was ended, and the charge given back. A repeat under an `Idempotency-Key` that waited for an earlier request's job ends nothing: a further one gets what becomes of it."
        }
        (Speaker::Cloudlayer | Speaker::IterationLayer, status) => meaning_in_both(status),
    }
}

const fn meaning_in_both(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => {
            "Something in the request is wrong: the text names the field and says what would be right. Nothing was charged."
        }
        StatusCode::PAYMENT_REQUIRED => {
            "The credit, or what is left of the budget of the key's project, is too low."
        }
        StatusCode::FORBIDDEN => "The link was changed, or its time is over.",
        StatusCode::NOT_FOUND => "There is no such thing in this account.",
        StatusCode::GONE => "It was deleted at the end of its retention time.",
        StatusCode::PAYLOAD_TOO_LARGE => "The request is too long. Nothing was charged.",
        StatusCode::RANGE_NOT_SATISFIABLE => "The byte range lies outside of the file.",
        StatusCode::UNPROCESSABLE_ENTITY => "Right in its form, but not to be done.",
        StatusCode::TOO_MANY_REQUESTS => {
            "Too many requests, or too many at the same time. Nothing was charged."
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            "The job failed, and was refunded; or something went wrong on this side."
        }
        StatusCode::NOT_IMPLEMENTED => {
            "This installation can't do it, and its operator can change that. Nothing was charged."
        }
        StatusCode::SERVICE_UNAVAILABLE => "Not now; the same request may succeed later.",
        _ => "It can't be done.",
    }
}
