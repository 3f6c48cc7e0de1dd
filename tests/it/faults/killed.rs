//! kill -9 of one process while the others go on.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;

use super::*;

const REQUESTS: usize = 200;

/// The shortest that Kubernetes waits for any of the three (`deploy/k8s/base`).
const GRACE: Duration = Duration::from_secs(130);

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_loses_nothing_that_it_has_answered() {
    let mut scene = Scene::on_shared(Size::ONE).await;
    let mut load = scene.load(REQUESTS);
    for answered in [REQUESTS / 4, REQUESTS / 2] {
        load.answered(answered).await;
        scene.services.gateways[0].kill().await;
        scene.services.gateways[0].restart().await;
    }
    scene.assert_all_is_well_and_told_once(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renderer_that_is_killed_in_the_middle_of_a_page_delays_its_jobs_and_no_more() {
    let size = Size {
        renderers: 2,
        ..Size::ONE
    };
    let start = Start::open().variable("PLATEN_SLOTS", "2");
    let mut scene = Scene::with(Ground::shared(), size, start).await;
    let gate = Gate::default();
    scene.site.reply("/", Reply::page("A page").behind(&gate));
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 8).await;
    // More than one of them has room for, so that each is in the middle of one.
    scene.site.wait_for("/", 3).await;
    scene.services.renderers[0].kill().await;
    gate.open();
    load.answered(REQUESTS / 2).await;
    scene.services.renderers[0].restart().await;
    scene.services.renderers[1].kill().await;
    scene.services.renderers[1].restart().await;
    scene.assert_all_is_well_and_told_once(load).await;
    let (pages, visits) = (load::pages(REQUESTS), scene.site.count("/"));
    assert!(
        visits > pages,
        "{visits} visits for {pages} pages: one begins anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_that_is_killed_in_the_middle_of_a_delivery_tells_it_again() {
    let mut scene = Scene::on_shared(Size::ONE).await;
    let gate = Gate::default();
    scene.receiver = Receiver::answering(vec![Reply::status(200).behind(&gate)]).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 8).await;
    scene.receiver.wait_for(3).await;
    scene.services.dispatchers[0].kill().await;
    gate.open();
    scene.services.dispatchers[0].restart().await;
    load.answered(REQUESTS / 2).await;
    scene.services.dispatchers[0].kill().await;
    scene.services.dispatchers[0].restart().await;
    scene.assert_all_is_well(load).await;
    for attempts in scene.attempts().await {
        assert!(
            attempts <= 3,
            "only a crash allows a repetition: {attempts}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_to_stop_drops_nothing_and_the_process_ends_well() {
    let mut scene = Scene::on_shared(Size::all(2)).await;
    let mut load = scene.load(REQUESTS);
    load.answered(REQUESTS / 4).await;
    for role in [0, 1, 2] {
        let services = &mut scene.services;
        let member = match role {
            0 => &mut services.renderers[0],
            1 => &mut services.dispatchers[0],
            _ => &mut services.gateways[0],
        };
        member.terminate();
        let status = member.ended().await;
        assert!(status.success(), "{member} ended with {status}");
        member.restart().await;
    }
    scene.assert_all_is_well_and_told_once(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_wait_are_answered_when_one_of_each_service_is_told_to_stop_under_load() {
    const CALLERS: usize = 6;
    let mut scene = Scene::on_shared(Size::all(2)).await;
    let (mut load, gate) = (scene.load(REQUESTS), Gate::default());
    scene
        .site
        .reply("/held", Reply::page("Held back").behind(&gate));
    load.answered(REQUESTS / 4).await;
    let body = json!({ "url": scene.site.url("/held"), "async": false });
    let api = scene.services.api(0);
    let calls = (0..CALLERS).map(|_| {
        let (api, body) = (api.clone(), body.clone());
        tokio::spawn(async move { api.try_post("/v2/url/pdf", &body).await })
    });
    let calls: Vec<_> = calls.collect();
    // As many as the two renderers have slots for; the others wait in the queue or in hand.
    scene.site.wait_for("/held", 2).await;
    let services = &mut scene.services;
    let begun = Instant::now();
    let mut told = [
        &mut services.gateways[0],
        &mut services.renderers[0],
        &mut services.dispatchers[0],
    ];
    for member in &told {
        member.terminate();
    }
    gate.open();
    for member in &mut told {
        let status = member.ended().await;
        assert!(status.success(), "{member} ended with {status}");
    }
    assert!(begun.elapsed() < GRACE, "{:?}", begun.elapsed());
    for answer in join_all(calls).await {
        let answer = answer.unwrap().expect("a call that was taken is answered");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["status"], "success", "{answer:?}");
    }
    for member in told {
        member.restart().await;
    }
    load.finished().await;
    scene
        .books()
        .await
        .assert_promises_are_kept(&scene.receiver)
        .await;
}

impl Scene {
    /// How often each end was told.
    async fn attempts(&self) -> Vec<usize> {
        let mut told = std::collections::HashMap::new();
        for call in self.receiver.calls() {
            *told.entry(call.query).or_insert(0) += 1;
        }
        told.into_values().collect()
    }
}
