//! PostgreSQL's host vanishes without a word: what is sent to it is taken, and nothing ever comes back.

use std::time::Duration;

use common::job::Mode;
use common::store::{AcceptError, StoreError};
use futures::future::join_all;
use platen_tests::cable::Cable;
use platen_tests::postgres::{self, Postgres};
use platen_tests::{eventually, within};

use super::outage::bench;
use super::{Bench, Owner, START, credits};

/// As many as the pool of these tests has connections.
const AT_ONCE: usize = 16;

/// What a statement may take. Long enough for all of them to be in hand before the first is given up.
const PATIENCE: Duration = Duration::from_secs(4);

/// Everything that the database was asked for is in its hands when it vanishes; what each caller is told.
async fn told_when_it_vanishes(trigger: &str) -> Vec<StoreError> {
    let url = Postgres::shared().database();
    let direct = bench(&url).await;
    let owners: Vec<Owner> = join_all((0..AT_ONCE).map(|_| direct.owner(9))).await;
    let slow = "create function slow() returns trigger language plpgsql as \
        'begin perform pg_sleep(60); return null; end'";
    let trigger = format!("{trigger} for each row execute function slow()");
    for statement in [slow, &trigger] {
        Postgres::shared().sql(&url, statement);
    }
    let (cable, by_cable) = Cable::along(&url).await;
    let through = Bench {
        store: postgres::impatient_store(&by_cable, PATIENCE),
        _folder: None,
    };
    let accepting = join_all(owners.iter().map(async |owner| {
        let job = owner.job(Mode::Async);
        (job.id, through.accept(&job, START).await)
    }));
    let vanishing = async {
        eventually("statements in hand", || async {
            (Postgres::shared().running(&url) == AT_ONCE).then_some(())
        })
        .await;
        cable.vanish();
    };
    let (jobs, ()) = tokio::join!(within("every caller's answer", accepting), vanishing);
    // This waits for the locks of what nobody asks for any more, and so for its end.
    Postgres::shared().sql(&url, "set lock_timeout = '30s'; drop trigger slow on jobs");
    // No connection of the pool is lost: each takes part in this.
    eventually("an answer by a new connection", || async {
        through.ping().await.ok()
    })
    .await;
    let again = join_all(owners.iter().map(|owner| through.accepted(*owner)));
    within("as many jobs at once", again).await;
    let mut told = Vec::new();
    for (owner, (job, answer)) in owners.into_iter().zip(jobs) {
        assert_eq!(direct.job_by_id(job).await.unwrap(), None);
        assert_eq!(
            direct.balance(owner).await,
            credits(8),
            "paid for the second"
        );
        match answer {
            Err(AcceptError::Store(error)) => told.push(error),
            other => panic!("{other:?}"),
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_when_its_server_vanishes_and_its_connection_is_replaced() {
    let told = told_when_it_vanishes("create trigger slow after insert on jobs").await;
    for error in told {
        assert!(matches!(error, StoreError::Away(_)), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_ends_when_its_server_vanishes_and_is_told_as_unknown() {
    let deferred =
        "create constraint trigger slow after insert on jobs deferrable initially deferred";
    for error in told_when_it_vanishes(deferred).await {
        assert!(matches!(error, StoreError::CommitUnknown(_)), "{error:?}");
    }
}
