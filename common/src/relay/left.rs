//! Accounts whose jobs somebody has begun to release, and has left to the relay's own loop.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::id::AccountId;

/// All of them; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Left(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    accounts: Mutex<BTreeSet<AccountId>>,
    some: Notify,
}

impl Left {
    /// Leaves one.
    pub(super) fn leave(&self, account: AccountId) {
        self.accounts().insert(account);
        self.0.some.notify_one();
    }

    /// Waits until some are left, and takes them. Safe to drop while waiting.
    pub(super) async fn taken(&self) -> Vec<AccountId> {
        self.0.some.notified().await;
        std::mem::take(&mut *self.accounts()).into_iter().collect()
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeSet<AccountId>> {
        let accounts = self.0.accounts.lock();
        accounts.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn what_is_left_is_taken_once_however_often_it_was_left() {
        let (left, account) = (Left::default(), AccountId::new());
        assert!(left.taken().now_or_never().is_none());
        left.leave(account);
        left.leave(account);
        assert_eq!(left.taken().now_or_never(), Some(vec![account]));
        assert!(left.taken().now_or_never().is_none());
    }
}
