//! Whose turn it is: acceptances of one account wait for each other's row in the database, and while
//! they do, each holds a connection that others could use. So few of one account go there at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use common::id::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// One that commits, and one that is ready to.
const AT_ONCE: usize = 2;

/// Accounts that are remembered before those without a turn are forgotten.
const REMEMBERED: usize = 256;

/// The turns of all accounts in this gateway.
#[derive(Debug)]
pub(crate) struct Turns {
    /// Of one account.
    at_once: usize,
    known: Mutex<HashMap<AccountId, Weak<Semaphore>>>,
}

/// A turn; it ends with its value.
#[derive(Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held")] Option<OwnedSemaphorePermit>);

impl Default for Turns {
    fn default() -> Self {
        Self::new(AT_ONCE)
    }
}

impl Turns {
    /// Turns of which one account has so many at a time.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            at_once,
            known: Mutex::default(),
        }
    }

    /// Waits for a turn, first come first served.
    pub(crate) async fn next(&self, account: AccountId) -> Turn {
        // The semaphore is never closed.
        Turn(self.of(account).acquire_owned().await.ok())
    }

    /// The same, unless that takes longer.
    pub(crate) async fn next_within(&self, account: AccountId, within: Duration) -> Option<Turn> {
        timeout(within, self.next(account)).await.ok()
    }

    fn of(&self, account: AccountId) -> Arc<Semaphore> {
        let mut turns = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = turns.get(&account).and_then(Weak::upgrade) {
            return known;
        }
        if turns.len() >= REMEMBERED {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let fresh = Arc::new(Semaphore::new(self.at_once));
        turns.insert(account, Arc::downgrade(&fresh));
        fresh
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_account_waits_for_itself_alone_and_is_forgotten_afterwards() {
        let (turns, busy) = (Turns::default(), AccountId::new());
        let held: Vec<Turn> = [turns.next(busy).await, turns.next(busy).await].into();
        assert!(turns.next(busy).now_or_never().is_none(), "its third waits");
        let at_once = turns.next_within(busy, Duration::ZERO).await;
        assert!(at_once.is_none(), "but not for ever");
        assert!(turns.next(AccountId::new()).now_or_never().is_some());
        drop(held);
        assert!(turns.next(busy).now_or_never().is_some());
        for _ in 0..REMEMBERED {
            drop(turns.next(AccountId::new()).await);
        }
        assert!(turns.known.lock().unwrap().len() <= REMEMBERED);
    }
}
