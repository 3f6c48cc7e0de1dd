//! kill -9 at any moment, and a start after it: nothing accepted is lost, charged twice or left open.

use std::collections::HashMap;

use common::credits::Credits;
use common::job::EntryKind;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};

/// A server that is killed, an endpoint that hears of its jobs, and what was accepted.
struct Scene {
    platen: Platen,
    receiver: Receiver,
    accepted: Vec<String>,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Receiver::start().await).await
    }

    async fn with(receiver: Receiver) -> Self {
        Self {
            platen: Platen::start().await,
            receiver,
            accepted: Vec::new(),
        }
    }

    fn document(&self, number: usize) -> Value {
        json!({ "html": html(&format!("Document {number}")), "webhook": self.receiver.url() })
    }

    async fn submit(&mut self, path: &str, options: Value) {
        let options = api::with(options, "webhook", json!(self.receiver.url()));
        self.accepted
            .push(self.platen.api().submit(path, options).await);
    }

    async fn crash(&mut self) {
        self.platen.kill().await;
        self.platen.restart().await;
    }

    /// Waits until every job has ended, and checks every promise: all ended, the ledger balances, and
    /// each end was told.
    async fn assert_all_is_well(&self) -> Vec<Value> {
        let api = self.platen.api();
        for job in &self.accepted {
            api.finished(job).await;
        }
        let mut jobs = Vec::new();
        for job in api.jobs().await {
            jobs.push(api.finished(&text(&job, "id")).await);
        }
        self.assert_ledger_balances(&jobs).await;
        self.assert_all_are_told(&jobs).await;
        jobs
    }

    async fn assert_ledger_balances(&self, jobs: &[Value]) {
        let ledger = self.platen.ledger(self.platen.account()).await;
        let mut moves: HashMap<(String, EntryKind), usize> = HashMap::new();
        for entry in ledger.iter().filter(|entry| entry.job.is_some()) {
            let job = entry.job.map(|job| job.to_string()).unwrap_or_default();
            *moves.entry((job, entry.kind)).or_default() += 1;
        }
        for job in jobs {
            let count = |kind| {
                moves
                    .get(&(text(job, "id"), kind))
                    .copied()
                    .unwrap_or_default()
            };
            let refunds = usize::from(job["status"] == "error");
            assert_eq!(
                (count(EntryKind::Charge), count(EntryKind::Refund)),
                (1, refunds),
                "{job}"
            );
        }
        let charged = moves
            .iter()
            .filter(|((_, kind), _)| *kind == EntryKind::Charge)
            .count();
        assert_eq!(charged, jobs.len(), "every charge has its job");
        let balance: Credits = ledger.iter().map(|entry| entry.amount).sum();
        assert_eq!(balance.as_f64(), self.platen.api().credit().await);
    }

    async fn assert_all_are_told(&self, jobs: &[Value]) {
        for job in jobs {
            let told = eventually(&format!("the webhook of {}", job["id"]), || async {
                let payloads = self
                    .receiver
                    .calls()
                    .iter()
                    .map(receiver::payload)
                    .collect::<Vec<_>>();
                payloads
                    .into_iter()
                    .find(|payload| payload["jobId"] == job["id"])
            })
            .await;
            assert_eq!(told["status"], job["status"], "{job}");
        }
    }
}

fn assert_all_succeeded(jobs: &[Value]) {
    for job in jobs {
        assert_eq!(job["status"], "success", "{job}");
    }
}

#[tokio::test]
async fn right_after_the_last_answer() {
    let mut scene = Scene::new().await;
    for number in 0..8 {
        scene.submit("/v2/html/pdf", scene.document(number)).await;
    }
    scene.crash().await;
    let jobs = scene.assert_all_is_well().await;
    assert_eq!(jobs.len(), 8);
    assert_all_succeeded(&jobs);
}

