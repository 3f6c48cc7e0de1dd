//! Whether balances are what the ledger says.

use common::clock::Timestamp;
use common::credits::Credits;
use common::id::{AccountId, EntryId};
use common::job::Mode;
use common::store::AddedUp;

use super::{Bench, credits, failure, on_both};

on_both!(
    a_ledger_that_is_added_up_in_pieces_gives_the_balance,
    accounts_are_named_in_turn,
);

const NOTHING: Timestamp = Timestamp::from_micros(0);

async fn a_ledger_that_is_added_up_in_pieces_gives_the_balance(bench: Bench) {
    let owner = bench.owner(9).await;
    let [failed, _open] = [bench.accepted(owner).await, bench.accepted(owner).await];
    bench.settle_now(&failure(failed)).await;
    let start = AddedUp {
        upto: EntryId::bound(NOTHING),
        sum: Credits::ZERO,
    };
    let drift = async |added| bench.drift(owner.account, added).await.unwrap();
    assert_eq!(drift(start).await, Some(Credits::ZERO));
    // A grant, two charges, a refund: four entries.
    let never = EntryId::bound(NOTHING);
    let none = bench.add_up(owner.account, start, never, 9).await.unwrap();
    assert_eq!(none, (start, 0), "all of them are younger");
    let last = EntryId::new();
    let mut added = start;
    for expected in [3, 1, 0] {
        let (next, entries) = bench.add_up(owner.account, added, last, 3).await.unwrap();
        assert_eq!(entries, expected);
        added = next;
        assert_eq!(drift(added).await, Some(Credits::ZERO));
    }
    assert_eq!(added.sum, bench.balance(owner).await);
    bench.accept_as(&owner.job(Mode::Async)).await;
    assert_eq!(drift(added).await, Some(Credits::ZERO), "it is read beside");
    let wrong = AddedUp {
        sum: added.sum - credits(2),
        ..added
    };
    assert_eq!(drift(wrong).await, Some(credits(2)));
    let nobody = bench.drift(AccountId::new(), added).await.unwrap();
    assert_eq!(nobody, None);
}

async fn accounts_are_named_in_turn(bench: Bench) {
    let mut accounts = Vec::new();
    for _ in 0..3 {
        accounts.push(bench.owner(1).await.account);
    }
    let mut after = AccountId::bound(NOTHING);
    let mut named = Vec::new();
    loop {
        let next = bench.accounts_after(after, 2).await.unwrap();
        let Some(last) = next.last() else {
            break;
        };
        after = *last;
        named.extend(next);
    }
    assert_eq!(named, accounts);
}
