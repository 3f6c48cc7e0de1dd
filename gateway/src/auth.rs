//! Who calls: the key in `X-API-Key` or `Authorization: Bearer`, both on every dialect.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use common::key::{ApiKey, KeyHash};
use common::store::{Caller, Store, StoreError};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
use crate::error::ApiError;

/// How long a key counts as good without asking the database again; the promise to whoever revokes one.
const TRUST: Duration = Duration::from_secs(1);

/// The most keys that are remembered.
const REMEMBERED: usize = 4096;

/// Looks keys up, and remembers good ones for a second.
pub(crate) struct Keys {
    store: Store,
    seen: Mutex<HashMap<KeyHash, (Caller, Instant)>>,
}

impl Keys {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            seen: Mutex::default(),
        }
    }

    /// The caller whose key the headers carry.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        let key = sent_key(headers).ok_or(ApiError::Unauthenticated)?;
        let found = self.find(ApiKey::parse(key).hash()).await?;
        let caller = found.ok_or(ApiError::Unauthenticated)?;
        tracing::Span::current().record("account.id", tracing::field::display(caller.account));
        Ok(caller)
    }

    async fn find(&self, hash: KeyHash) -> Result<Option<Caller>, StoreError> {
        let asked_at = Instant::now();
        if let Some(caller) = self.remembered(&hash, asked_at) {
            return Ok(Some(caller));
        }
        let found = self.store.authenticate(&hash).await?;
        if let Some(caller) = &found {
            self.remember(hash, caller.clone(), asked_at);
        }
        Ok(found)
    }

    fn remembered(&self, hash: &KeyHash, now: Instant) -> Option<Caller> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, since) = seen.get(hash)?;
        let fresh = now.duration_since(*since) < TRUST;
        fresh.then(|| caller.clone())
    }

    fn remember(&self, hash: KeyHash, caller: Caller, asked_at: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, (_, since)| since.elapsed() < TRUST);
        }
        if seen.len() < REMEMBERED {
            seen.insert(hash, (caller, asked_at));
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        app.keys.caller(&parts.headers).await
    }
}

/// The key as it was sent; an empty one counts as absent.
fn sent_key(headers: &HeaderMap) -> Option<&str> {
    let plain = headers
        .get("x-api-key")
        .and_then(|value| value.to_str().ok())
        .map(str::trim);
    if let Some(key) = plain.filter(|key| !key.is_empty()) {
        return Some(key);
    }
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, key) = value.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sent: &[(&'static str, &'static str)], expected: Option<&str>) {
        let headers: HeaderMap = sent
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(sent_key(&headers), expected, "{sent:?}");
    }

    #[test]
    fn either_header_carries_the_key_and_an_empty_one_is_absent() {
        check(&[("x-api-key", "cl-1")], Some("cl-1"));
        check(&[("authorization", "Bearer cl-1")], Some("cl-1"));
        check(&[("authorization", "bearer  cl-1 ")], Some("cl-1"));
        check(
            &[("x-api-key", ""), ("authorization", "Bearer cl-2")],
            Some("cl-2"),
        );
        check(
            &[("x-api-key", "cl-1"), ("authorization", "Bearer ")],
            Some("cl-1"),
        );
        check(&[("authorization", "Basic cl-1")], None);
        check(&[("authorization", "cl-1")], None);
        check(&[("x-api-key", " ")], None);
        check(&[], None);
    }
}
