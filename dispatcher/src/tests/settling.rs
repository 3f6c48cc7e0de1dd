//! How a job ends, whoever ends it, and how long what is left of it is kept.

use std::time::Duration;

use common::credits::Credits;
use common::job::{FailureKind, JobState, Mode};
use common::message::Outcome;
use common::objects::ObjectKey;
use futures::FutureExt as _;

use super::receiver::{Receiver, answer};
use super::world::{DAY, GRANT, World};

async fn stored(world: &World, key: &ObjectKey) -> bool {
    world.parts.objects.read(key, 100).await.is_ok()
}

fn artifact(outcome: &Outcome) -> ObjectKey {
    match outcome {
        Outcome::Success { artifact, .. } => artifact.key.clone(),
        Outcome::Failure { .. } => panic!("no artifact"),
    }
}

#[tokio::test]
async fn a_waiting_caller_is_told_and_the_input_is_deleted() {
    let world = World::new().await;
    let (_, mut answers) = world.parts.broker.settled();
    let mut job = world.new_job(Mode::Sync, None);
    let input = ObjectKey::input(job.id, "source.html");
    world.parts.objects.put(&input, "<p>".into()).await.unwrap();
    job.inputs = vec![input.clone()];
    world.accept(&job).await;
    world.settle(&world.success(job.id).await).await;
    let told = answers.next().now_or_never().unwrap().unwrap().message;
    assert_eq!((told.job, told.state), (job.id, JobState::Success));
    assert!(!stored(&world, &input).await);
    assert!(
        world
            .parts
            .store
            .deliveries(job.id)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_second_completion_changes_nothing_but_is_announced_again() {
    let world = World::new().await;
    let (_, mut answers) = world.parts.broker.settled();
    let job = world.accept(&world.new_job(Mode::Sync, None)).await;
    let (winner, loser) = (world.success(job).await, world.success(job).await);
    world.settle(&winner).await;
    world.settle(&loser).await;
    world.settle(&winner).await;
    world.settle(&world.failure(job)).await;
    for _ in 0..4 {
        let told = answers.next().now_or_never().unwrap().unwrap().message;
        assert_eq!(told.state, JobState::Success);
    }
    assert!(stored(&world, &artifact(&winner.outcome)).await);
    assert!(!stored(&world, &artifact(&loser.outcome)).await);
    assert_eq!(world.balance().await, GRANT - Credits::whole(1));
}

#[tokio::test]
async fn a_failed_job_is_refunded_and_a_late_success_is_deleted() {
    let world = World::new().await;
    let job = world.accept(&world.new_job(Mode::Async, None)).await;
    world.settle(&world.failure(job)).await;
    assert_eq!(world.balance().await, GRANT);
    let late = world.success(job).await;
    world.settle(&late).await;
    assert!(!stored(&world, &artifact(&late.outcome)).await);
    let job = world.job(job).await;
    assert_eq!(
        (job.state, job.failure),
        (JobState::Error, Some(FailureKind::Timeout))
    );
    assert_eq!(world.balance().await, GRANT);
}

#[tokio::test]
async fn an_end_that_the_store_never_takes_fails_its_job_and_stops_no_other() {
    let world = World::new().await;
    let job = world.accept(&world.new_job(Mode::Async, None)).await;
    let mut bad = world.success(job).await;
    let Outcome::Success { artifact, .. } = &mut bad.outcome else {
        panic!("no success");
    };
    artifact.size = u64::MAX;
    let key = artifact.key.clone();
    world.settle(&bad).await;
    let ended = world.job(job).await;
    assert_eq!(
        (ended.state, ended.failure),
        (JobState::Error, Some(FailureKind::Internal))
    );
    assert_eq!(world.balance().await, GRANT);
    assert!(!stored(&world, &key).await);
}

#[tokio::test]
async fn a_job_that_waits_too_long_is_an_error_with_refund_and_webhook() {
    let mut receiver = Receiver::start(vec![answer(200)]).await;
    let world = World::new().await;
    let job = world
        .accept(&world.new_job(Mode::Async, Some(receiver.url())))
        .await;
    world
        .parts
        .clock
        .advance(DAY.saturating_sub(Duration::from_secs(1)));
    world.expire().await;
    assert_eq!(world.job(job).await.state, JobState::Queued);
    world.parts.clock.advance(Duration::from_secs(1));
    world.expire().await;
    let ended = world.job(job).await;
    assert_eq!(
        (ended.state, ended.failure),
        (JobState::Error, Some(FailureKind::Expired))
    );
    assert_eq!(
        ended.error.as_deref(),
        Some("Expired: the job waited longer than 24 h")
    );
    assert_eq!(world.balance().await, GRANT);
    assert_eq!(world.deliver().await, 1);
    assert_eq!(
        receiver.taken().unwrap().body["error"],
        "Expired: the job waited longer than 24 h"
    );
}

#[tokio::test]
async fn a_result_is_swept_when_its_time_is_over() {
    let world = World::new().await;
    let mut listed = world.new_job(Mode::Async, None);
    listed.listed = true;
    let kept = world.accept(&listed).await;
    let short = world.accept(&world.new_job(Mode::Async, None)).await;
    let (kept, short) = (world.success(kept).await, world.success(short).await);
    world.settle(&kept).await;
    world.settle(&short).await;
    for (after, kept_there, short_there) in [
        (Duration::from_mins(59), true, true),
        (Duration::from_mins(1), true, false),
        (DAY * 29, true, false),
        (DAY, false, false),
    ] {
        world.parts.clock.advance(after);
        world.sweep().await;
        assert_eq!(
            stored(&world, &artifact(&kept.outcome)).await,
            kept_there,
            "{after:?}"
        );
        assert_eq!(
            stored(&world, &artifact(&short.outcome)).await,
            short_there,
            "{after:?}"
        );
        assert_eq!(world.job(kept.job).await.asset.is_some(), kept_there);
        assert_eq!(world.job(short.job).await.asset.is_some(), short_there);
    }
}

#[tokio::test]
async fn objects_that_no_row_owns_are_deleted_once_they_are_old() {
    let world = World::new().await;
    let objects = &world.parts.objects;
    let mut open = world.new_job(Mode::Async, None);
    let mut ended = world.new_job(Mode::Async, None);
    ended.listed = true;
    let [open_input, ended_input, refused_input] =
        [open.id, ended.id, world.new_job(Mode::Sync, None).id]
            .map(|job| ObjectKey::input(job, "page.html"));
    open.inputs.push(open_input.clone());
    world.accept(&open).await;
    world.accept(&ended).await;
    let winner = world.success(ended.id).await;
    world.settle(&winner).await;
    let cut_off = artifact(&world.success(open.id).await.outcome);
    // A run whose end was never told, of a job that another run has ended.
    let loser = artifact(&world.success(ended.id).await.outcome);
    let foreign = ObjectKey::from_stored("backup/of/mine".to_owned());
    for key in [&open_input, &ended_input, &refused_input, &foreign] {
        objects.put(key, "x".into()).await.unwrap();
    }
    assert_eq!(world.sweep_orphans().await, 0, "all are young");
    // The files are as old as this test, and its clock is behind.
    world.parts.clock.advance(DAY * 36_500);
    assert_eq!(world.sweep_orphans().await, 3);
    for (key, expected) in [
        (&open_input, true),
        (&cut_off, true),
        (&artifact(&winner.outcome), true),
        (&foreign, true),
        (&ended_input, false),
        (&refused_input, false),
        (&loser, false),
    ] {
        assert_eq!(stored(&world, key).await, expected, "{key}");
    }
}

#[tokio::test]
async fn a_job_is_forgotten_when_its_time_and_its_results_time_are_over() {
    let mut world = World::new().await;
    world.config.job_retention = DAY * 20;
    world.config.asset_retention = DAY * 30;
    let mut listed = world.new_job(Mode::Async, None);
    listed.listed = true;
    let (kept, short) = (
        world.accept(&listed).await,
        world.new_job(Mode::Async, None),
    );
    let short = world.accept(&short).await;
    for job in [kept, short] {
        world.settle(&world.success(job).await).await;
    }
    for (days, swept) in [(19, 0), (2, 1), (8, 0), (2, 1)] {
        world.parts.clock.advance(DAY * days);
        world.sweep().await;
        assert_eq!(world.sweep_jobs().await, swept);
    }
    assert_eq!(world.parts.store.job_by_id(kept).await.unwrap(), None);
}

#[tokio::test]
async fn a_result_stays_while_its_webhook_is_open() {
    let receiver = Receiver::start(vec![answer(500), answer(200)]).await;
    let world = World::new().await;
    let job = world.succeeded(receiver.url()).await;
    world.deliver().await;
    world.parts.clock.advance(Duration::from_hours(2));
    world.sweep().await;
    assert!(world.job(job).await.asset.is_some());
    world.deliver().await;
    world.sweep().await;
    assert!(world.job(job).await.asset.is_none());
}

#[tokio::test]
async fn a_job_that_crashes_every_worker_fails_once_and_is_refunded() {
    let world = World::new().await;
    let job = world.new_job(Mode::Async, None);
    world.accept(&job).await;
    for _ in 0..2 {
        world.bury(job.id).await;
        let end = world.job(job.id).await;
        assert_eq!(end.state, JobState::Error);
        assert_eq!(end.failure, Some(FailureKind::Internal));
        assert_eq!(world.balance().await, GRANT);
    }
}
