//! A renderer that is killed while another program works for it.

use common::job::JobState;
use platen_tests::api::text;
use platen_tests::docx::docx;
use platen_tests::process::{descendants, files_with, is_alive};
use serde_json::json;

use super::*;

const REQUESTS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_renderer_that_is_killed_takes_its_programs_along_and_the_next_converts_the_file() {
    let temporary = tempfile::tempdir().expect("a temporary folder can be made");
    let start = Start::open()
        .variable("PLATEN_LANES", "browser,native,office")
        .variable("PLATEN_FEATURES", "office")
        .variable("PLATEN_TEMP_DIR", &temporary.path().display().to_string());
    let mut scene = Scene::with(Ground::shared(), Size::ONE, start).await;
    let api = scene.services.api(0);
    // It takes some seconds, so that what is killed is in the middle of it.
    let file = docx(&["Words of a file"; 40_000]);
    scene
        .site
        .reply("/a.docx", Reply::new("application/zip", file));
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    let body = json!({ "url": scene.site.url("/a.docx"), "timeout": 110_000, "webhook": scene.receiver.url() });
    let job = api.submit("/v2/docx/pdf", body).await;
    let renderer = scene.services.renderers[0].pid();
    eventually("the suite", || async {
        let suites = descendants(renderer, "soffice.bin");
        (!suites.is_empty()).then_some(())
    })
    .await;
    let programs = descendants(renderer, "");
    scene.services.renderers[0].kill().await;
    eventually("the end of every program", || async {
        let left = programs.iter().filter(|program| is_alive(**program));
        (left.count() == 0).then_some(())
    })
    .await;
    let made = files_with(temporary.path(), "%PDF-");
    let of_suite = made.iter().filter(|path| path.ends_with("/document.pdf"));
    assert_eq!(of_suite.count(), 0, "the suite went on alone: {made:?}");
    scene.services.renderers[0].restart().await;
    let made = api.succeeded(&job).await;
    let pdf = api.download(&text(&made, "assetUrl")).await.expect(200);
    let words = Pdf::new(&pdf.body).text();
    assert!(words.contains("Words of a file"), "{words}");
    let sent = load.finished().await;
    let books = scene.books().await;
    let jobs = books.assert_promises_are_kept(&scene.receiver).await;
    assert_eq!(jobs.len(), sent.requests + 1);
    let failed = jobs.iter().filter(|job| job.state == JobState::Error);
    assert_eq!(failed.count(), sent.meant_to_fail);
    books.assert_each_was_told_once(&scene.receiver).await;
}
