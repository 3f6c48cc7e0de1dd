//! Everything that can go wrong for a caller, in no dialect's words. Handlers return it, and the
//! layer of their dialect writes its body (see [`crate::cloudlayer`]); the request log tells its cause.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use common::id::JobId;
use common::job::FailureKind;
use common::link::LinkError;
use common::objects::ObjectError;
use common::store::{RateWindow, StoreError};
use http::header::{CONTENT_RANGE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// No key, an unknown one, or one that was revoked.
    #[error("Invalid API key.")]
    Unauthenticated,
    /// The balance is below the price.
    #[error("Insufficient credit.")]
    InsufficientCredit,
    /// The budget of the key's project is below the price.
    #[error("Budget cap exceeded")]
    BudgetExceeded,
    /// Something in the request is wrong.
    #[error("{message}")]
    Invalid {
        /// The path of the field, if it is about one.
        field: Option<String>,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// Right in its form, but not to be done.
    #[error("{message}")]
    Unprocessable {
        /// The path of the field, if it is about one.
        field: Option<String>,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// The link was not made here, or its time is over.
    #[error("{0}")]
    Link(#[from] LinkError),
    /// Nothing by this name or id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The path exists, for other methods.
    #[error("this path does not answer to that method; see the Allow header")]
    Method,
    /// It was there, and is deleted by now.
    #[error("the {0} was deleted at the end of its retention time")]
    Gone(&'static str),
    /// The request is a repeat, and what the first one had made is deleted by now.
    #[error(
        "this request was answered before by {0}, whose result was deleted at the end of its retention time; with a new Idempotency-Key it is done again"
    )]
    Swept(JobId),
    /// The body or a document in it is too long.
    #[error("{message}")]
    TooLarge {
        /// The path of the field, if it is about one.
        field: Option<String>,
        /// What the limit is.
        message: String,
    },
    /// A byte range that lies outside of the file.
    #[error("the file has {size} bytes, and the range lies outside of them")]
    Range {
        /// Bytes of the file.
        size: u64,
    },
    /// Too many requests, or too many at the same time.
    #[error("{message}")]
    Limited {
        /// Which limit it was.
        message: &'static str,
        /// When to come back.
        retry_after: Duration,
        /// The window that is used up, if it was that.
        window: Option<RateWindow>,
    },
    /// The conversion itself failed, while the caller waited.
    #[error("{message}")]
    JobFailed {
        /// Which job.
        job: JobId,
        /// What sort of failure.
        kind: FailureKind,
        /// Its error.
        message: String,
    },
    /// Not now; the same request may succeed later.
    #[error("{message}")]
    Unavailable {
        /// What is away.
        message: &'static str,
        /// When to come back.
        retry_after: Duration,
        /// Why, for the log alone.
        #[source]
        cause: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The caller has waited long enough; the job was ended and refunded.
    #[error("the result took longer than a caller is kept waiting; nothing was charged")]
    GaveUp,
    /// Part of the dialect, but not of this installation.
    #[error("{0} is not supported by this installation yet; nothing was charged")]
    NotBuilt(&'static str),
    /// Part of the dialect, and of what an operator can add.
    #[error("{0}")]
    Lacking(&'static str),
    /// Ours; the cause is for the log alone.
    #[error("something went wrong on our side; the request id helps the operator to find out what")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl ApiError {
    /// About one field of the request.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: Some(field.to_owned()),
            message: message.into(),
        }
    }

    /// An error of ours with a text for the log.
    pub(crate) fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The database is away.
    pub(crate) fn database_away(message: &'static str, cause: StoreError) -> Self {
        Self::Unavailable {
            message,
            retry_after: Duration::from_secs(5),
            cause: Some(cause.into()),
        }
    }

    /// Whether it is the database that is away: then nothing more should be asked of it.
    pub(crate) fn is_database_away(&self) -> bool {
        let Self::Unavailable {
            cause: Some(cause), ..
        } = self
        else {
            return false;
        };
        cause.is::<StoreError>()
    }

    /// The status that goes with it.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated | Self::InsufficientCredit => StatusCode::UNAUTHORIZED,
            Self::BudgetExceeded => StatusCode::PAYMENT_REQUIRED,
            Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::Unprocessable { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Link(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Gone(_) | Self::Swept(_) => StatusCode::GONE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::GaveUp => StatusCode::GATEWAY_TIMEOUT,
            Self::NotBuilt(_) | Self::Lacking(_) => StatusCode::NOT_IMPLEMENTED,
            Self::JobFailed { .. } | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The field that it is about.
    pub(crate) fn about(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. }
            | Self::Unprocessable { field, .. }
            | Self::TooLarge { field, .. } => field.as_deref(),
            Self::Unauthenticated
            | Self::InsufficientCredit
            | Self::BudgetExceeded
            | Self::Link(_)
            | Self::NotFound(_)
            | Self::Method
            | Self::Gone(_)
            | Self::Swept(_)
            | Self::Range { .. }
            | Self::Limited { .. }
            | Self::JobFailed { .. }
            | Self::Unavailable { .. }
            | Self::GaveUp
            | Self::NotBuilt(_)
            | Self::Lacking(_)
            | Self::Internal(_) => None,
        }
    }

    /// The headers that go with it.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            Self::Limited {
                retry_after,
                window,
                ..
            } => {
                headers.insert(RETRY_AFTER, seconds(*retry_after));
                if let Some(window) = window {
                    headers.extend(rate_headers(window));
                }
            }
            Self::Unavailable { retry_after, .. } => {
                headers.insert(RETRY_AFTER, seconds(*retry_after));
            }
            Self::Range { size } => {
                if let Ok(value) = HeaderValue::try_from(format!("bytes */{size}")) {
                    headers.insert(CONTENT_RANGE, value);
                }
            }
            Self::Unauthenticated
            | Self::InsufficientCredit
            | Self::BudgetExceeded
            | Self::Invalid { .. }
            | Self::Unprocessable { .. }
            | Self::Link(_)
            | Self::NotFound(_)
            | Self::Method
            | Self::Gone(_)
            | Self::Swept(_)
            | Self::TooLarge { .. }
            | Self::JobFailed { .. }
            | Self::GaveUp
            | Self::NotBuilt(_)
            | Self::Lacking(_)
            | Self::Internal(_) => {}
        }
        headers
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Away(_) | StoreError::CommitUnknown(_) => Self::database_away(
                "the database can't be reached at the moment; the same request may succeed shortly",
                error,
            ),
            StoreError::Database(_) | StoreError::Migrate(_) => Self::internal(error),
        }
    }
}

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Store(_) | ObjectError::Refused(_) | ObjectError::Folder { .. } => {
                Self::Unavailable {
                    message: "the result can't be read at the moment, and is kept: read its job later, or repeat the request with the same Idempotency-Key, which is not charged again",
                    retry_after: Duration::from_secs(5),
                    cause: Some(error.into()),
                }
            }
            ObjectError::Missing(_) | ObjectError::TooLong { .. } => Self::internal(error),
        }
    }
}

impl IntoResponse for ApiError {
    /// Without a body: the dialect's layer finds the error in the extensions and writes it.
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.headers()).into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The three headers that tell a rate window (reference cloudlayer 4.1).
pub(crate) fn rate_headers(window: &RateWindow) -> [(HeaderName, HeaderValue); 3] {
    [
        (
            HeaderName::from_static("x-ratelimit-limit"),
            window.limit.into(),
        ),
        (
            HeaderName::from_static("x-ratelimit-remaining"),
            window.remaining.into(),
        ),
        (
            HeaderName::from_static("x-ratelimit-reset"),
            window.resets_at.as_secs().into(),
        ),
    ]
}

/// Whole seconds, rounded up, at least one.
fn seconds(duration: Duration) -> HeaderValue {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    whole.max(1).into()
}