#[tokio::test]
async fn in_the_middle_of_accepting() {
    let mut scene = Scene::new().await;
    let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..16 {
        let (api, document, sender) = (scene.platen.api(), scene.document(number), sender.clone());
        tokio::spawn(async move { sender.send(api.try_post("/v2/html/pdf", &document).await) });
    }
    drop(sender);
    let mut accepted = |answer: anyhow::Result<Answer>| {
        scene.accepted.extend(
            answer
                .into_iter()
                .map(|answer| text(&answer.expect_success().json(), "jobId")),
        );
    };
    accepted(
        within("a first answer", answers.recv())
            .await
            .expect("all are asking"),
    );
    scene.platen.kill().await;
    while let Some(answer) = within("all answers", answers.recv()).await {
        accepted(answer);
    }
    scene.platen.restart().await;
    let jobs = scene.assert_all_is_well().await;
    assert!(
        jobs.len() >= scene.accepted.len(),
        "what was answered was kept"
    );
    assert_all_succeeded(&jobs);
}

#[tokio::test]
async fn while_pages_are_being_rendered() {
    let (mut scene, site, gate) = (Scene::new().await, Site::start().await, Gate::default());
    site.reply("/", Reply::page("Slow").behind(&gate));
    for _ in 0..4 {
        scene
            .submit("/v2/url/pdf", json!({ "url": site.url("/") }))
            .await;
    }
    let waiting = tokio::spawn({
        let (api, options) = (
            scene.platen.api(),
            json!({ "url": site.url("/"), "async": false, "webhook": scene.receiver.url() }),
        );
        async move { api.try_post("/v2/url/pdf", &options).await }
    });
    eventually("the fifth job", || async {
        (scene.platen.api().jobs().await.len() == 5).then_some(())
    })
    .await;
    site.wait_for("/", 1).await;
    scene.platen.kill().await;
    assert!(
        waiting.await.expect("the caller lives").is_err(),
        "the connection broke"
    );
    scene.platen.restart().await;
    gate.open();
    let api = scene.platen.api();
    for job in api.jobs().await {
        api.succeeded(&text(&job, "id")).await;
    }
    let synchronous = api
        .jobs()
        .await
        .into_iter()
        .find(|job| !scene.accepted.contains(&text(job, "id")));
    assert!(
        synchronous.is_some(),
        "the job that was waited for ends too"
    );
    scene.assert_ledger_balances(&api.jobs().await).await;
}

#[tokio::test]
async fn while_a_webhook_is_being_delivered() {
    let (site, gate) = (Site::start().await, Gate::default());
    site.page("/", "Once");
    let mut scene =
        Scene::with(Receiver::answering(vec![Reply::status(200).behind(&gate)]).await).await;
    scene
        .submit("/v2/url/pdf", json!({ "url": site.url("/") }))
        .await;
    scene.receiver.wait_for(1).await;
    scene.platen.kill().await;
    gate.open();
    scene.platen.restart().await;
    let calls = scene.receiver.payloads(2).await;
    assert_eq!(calls[0], calls[1], "it is told again, in the same words");
    assert_eq!(site.seen("/").len(), 1, "and not rendered again");
    assert_all_succeeded(&scene.assert_all_is_well().await);
}

#[tokio::test]
async fn again_and_again_between_the_ends_of_jobs() {
    let mut scene = Scene::new().await;
    for number in 0..9 {
        scene.submit("/v2/html/pdf", scene.document(number)).await;
    }
    for told in [1, 4] {
        scene.receiver.wait_for(told).await;
        scene.crash().await;
    }
    let jobs = scene.assert_all_is_well().await;
    assert_eq!(jobs.len(), 9);
    assert_all_succeeded(&jobs);
}

#[tokio::test]
async fn a_job_that_takes_the_server_down_each_time_is_given_up_at_its_fourth_start() {
    let (mut scene, site) = (Scene::new().await, Site::start().await);
    site.reply("/", Reply::never());
    let credit = scene.platen.api().credit().await;
    scene
        .submit("/v2/url/pdf", json!({ "url": site.url("/") }))
        .await;
    for start in 1..=3 {
        site.wait_for("/", start).await;
        scene.crash().await;
    }
    let jobs = scene.assert_all_is_well().await;
    assert_eq!((jobs.len(), &jobs[0]["status"]), (1, &json!("error")));
    assert_eq!(site.seen("/").len(), 3);
    assert_eq!(scene.platen.api().credit().await, credit);
}
