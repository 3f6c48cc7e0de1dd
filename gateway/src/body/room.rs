//! Memory for what requests hold: the same for all of a gateway's callers, and none of them can take it all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::id::AccountId;

use crate::error::ApiError;

/// All of it, in KiB.
const ROOM_KIB: usize = 256 * 1024;

/// An account may hold so many times what is free. A threshold that moves lets one account alone have two
/// thirds of the room (the longest body is about half of it), and leaves something to whoever comes next.
const TIMES_FREE: usize = 2;

/// Memory for request bodies; clones share it.
#[derive(Clone)]
pub(crate) struct Room(Arc<Mutex<State>>);

struct State {
    /// KiB that nobody holds.
    free: usize,
    /// KiB of the accounts that hold any.
    held: HashMap<AccountId, usize>,
}

/// A part of the [`Room`]; given back when this is dropped.
pub(crate) struct Share {
    room: Room,
    account: AccountId,
    /// KiB.
    held: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self::new(ROOM_KIB)
    }
}

impl Room {
    fn new(free: usize) -> Self {
        let held = HashMap::new();
        Self(Arc::new(Mutex::new(State { free, held })))
    }

    /// A share of nothing yet, which grows at an account's cost.
    pub(crate) fn share(&self, account: AccountId) -> Share {
        Share {
            room: self.clone(),
            account,
            held: 0,
        }
    }

    /// Numbers are right at any moment, also where a thread ended badly.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Grows the share until it covers `bytes`; 503 where that is more than there is for its account.
    pub(crate) fn cover(&mut self, bytes: usize) -> Result<(), ApiError> {
        let more = bytes.div_ceil(1024).saturating_sub(self.held);
        if more == 0 {
            return Ok(());
        }
        let mut state = self.room.state();
        let held = state.held.get(&self.account).copied().unwrap_or_default() + more;
        let Some(free) = state.free.checked_sub(more) else {
            return Err(full(
                "the server holds too many request bodies at the moment",
            ));
        };
        if held > free * TIMES_FREE {
            return Err(full(
                "the server holds too many request bodies of this account at the moment",
            ));
        }
        state.free = free;
        state.held.insert(self.account, held);
        drop(state);
        self.held += more;
        Ok(())
    }

    /// The same by so many bytes more.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.cover(self.held * 1024 + bytes)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.held == 0 {
            return;
        }
        let mut state = self.room.state();
        state.free += self.held;
        if let Some(held) = state.held.get_mut(&self.account) {
            *held -= self.held;
            if *held == 0 {
                state.held.remove(&self.account);
            }
        }
    }
}

fn full(message: &'static str) -> ApiError {
    ApiError::Unavailable {
        message,
        retry_after: Duration::from_secs(1),
        cause: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    #[test]
    fn a_share_grows_by_what_is_missing_and_is_given_back() {
        let room = Room::new(30);
        let mut share = room.share(AccountId::new());
        share.cover(1).unwrap();
        share.cover(KIB).unwrap();
        assert_eq!(room.state().free, 29);
        share.cover(20 * KIB).unwrap();
        assert_eq!(room.state().free, 10);
        drop(share);
        assert_eq!(room.state().free, 30);
        assert!(room.state().held.is_empty());
    }

    #[test]
    fn an_account_that_holds_all_it_can_leaves_room_for_others() {
        let room = Room::new(30);
        let greedy = AccountId::new();
        let held: Vec<_> = std::iter::from_fn(|| {
            let mut share = room.share(greedy);
            share.cover(KIB).ok().map(|()| share)
        })
        .collect();
        assert_eq!(held.len(), 20);
        let refused = room.share(greedy).cover(1).unwrap_err();
        assert_eq!(refused.status(), 503);
        assert!(refused.to_string().contains("of this account"), "{refused}");
        let mut other = room.share(AccountId::new());
        other.cover(6 * KIB).unwrap();
        other.cover(7 * KIB).unwrap_err();
    }

    #[test]
    fn what_is_more_than_the_room_is_refused_and_takes_nothing() {
        let room = Room::new(30);
        let mut share = room.share(AccountId::new());
        let refused = share.cover(31 * KIB).unwrap_err();
        assert_eq!(refused.status(), 503);
        assert_eq!(room.state().free, 30);
    }

    #[test]
    fn the_longest_body_fits_into_the_room_of_one_account() {
        let longest = super::super::LONG_BODY_LIMIT * super::super::FILES.weight;
        Room::default()
            .share(AccountId::new())
            .cover(longest)
            .unwrap();
    }
}
