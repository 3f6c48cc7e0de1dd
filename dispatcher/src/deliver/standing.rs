//! How a stored endpoint stands after a call: since when it fails, and when it is switched off.

use std::error::Error;
use std::time::Duration;

use common::clock::Clock;
use common::job::OffReason;
use common::store::{Endpoint, Outgoing, Store, StoreError, SwitchedOff};

use crate::schedule::Verdict;
use crate::{Config, Parts};

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
            Some(Change::Failing) => self.store.note_failure(account, url, now).await?,
            Some(Change::Off(reason)) => {
                let off = SwitchedOff { at: now, reason };
                if self.store.switch_off(account, url, off).await? {
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
                let is_over = self.clock.now().since(since) >= self.patience;
                is_over.then_some(Change::Off(OffReason::Failing))
            }
        }
    }
}
