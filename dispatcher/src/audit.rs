//! Compares balances with their ledgers, account by account, all the time but slowly. They never differ,
//! or money was lost or made; who looks at the figure learns of it before a customer tells.

use std::collections::HashMap;
use std::time::Duration;

use common::clock::{Clock, Timestamp};
use common::credits::Credits;
use common::id::{AccountId, EntryId};
use common::store::{AddedUp, Store, StoreError};
use common::telemetry::metrics::{Gauge, is_on};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{Parts, metrics, periodic};

const EVERY: Duration = Duration::from_mins(1);

/// Accounts that are looked at in one step.
const ACCOUNTS: u32 = 200;

/// Entries that are read in one step beyond those of the last minutes, and at a time.
const ENTRIES: u32 = 100_000;
const PIECE: u32 = 10_000;

/// Entries that are younger are read again at every look: their writers may not have ended, and clocks
/// differ.
const YOUNG: Duration = Duration::from_mins(10);

/// The first moment.
const EPOCH: Timestamp = Timestamp::from_micros(0);

/// Audits the accounts in turn.
#[derive(Debug)]
pub(crate) struct Audit {
    store: Store,
    clock: Clock,
    drift: Gauge<f64>,
    books: Mutex<Books>,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Books {
    /// The account after which the next step begins.
    after: Option<AccountId>,
    /// Of each account the entries that need not be read again.
    added: HashMap<AccountId, AddedUp>,
    /// Of each account that is not as it should be, by how much.
    drifts: HashMap<AccountId, Credits>,
}

impl Audit {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            store: parts.store.clone(),
            clock: parts.clock.clone(),
            drift: metrics::drift(),
            books: Mutex::default(),
        }
    }

    /// Audits until `draining`, if anybody reads it.
    pub(crate) async fn run(self, draining: CancellationToken) {
        if !is_on() {
            return draining.cancelled().await;
        }
        periodic::repeat("compare balances with ledgers", EVERY, &draining, || {
            self.step()
        })
        .await;
    }

    /// Looks at the next accounts; gives by how much all accounts differ, as they were last seen.
    pub(crate) async fn step(&self) -> Result<Credits, StoreError> {
        let books = &mut *self.books.lock().await;
        let after = books.after.unwrap_or(AccountId::bound(EPOCH));
        let accounts = self.store.accounts_after(after, ACCOUNTS).await?;
        let mut left = ENTRIES;
        for &account in &accounts {
            self.look(account, books, &mut left).await?;
        }
        let is_round = accounts.len() < ACCOUNTS as usize;
        books.after = accounts.last().copied().filter(|_| !is_round);
        let drift = books.drifts.values().copied().sum();
        self.drift.record(Credits::as_f64(drift), &[]);
        Ok(drift)
    }

    async fn look(
        &self,
        account: AccountId,
        books: &mut Books,
        left: &mut u32,
    ) -> Result<(), StoreError> {
        let start = AddedUp {
            upto: EntryId::bound(EPOCH),
            sum: Credits::ZERO,
        };
        let before = EntryId::bound(self.clock.now() - YOUNG);
        let added = books.added.entry(account).or_insert(start);
        loop {
            let piece = PIECE.min(*left);
            if piece == 0 {
                // A long ledger, seen for the first time: the next round goes on with it.
                return Ok(());
            }
            let (further, entries) = self.store.add_up(account, *added, before, piece).await?;
            *added = further;
            *left -= entries;
            if entries < piece {
                break;
            }
        }
        let Some(drift) = self.store.drift(account, *added).await? else {
            return Ok(());
        };
        if drift == Credits::ZERO {
            books.drifts.remove(&account);
        } else if books.drifts.insert(account, absolute(drift)).is_none() {
            tracing::error!(account.id = %account, %drift, "a balance is not the sum of its ledger");
        }
        Ok(())
    }
}

/// Without its sign, so that two mistakes never cancel each other out.
fn absolute(drift: Credits) -> Credits {
    drift.max(-drift)
}
