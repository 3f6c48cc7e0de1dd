//! What a page was kept from, and what it could not reach: for the job's error text.

use std::sync::{Mutex, PoisonError};

/// The most entries of each list; the first ones explain a page's trouble best.
const ENTRIES: usize = 32;

/// A call that policy forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The host, as the page named it, with its port unless that is 80.
    pub(crate) host: String,
    /// Why: a text for the caller that stands alone.
    pub(crate) reason: String,
}

/// A call that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The host, as the page named it, with its port unless that is 80.
    pub(crate) host: String,
    /// Why: a text for the caller that stands alone.
    pub(crate) reason: String,
}

/// Both lists of one proxy.
#[derive(Debug, Default)]
pub(super) struct Record {
    refusals: Mutex<Vec<Refusal>>,
    failures: Mutex<Vec<Failure>>,
}

impl Record {
    /// Notes a call that policy forbids.
    pub(super) fn refused(&self, host: String, reason: String) {
        tracing::debug!(host, reason, "A page's call was refused.");
        add(&self.refusals, Refusal { host, reason });
    }

    /// Notes a call that came to nothing.
    pub(super) fn failed(&self, host: String, reason: String) {
        tracing::debug!(host, reason, "A page's call failed.");
        add(&self.failures, Failure { host, reason });
    }

    /// The calls that policy forbids, oldest first.
    pub(super) fn refusals(&self) -> Vec<Refusal> {
        copied(&self.refusals)
    }

    /// The calls that came to nothing, oldest first.
    pub(super) fn failures(&self) -> Vec<Failure> {
        copied(&self.failures)
    }
}

fn add<T: PartialEq>(list: &Mutex<Vec<T>>, entry: T) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    if list.len() < ENTRIES && !list.contains(&entry) {
        list.push(entry);
    }
}

fn copied<T: Clone>(list: &Mutex<Vec<T>>) -> Vec<T> {
    list.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
