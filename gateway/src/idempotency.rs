//! The `Idempotency-Key` header, in both dialects: an extension of ours, in the form of
//! draft-ietf-httpapi-idempotency-key-header, with the key unquoted.

use axum::extract::OriginalUri;
use common::idempotency::{Fingerprinter, IdempotencyKey, Repeatable};
use common::seal::SealKey;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::ApiError;

/// What a person reads about the header.
pub(crate) const NAME: &str = "Idempotency-Key";

/// The same as it stands in a request.
pub(crate) const HEADER: &str = "idempotency-key";

/// On the answer to a repeat.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A request that carries a key, while its body still arrives.
pub(crate) struct Arriving {
    key: IdempotencyKey,
    fingerprinter: Fingerprinter,
}

impl Arriving {
    /// Reads the head of a request; `None` if it carries no key.
    pub(crate) fn new(parts: &Parts, seal: &SealKey) -> Result<Option<Self>, ApiError> {
        let Some(key) = sent_key(&parts.headers)? else {
            return Ok(None);
        };
        let mut fingerprinter = seal.fingerprinter();
        // A nested router sees no more than the rest of the path.
        let whole = parts.extensions.get::<OriginalUri>();
        let path = whole.map_or(&parts.uri, |whole| &whole.0).path();
        fingerprinter.begin(parts.method.as_str(), path);
        Ok(Some(Self { key, fingerprinter }))
    }

    /// Takes in the next bytes of the body.
    pub(crate) fn update(&mut self, data: &[u8]) {
        self.fingerprinter.update(data);
    }

    /// The whole request.
    pub(crate) fn finish(self) -> Repeatable {
        Repeatable {
            key: self.key,
            fingerprint: self.fingerprinter.finish(),
        }
    }
}

/// Says that an answer is a repeat's.
pub(crate) fn mark(headers: &mut HeaderMap) {
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
}

/// The key as it was sent. An empty one is no key: who sends it means to send one.
fn sent_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut sent = headers.get_all(NAME).iter();
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(ApiError::field(NAME, format!("`{NAME}` must be sent once")));
    }
    let key = IdempotencyKey::parse(value.as_bytes());
    key.map(Some)
        .map_err(|refused| ApiError::field(NAME, format!("`{NAME}` {refused}")))
}
