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
use crate::observed::Observed;

/// How long a key counts as good without asking the database again; the promise to whoever revokes one.
const TRUST: Duration = Duration::from_secs(1);

/// The most keys that are remembered.
const REMEMBERED: usize = 4096;

/// Looks keys up, and remembers good ones for a second.
pub(crate) struct Keys {
    store: Store,
    memory: Memory,
}

/// The keys that were good a moment ago, and when they were looked up.
#[derive(Default)]
struct Memory(Mutex<HashMap<KeyHash, (Caller, Instant)>>);

impl Keys {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            memory: Memory::default(),
        }
    }

    /// The caller whose key the headers carry.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        let key = sent_key(headers).ok_or(ApiError::Unauthenticated)?;
        let found = self.find(ApiKey::parse(key).hash()).await?;
        found.ok_or(ApiError::Unauthenticated)
    }

    /// The caller of a request, whose every line in the log says so from now on.
    pub(crate) async fn caller_of(&self, request: &Parts) -> Result<Caller, ApiError> {
        let caller = self.caller(&request.headers).await?;
        Observed::is_of(&request.extensions, caller.account);
        Ok(caller)
    }

    async fn find(&self, hash: KeyHash) -> Result<Option<Caller>, StoreError> {
        let asked_at = Instant::now();
        if let Some(caller) = self.memory.recall(&hash, asked_at) {
            return Ok(Some(caller));
        }
        let found = self.store.authenticate(&hash).await?;
        if let Some(caller) = &found {
            self.memory.keep(hash, caller.clone(), asked_at);
        }
        Ok(found)
    }
}

impl Memory {
    fn recall(&self, hash: &KeyHash, now: Instant) -> Option<Caller> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, since) = seen.get(hash)?;
        let fresh = now.duration_since(*since) < TRUST;
        fresh.then(|| caller.clone())
    }

    fn keep(&self, hash: KeyHash, caller: Caller, asked_at: Instant) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED {
            seen.retain(|_, (_, since)| asked_at.duration_since(*since) < TRUST);
        }
        if seen.len() < REMEMBERED {
            seen.insert(hash, (caller, asked_at));
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        app.keys.caller_of(parts).await
    }
}

/// Whether a key was sent, a good one or not.
pub(crate) fn has_key(headers: &HeaderMap) -> bool {
    sent_key(headers).is_some()
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
    use common::id::{AccountId, KeyId};

    use super::*;

    fn check(sent: &[(&'static str, &'static str)], expected: Option<&str>) {
        let headers: HeaderMap = sent
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(sent_key(&headers), expected, "{sent:?}");
    }

    #[test]
    fn a_key_is_trusted_for_less_than_a_second_and_only_so_many_are() {
        let (memory, start) = (Memory::default(), Instant::now());
        let hash = |number: usize| ApiKey::parse(&number.to_string()).hash();
        let caller = Caller {
            account: AccountId::new(),
            key: KeyId::new(),
            last4: "abcd".to_owned(),
            project: None,
        };
        for number in 0..=REMEMBERED {
            memory.keep(hash(number), caller.clone(), start);
        }
        assert!(memory.recall(&hash(REMEMBERED), start).is_none());
        let late = start + TRUST;
        let early = late.checked_sub(Duration::from_millis(1)).unwrap();
        assert!(memory.recall(&hash(0), early).is_some());
        assert!(memory.recall(&hash(0), late).is_none());
        memory.keep(hash(REMEMBERED), caller, late);
        assert!(memory.recall(&hash(REMEMBERED), late).is_some());
        assert_eq!(memory.0.lock().unwrap().len(), 1);
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
