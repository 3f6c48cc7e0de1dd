//! How a stored endpoint stands after a call: since when it fails, and when it is switched off.

use std::error::Error;
use std::time::Duration;

use common::clock::Clock;
use common::job::OffReason;
use common::store::{Endpoint, Outgoing, Store, StoreError, SwitchedOff};

use crate::schedule::Verdict;
use crate::{Config, Parts};

/// A failure is written down again only so long after the last one that was: no row is changed at each.
const NOTED: Duration = Duration::from_hours(1);

/// Failures further apart are no time of failing.
const GAP: Duration = Duration::from_hours(24);

/// Keeps the standing of stored endpoints.
#[derive(Debug)]
pub(super) struct Standing {
    store: Store,
    clock: Clock,
    patience: Duration,
}

/// What a call changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Recovered,
    Failing,
    Off(OffReason),
}

impl Standing {
    pub(super) fn new(parts: &Parts, config: &Config) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            patience: config.webhook_patience,
        }
    }

    /// Notes what a call came to. If that can't be written, the next call does it: nothing but the
    /// moment of switching off depends on it.
    pub(super) async fn after(&self, outgoing: &Outgoing, verdict: Verdict) {
        if let Err(error) = self.note(outgoing, verdict).await {
            let error: &dyn Error = &error;
            tracing::warn!(error, account.id = %outgoing.delivery.account, "the standing of an endpoint can't be written");
        }
    }

    async fn note(&self, outgoing: &Outgoing, verdict: Verdict) -> Result<(), StoreError> {
        let delivery = &outgoing.delivery;
        // A request's own address is nobody's setting.
        if delivery.own {
            return Ok(());
        }
        let (account, url, now) = (delivery.account, delivery.url.as_str(), self.clock.now());
        match self.change(&outgoing.endpoint, verdict) {
            None => {}
            Some(Change::Recovered) => self.store.note_success(account, url).await?,
            Some(Change::Failing) => {
                self.store
                    .note_failure(account, url, now - GAP, now)
                    .await?;
            }
            Some(Change::Off(reason)) => {
                let off = SwitchedOff { at: now, reason };
                let since = match reason {
                    OffReason::Gone => None,
                    OffReason::Failing => Some(now - self.patience),
                };
                if self.store.switch_off(account, url, off, since).await? {
                    tracing::warn!(account.id = %account, %reason, "an endpoint is switched off; its deliveries are parked");
                }
            }
        }
        Ok(())
    }

    fn change(&self, endpoint: &Endpoint, verdict: Verdict) -> Option<Change> {
        match (verdict, endpoint.failing_since) {
            (Verdict::Ours, _) | (Verdict::Accepted, None) => None,
            (Verdict::Accepted, Some(_)) => Some(Change::Recovered),
            (Verdict::Gone, _) => Some(Change::Off(OffReason::Gone)),
            (Verdict::Failed { .. }, None) => Some(Change::Failing),
            (Verdict::Failed { .. }, Some(since)) => {
                let now = self.clock.now();
                let noted = endpoint.failed_at.map(|at| now.since(at));
                if noted.is_none_or(|ago| ago > GAP) {
                    return Some(Change::Failing);
                }
                if now.since(since) >= self.patience {
                    return Some(Change::Off(OffReason::Failing));
                }
                noted
                    .is_some_and(|ago| ago > NOTED)
                    .then_some(Change::Failing)
            }
        }
    }
}
