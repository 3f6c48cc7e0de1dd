//! A job that takes its renderer's process down each time.

use platen_tests::api::text;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_renderer_is_settled_as_an_error_and_its_neighbours_all_succeed() {
    // One slot is kept for callers who wait: three for the job and its neighbours.
    let start = Start::open()
        .variable("PLATEN_QUARANTINE_EVERY", "1s")
        .variable("PLATEN_SLOTS", "4");
    let mut scene = Scene::with(Ground::shared(), Size::ONE, start).await;
    let (api, gate) = (scene.services.api(0), Gate::default());
    scene.site.reply("/poison", Reply::never());
    scene.site.reply("/slow", Reply::page("Slow").behind(&gate));
    let submit = async |path: &str| {
        let body = json!({ "url": scene.site.url(path), "webhook": scene.receiver.url() });
        api.submit("/v2/url/pdf", body).await
    };
    let poison = submit("/poison").await;
    let mut neighbours = Vec::new();
    for _ in 0..2 {
        neighbours.push(submit("/slow").await);
    }
    // All three are in hand when the first renderer dies.
    scene.site.wait_for("/slow", neighbours.len()).await;
    let load = scene.load(60);
    // Whoever renders the page dies of it, until nobody takes it any more.
    let mut deaths = 0;
    loop {
        let visited = scene.site.wait_for("/poison", deaths + 1);
        tokio::select! {
            biased;
            _ = visited => {}
            job = api.finished(&poison) => {
                assert_eq!(job["status"], "error", "{job}");
                break;
            }
        }
        deaths += 1;
        assert!(deaths <= 12, "the job is taken again and again");
        scene.services.renderers[0].kill().await;
        gate.open();
        scene.services.renderers[0].restart().await;
    }
    measured(&format!(
        "a poison job took {deaths} renderers down before it was given up"
    ));
    let job = api.finished(&poison).await;
    assert!(text(&job, "error").contains("crashed"), "{job}");
    for neighbour in neighbours {
        api.succeeded(&neighbour).await;
    }
    let sent = load.finished().await;
    let jobs = scene
        .books()
        .await
        .assert_promises_are_kept(&scene.receiver)
        .await;
    let failed = jobs
        .iter()
        .filter(|job| job.state == JobState::Error)
        .count();
    assert_eq!(
        failed,
        sent.meant_to_fail + 1,
        "only the poison beside what was meant to fail"
    );
}
