//! Several of each service: no more promised than by one, and no less.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_of_each_service_share_the_work_and_do_nothing_twice() {
    let scene = Scene::on_shared(Size::all(2)).await;
    let load = scene.load(240);
    let jobs = scene.assert_all_is_well(load).await;
    scene
        .books()
        .await
        .assert_each_was_told_once(&scene.receiver)
        .await;
    let mut workers: Vec<_> = jobs.iter().filter_map(|job| job.worker.clone()).collect();
    workers.sort();
    workers.dedup();
    assert_eq!(workers.len(), 2, "both renderers worked: {workers:?}");
}
