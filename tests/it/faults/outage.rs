//! A server that the services stand on goes away and comes back.

use std::time::{Duration, Instant};

use platen_tests::cable::Cable;
use platen_tests::rabbit::Rabbit;

use super::*;

const REQUESTS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_started_again_keeps_what_it_had() {
    let scene = Scene::on_lent(Size::ONE).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    let rabbit = &scene.services.ground().servers().rabbit;
    blocking(|| rabbit.stop());
    blocking(|| rabbit.start_again());
    load.answered(REQUESTS / 2).await;
    blocking(|| rabbit.kill());
    blocking(|| rabbit.start_again());
    scene.assert_all_is_well_and_told_once(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_started_again_keeps_what_it_had() {
    let scene = Scene::on_lent(Size::ONE).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    let postgres = &scene.services.ground().servers().postgres;
    blocking(|| postgres.stop());
    blocking(|| postgres.start_again());
    load.answered(REQUESTS / 2).await;
    blocking(|| postgres.kill());
    blocking(|| postgres.start_again());
    scene.assert_all_is_well_and_told_once(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_store_that_refuses_for_ten_seconds_fails_no_job() {
    const OUTAGE: Duration = Duration::from_secs(10);
    let scene = Scene::with(Ground::with_own_store(), Size::ONE, Start::open()).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    let s3 = scene.services.ground().s3();
    let calls = s3.calls().len();
    s3.refuse(true);
    let begun = Instant::now();
    eventually("ten seconds of refused calls", || async {
        (begun.elapsed() >= OUTAGE && s3.calls().len() > calls).then_some(())
    })
    .await;
    s3.refuse(false);
    scene.assert_all_is_well_and_told_once(load).await;
    assert_eq!(scene.dead_jobs().await, 0, "nothing was dead-lettered");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_store_that_vanishes_without_a_word_is_given_up_and_its_successor_is_used() {
    let ground = Ground::shared();
    let (cable, by_cable) = Cable::along(ground.s3_endpoint()).await;
    let start = Start::open()
        .variable("PLATEN_S3_ENDPOINT", &by_cable)
        .variable("PLATEN_S3_TIMEOUT", "2s");
    let scene = Scene::with(ground, Size::ONE, start).await;
    let mut load = scene.load(REQUESTS);
    for answered in [REQUESTS / 4, REQUESTS / 2] {
        load.answered(answered).await;
        cable.vanish();
    }
    scene.assert_all_is_well_and_told_once(load).await;
    assert_eq!(scene.dead_jobs().await, 0, "nothing was dead-lettered");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_the_broker_that_are_cut_are_made_again() {
    let scene = Scene::on_lent(Size::all(2)).await;
    let mut load = scene.load(REQUESTS);
    let rabbit = &scene.services.ground().servers().rabbit;
    for answered in [REQUESTS / 4, REQUESTS / 2, REQUESTS * 3 / 4] {
        load.answered(answered).await;
        blocking(|| rabbit.close_connections());
    }
    scene.assert_all_is_well_and_told_once(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_vanishes_without_a_word_is_given_up_and_its_successor_is_used() {
    let ground = Ground::shared();
    let (cable, by_cable) = Cable::along(ground.database()).await;
    let start = Start::open()
        .variable("PLATEN_DATABASE_URL", &by_cable)
        .variable("PLATEN_DATABASE_TIMEOUT", "3s");
    let scene = Scene::with(ground, Size::all(2), start).await;
    let mut load = scene.load(REQUESTS);
    for answered in [REQUESTS / 4, REQUESTS / 2] {
        load.answered(answered).await;
        cable.vanish();
    }
    scene.assert_all_is_well(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_vanishes_without_a_word_is_given_up_and_its_successor_is_used() {
    let ground = Ground::shared();
    let (cable, by_cable) = Cable::along(ground.amqp()).await;
    let start = Start::open().variable("PLATEN_AMQP_URL", &by_cable);
    let scene = Scene::with(ground, Size::all(2), start).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    cable.cut();
    load.answered(REQUESTS / 2).await;
    cable.vanish();
    scene.assert_all_is_well_and_told_once(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_alarm_refuses_waiting_callers_uncharged_and_async_jobs_wait() {
    let scene = Scene::on_lent(Size::ONE).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    let rabbit = &scene.services.ground().servers().rabbit;
    blocking(|| rabbit.starve(true));
    let api = scene.services.api(0);
    let body = serde_json::json!({ "html": html("Words"), "async": false });
    // The gateway hears of the alarm a moment later; who was accepted before waits for its end.
    let refused = eventually("a refusal", || async {
        let asked = api.try_post("/v2/html/pdf", &body);
        let answered = tokio::time::timeout(Duration::from_millis(500), asked).await;
        answered.ok()?.ok().filter(|answer| answer.status == 503)
    })
    .await;
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{refused:?}");
    let body = serde_json::json!({ "html": html("Words"), "webhook": scene.receiver.url() });
    let accepted = api.post("/v2/html/pdf", &body).await.expect_success();
    let job = api::text(&accepted.json(), "jobId");
    blocking(|| rabbit.starve(false));
    api.succeeded(&job).await;
    let sent = load.finished().await;
    let books = scene.books().await;
    let jobs = books.assert_promises_are_kept(&scene.receiver).await;
    let failed = jobs.iter().filter(|job| job.state == JobState::Error);
    assert_eq!(failed.count(), sent.meant_to_fail);
    books.assert_each_was_told_once(&scene.receiver).await;
}

/// Runs what blocks the thread for seconds, beside the load.
fn blocking<T>(act: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(act)
}

impl Scene {
    /// How many jobs the broker has given up or suspects.
    async fn dead_jobs(&self) -> u32 {
        let (_, host) = self.services.ground().amqp().rsplit_once('/').unwrap();
        let queues = blocking(|| Rabbit::shared().queues(host));
        assert!(!queues.is_empty(), "the queues are there");
        let dead = queues
            .iter()
            .filter(|(name, _)| name.contains("dead") || name.contains("quarantine"));
        dead.map(|(_, messages)| messages).sum()
    }
}
