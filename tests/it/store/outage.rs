//! PostgreSQL goes away, comes back, or breaks off in the middle of a commit.

use std::time::{Duration, Instant};

use common::idempotency::{IdempotencyKey, Repeatable};
use common::job::Mode;
use common::seal::SealKey;
use common::store::{AcceptError, Admission, StoreError};
use futures::future::join_all;
use platen_tests::eventually;
use platen_tests::postgres::{self, Postgres};

use super::cut::Cut;
use super::{Bench, Owner, START, credits, page};

/// Longer than the store waits for a server that is away, shorter than anybody else waits.
const SOON: Duration = Duration::from_secs(15);

pub(super) async fn bench(url: &str) -> Bench {
    let store = postgres::store(url);
    store.migrate().await.unwrap();
    Bench {
        store,
        _folder: None,
    }
}

fn request() -> Repeatable {
    Repeatable {
        key: IdempotencyKey::parse(b"key").unwrap(),
        fingerprint: SealKey::new(b"secret").fingerprinter().finish(),
    }
}

#[track_caller]
fn assert_away<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Away(_))), "{answer:?}");
}

/// Makes the server cut the connection that fires this trigger.
fn meddle(url: &str, trigger: &str) {
    let function = "create function cut() returns trigger language plpgsql as \
        'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'";
    let trigger = format!("{trigger} for each row execute function cut()");
    for statement in [function, &trigger] {
        Postgres::shared().sql(url, statement);
    }
}

async fn assert_one_job(bench: &Bench, owner: Owner) {
    assert_eq!(bench.balance(owner).await, credits(8));
    let jobs = bench.jobs(owner.account, &page(10)).await.unwrap();
    assert_eq!(jobs.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_told_soon_and_is_used_again_when_it_is_back() {
    let server = Postgres::start();
    let bench = bench(&server.database()).await;
    let owner = bench.owner(9).await;
    let first = bench.accepted(owner).await;
    for stop in [Postgres::stop, Postgres::kill] {
        stop(&server);
        let asked = Instant::now();
        let (job, request) = (owner.job(Mode::Async), request());
        let (ping, read, accepted) = tokio::join!(
            bench.ping(),
            bench.job_by_id(first),
            bench.accept_once(&job, &request, START),
        );
        assert_away(ping);
        assert_away(read);
        let Err(AcceptError::Store(refused)) = accepted else {
            panic!("{accepted:?}");
        };
        assert_away::<()>(Err(refused));
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
        server.start_again();
        bench.ping().await.unwrap();
        assert_one_job(&bench, owner).await;
    }
    let found = bench.repeated(owner.account, &request()).await;
    assert_eq!(found.unwrap(), None, "what failed was not remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_that_is_found_broken_has_all_others_tested() {
    const AT_ONCE: usize = 8;
    const END_ALL: &str = "do $$ begin perform pg_terminate_backend(pid, 5000) \
        from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid(); end $$";
    let url = Postgres::shared().database();
    let bench = bench(&url).await;
    let pings = || join_all((0..AT_ONCE).map(|_| bench.ping()));
    for ping in pings().await {
        ping.unwrap();
    }
    Postgres::shared().sql(&url, END_ALL);
    // Whoever comes first may find it out.
    let first = bench.ping().await;
    assert!(
        matches!(first, Ok(()) | Err(StoreError::Away(_))),
        "{first:?}"
    );
    for ping in pings().await {
        ping.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_within_a_transaction_has_done_nothing() {
    let url = Postgres::shared().database();
    let bench = bench(&url).await;
    let owner = bench.owner(9).await;
    bench.accepted(owner).await;
    meddle(&url, "create trigger meddle after insert on jobs");
    let refused = bench.accept(&owner.job(Mode::Async), START).await;
    let Err(AcceptError::Store(refused)) = refused else {
        panic!("{refused:?}");
    };
    assert_away::<()>(Err(refused));
    assert_one_job(&bench, owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_never_comes_is_settled_by_the_repeat() {
    let url = Postgres::shared().database();
    let bench = bench(&url).await;
    let (owner, request) = (bench.owner(9).await, request());
    meddle(
        &url,
        "create constraint trigger meddle after insert on jobs deferrable initially deferred",
    );
    let job = owner.job(Mode::Async);
    let unknown = bench.accept_once(&job, &request, START).await;
    assert!(
        matches!(
            unknown,
            Err(AcceptError::Store(StoreError::CommitUnknown(_)))
        ),
        "{unknown:?}"
    );
    assert_eq!(bench.job_by_id(job.id).await.unwrap(), None);
    Postgres::shared().sql(&url, "drop trigger meddle on jobs");
    let job = owner.job(Mode::Async);
    let admitted = bench.accept_once(&job, &request, START).await.unwrap();
    assert!(matches!(admitted, Admission::New(_)), "{admitted:?}");
    assert_one_job(&bench, owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_came_through_without_an_answer_is_found_by_the_repeat() {
    let url = Postgres::shared().database();
    let direct = bench(&url).await;
    let (owner, request) = (direct.owner(9).await, request());
    let cut = Cut::start(&url).await;
    let through = postgres::store(&cut.url);
    cut.at_the_next_commit();
    let job = owner.job(Mode::Sync);
    let unknown = through.accept_once(&job, &request, START).await;
    assert!(
        matches!(
            unknown,
            Err(AcceptError::Store(StoreError::CommitUnknown(_)))
        ),
        "{unknown:?}"
    );
    // The server may still be at it.
    eventually("the commit", || async {
        direct.job_by_id(job.id).await.unwrap()
    })
    .await;
    let again = owner.job(Mode::Sync);
    let repeat = through.accept_once(&again, &request, START).await;
    assert_eq!(repeat.unwrap(), Admission::Repeat(job.id));
    assert_one_job(&direct, owner).await;
}
