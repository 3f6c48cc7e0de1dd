//! Twice the renderers do twice the work that waits.

use std::time::{Duration, Instant};

use platen_tests::api::text;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_renderers_take_about_twice_as_much_work_that_waits() {
    let (one, two) = (
        time_of_waiting_pages(1).await,
        time_of_waiting_pages(2).await,
    );
    let ratio = one.as_secs_f64() / two.as_secs_f64();
    measured(&format!(
        "one renderer took {one:?} for pages that wait, two took {two:?}: a ratio of {ratio:.2}"
    ));
    assert!(ratio > 1.5, "{ratio:.2}");
}

/// How long so many renderers take for pages that mostly wait for their server.
async fn time_of_waiting_pages(renderers: usize) -> Duration {
    const PAGES: usize = 27;
    let size = Size {
        renderers,
        ..Size::ONE
    };
    let start = Start::open()
        .variable("PLATEN_SLOTS", "3")
        .variable("PLATEN_BROWSERS", "1");
    let scene = Scene::with(Ground::shared(), size, start).await;
    let slow = Reply::page("Slow").after(Duration::from_millis(300));
    scene.site.reply("/slow", slow);
    let (api, account) = (scene.services.api(0), scene.services.account());
    let cli = scene.services.cli();
    cli.run(&["account", "set", account, "--in-flight", "100"])
        .await;
    let body = json!({ "url": scene.site.url("/slow"), "webhook": scene.receiver.url() });
    // The first pages of a browser take longer than those that follow.
    api.succeeded(&api.submit("/v2/url/pdf", body.clone()).await)
        .await;
    let begun = Instant::now();
    for _ in 0..PAGES {
        let answer = api.post("/v2/url/pdf", &body).await.expect_success();
        assert!(!text(&answer.json(), "jobId").is_empty());
    }
    scene.books().await.settled().await;
    begun.elapsed()
}
