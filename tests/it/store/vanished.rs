//! PostgreSQL's host vanishes without a word: what is sent to it is taken, and nothing ever comes back.

use std::time::Duration;

use common::id::JobId;
use common::job::Mode;
use common::store::{AcceptError, Accepted, StoreError};
use futures::future::join_all;
use platen_tests::cable::Cable;
use platen_tests::postgres::{self, Postgres};
use platen_tests::{eventually, within};

use super::outage::bench;
use super::{Bench, Owner, START, credits};

/// As many as the pool of these tests has connections.
const AT_ONCE: usize = 16;

/// What a statement may take: long enough for all of them to be in hand before the first is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// An account each.
async fn accept_all(
    bench: &Bench,
    owners: &[Owner],
) -> Vec<(JobId, Result<Accepted, AcceptError>)> {
    let accepting = owners.iter().map(async |owner| {
        let job = owner.job(Mode::Async);
        (job.id, bench.accept(&job, START).await)
    });
    within("every caller's answer", join_all(accepting)).await
}

async fn running(url: &str, count: usize) {
    eventually("statements in hand", || async {
        (Postgres::shared().running(url) == count).then_some(())
    })
    .await;
}

/// Every connection has a statement in hand that waits for a lock when the server vanishes; what each
/// caller is told.
async fn told_when_it_vanishes(trigger: &str) -> Vec<StoreError> {
    let url = Postgres::shared().database();
    let direct = bench(&url).await;
    let owners: Vec<Owner> = join_all((0..AT_ONCE).map(|_| direct.owner(9))).await;
    let wait = "create function wait() returns trigger language plpgsql as \
        'begin perform 1 from pings; return null; end'";
    let trigger = format!("{trigger} for each row execute function wait()");
    for statement in [wait, &trigger] {
        Postgres::shared().sql(&url, statement);
    }
    let (cable, by_cable) = Cable::along(&url).await;
    let through = Bench {
        store: postgres::impatient_store(&by_cable, PATIENCE),
        _folder: None,
    };
    let held = Postgres::shared().hold(&url, "pings");
    let vanishing = async {
        running(&url, AT_ONCE).await;
        cable.vanish();
    };
    let (answers, ()) = tokio::join!(accept_all(&through, &owners), vanishing);
    // The server ends what nobody hears any more, though the lock is still held.
    running(&url, 0).await;
    // All connections are there again: as many statements are in hand at once.
    let releasing = async {
        running(&url, AT_ONCE).await;
        drop(held);
    };
    let (again, ()) = tokio::join!(accept_all(&through, &owners), releasing);
    for (job, accepted) in again {
        accepted.unwrap();
        assert!(direct.job_by_id(job).await.unwrap().is_some());
    }
    let mut told = Vec::new();
    for (owner, (job, answer)) in owners.into_iter().zip(answers) {
        assert_eq!(direct.job_by_id(job).await.unwrap(), None);
        assert_eq!(direct.balance(owner).await, credits(8), "paid once");
        match answer {
            Err(AcceptError::Store(error)) => told.push(error),
            other => panic!("{other:?}"),
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_when_its_server_vanishes_and_its_connection_is_replaced() {
    let told = told_when_it_vanishes("create trigger waiting after insert on jobs").await;
    for error in told {
        assert!(matches!(error, StoreError::Away(_)), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_ends_when_its_server_vanishes_and_is_told_as_unknown() {
    let deferred =
        "create constraint trigger waiting after insert on jobs deferrable initially deferred";
    for error in told_when_it_vanishes(deferred).await {
        assert!(matches!(error, StoreError::CommitUnknown(_)), "{error:?}");
    }
}
