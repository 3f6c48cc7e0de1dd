//! Who releases an account's jobs at the moment: one at a time in a process, and whoever comes meanwhile
//! only has that one look once more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::id::AccountId;

/// The turns of all accounts; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<AccountId, Wanted>>>);

/// Whether somebody came while the turn was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Once,
    Again,
}

/// The turn to release an account's jobs; whoever drops it gives it back.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    account: AccountId,
    /// Whether it is still to be given back.
    held: bool,
}

impl Turns {
    /// The turn, unless somebody has it; they then get it once more.
    pub(super) fn take(&self, account: AccountId) -> Option<Turn> {
        let mut taken = self.taken();
        if let Some(wanted) = taken.get_mut(&account) {
            *wanted = Wanted::Again;
            return None;
        }
        taken.insert(account, Wanted::Once);
        drop(taken);
        Some(Turn {
            turns: self.clone(),
            account,
            held: true,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<AccountId, Wanted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Ends it; the turn once more if somebody came meanwhile.
    pub(super) fn end(mut self) -> Option<Self> {
        let turns = self.turns.clone();
        // Looked at and given back under one lock, or who comes in between would be forgotten.
        let mut taken = turns.taken();
        if taken.get(&self.account) == Some(&Wanted::Again) {
            taken.insert(self.account, Wanted::Once);
            return Some(self);
        }
        taken.remove(&self.account);
        self.held = false;
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.held {
            self.turns.taken().remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_turn_and_has_it_again_for_all_who_came_meanwhile() {
        let (turns, account) = (Turns::default(), AccountId::new());
        let turn = turns.take(account).unwrap();
        assert!(turns.take(account).is_none());
        assert!(turns.take(account).is_none());
        assert!(turns.take(AccountId::new()).is_some());
        let again = turn.end().unwrap();
        assert!(again.end().is_none());
        assert!(turns.take(account).is_some());
    }

    #[test]
    fn a_turn_that_is_dropped_is_nobodys() {
        let (turns, account) = (Turns::default(), AccountId::new());
        drop(turns.take(account).unwrap());
        assert!(turns.take(account).is_some());
    }
}
