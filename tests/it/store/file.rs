//! What concerns the databases as such.

use common::job::{FailureKind, Mode};
use common::message::Outcome;
use common::store::{AttemptRecord, Next, Page, Store};

use super::lease::{leased, rejected};
use super::{Bench, after, credits, failure, on_both, page, settled, success};

on_both!(
    migrating_again_changes_nothing,
    a_living_database_answers,
    text_from_outside_is_kept_whatever_it_holds,
);

async fn migrating_again_changes_nothing(bench: Bench) {
    let owner = bench.owner(9).await;
    bench.migrate().await.unwrap();
    assert_eq!(bench.balance(owner).await, credits(9));
}

async fn a_living_database_answers(bench: Bench) {
    bench.ping().await.unwrap();
    bench.close().await;
    assert!(bench.ping().await.is_err());
}

async fn text_from_outside_is_kept_whatever_it_holds(bench: Bench) {
    const ODD: &str = "a\0b '\u{1f600}'; drop table jobs; -- \\ \u{202e}";
    let kept = ODD.replace('\0', "\u{fffd}");
    let owner = bench.owner(9).await;
    let mut job = owner.job_with_webhook(Mode::Async);
    job.name = Some(ODD.into());
    job.params = serde_json::json!({ "odd": ODD });
    bench.accept_as(&job).await;
    let mut run = failure(job.id);
    run.outcome = Outcome::Failure {
        kind: FailureKind::Rendering,
        message: ODD.into(),
    };
    let delivery = settled(bench.settle_now(&run).await).delivery.unwrap();
    let read = bench.job_by_id(job.id).await.unwrap().unwrap();
    assert_eq!(
        (read.name, read.error),
        (Some(kept.clone()), Some(kept.clone()))
    );
    assert_eq!(read.params["odd"], ODD);

    let leased = leased(&bench, delivery, 1, after(6)).await;
    let record = AttemptRecord {
        excerpt: Some(ODD.into()),
        ..rejected()
    };
    let next = Next::Failed;
    assert!(
        bench
            .finish(&leased, &record, next, after(7))
            .await
            .unwrap()
    );
    let attempt = bench.attempts(delivery).await.unwrap().pop().unwrap();
    assert_eq!(attempt.excerpt, Some(kept));

    let start_after = Some(ODD.into());
    let page = Page {
        start_after,
        ..page(9)
    };
    assert_eq!(bench.jobs(owner.account, &page).await.unwrap(), []);
}

#[tokio::test]
async fn a_file_that_is_opened_again_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("platen.db");
    let open = async || {
        let store = Store::sqlite(&path).await.unwrap();
        store.migrate().await.unwrap();
        Bench {
            store,
            _folder: None,
        }
    };
    let bench = open().await;
    let owner = bench.owner(9).await;
    let job = bench.accepted(owner).await;
    bench.settle_now(&success(job)).await;
    let before = bench.job_by_id(job).await.unwrap();
    bench.close().await;
    let again = open().await;
    assert_eq!(again.job_by_id(job).await.unwrap(), before);
    assert_eq!(again.balance(owner).await, credits(8));
}

#[tokio::test]
async fn two_processes_can_write_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("platen.db");
    let server = Store::sqlite(&path).await.unwrap();
    server.migrate().await.unwrap();
    let command = Store::sqlite(&path).await.unwrap();
    let (server, command) = (
        Bench {
            store: server,
            _folder: None,
        },
        Bench {
            store: command,
            _folder: None,
        },
    );
    let owner = server.owner(100).await;
    let accepts = async {
        for _ in 0..10 {
            server.accepted(owner).await;
        }
    };
    let grants = async {
        for _ in 0..10 {
            command
                .grant(owner.account, credits(1), super::START)
                .await
                .unwrap();
        }
    };
    tokio::join!(accepts, grants);
    assert_eq!(server.balance(owner).await, credits(100));
}

#[tokio::test]
async fn a_folder_that_is_missing_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        Store::sqlite(&folder.path().join("missing/platen.db"))
            .await
            .is_err()
    );
}
