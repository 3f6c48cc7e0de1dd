//! A caller's patience ends while the database is away.

use common::job::{EntryKind, JobKind};
use common::store::Entry;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_sent_away_while_the_database_is_away_gets_the_money_back_or_the_webhook() {
    let start = Start::open()
        .variable("PLATEN_SYNC_WAIT", "10s")
        .variable("PLATEN_DATABASE_TIMEOUT", "1s");
    let scene = Scene::with(Ground::lent().await, Size::ONE, start).await;
    let gate = Gate::default();
    scene.site.reply("/picture", Reply::picture().behind(&gate));
    scene
        .site
        .reply("/page", Reply::page("A page").behind(&gate));
    let api = scene.services.api(0);
    let picture = json!({
        "dimensions": { "width": 40, "height": 40 },
        "layers": [{ "type": "image", "index": 0,
            "file": { "type": "url", "url": scene.site.url("/picture") } }],
    });
    let page = json!({
        "url": scene.site.url("/page"), "async": false, "webhook": scene.receiver.url(),
    });
    let postgres = &scene.services.ground().servers().postgres;
    let (lost, kept, ()) = tokio::join!(
        api.post("/image-generation/v1/generate", &picture),
        api.post("/v2/url/pdf", &page),
        async {
            scene.site.wait_for("/picture", 1).await;
            scene.site.wait_for("/page", 1).await;
            tokio::task::block_in_place(|| postgres.stop());
        }
    );
    assert_eq!((lost.status, kept.status), (503, 202), "{lost:?} {kept:?}");
    postgres.start_again();
    // The one can't be fetched any more, so it ends before it is made; the other one goes on.
    let store = scene.services.ground().store();
    let account = scene.services.account().parse().unwrap();
    eventually("the refund", || async {
        let ledger = store.ledger(account).await.ok()?;
        let is_refund = |entry: &Entry| entry.kind == EntryKind::Refund;
        ledger.iter().any(is_refund).then_some(())
    })
    .await;
    gate.open();
    let told = &scene.receiver.payloads(1).await[0];
    assert_eq!(told["id"], kept.json()["jobId"], "{told}");
    assert_eq!(told["status"], "success");
    let jobs = scene.books().await.settled().await;
    let mut ends: Vec<_> = jobs.iter().map(|job| (job.kind, job.state)).collect();
    ends.sort_by_key(|(_, state)| *state == JobState::Error);
    let made = (JobKind::UrlPdf, JobState::Success);
    assert_eq!(ends, [made, (JobKind::ImageGeneration, JobState::Error)]);
}
