//! kill -9 at any moment, and a start after it: nothing accepted is lost, charged twice or left open.

use common::job::JobState;
use common::store::Job;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};

/// A server that is killed, an endpoint that hears of its jobs, and what was accepted.
struct Scene {
    platen: Embedded,
    receiver: Receiver,
    accepted: Vec<String>,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Receiver::start().await).await
    }

    async fn with(receiver: Receiver) -> Self {
        Self {
            platen: Embedded::start(Start::open()).await,
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

    async fn books(&self) -> Books {
        Books::new(self.platen.store().await, self.platen.account())
    }

    /// Checks every promise, and that what was accepted is there.
    async fn assert_all_is_well(&self) -> Vec<Job> {
        let jobs = self
            .books()
            .await
            .assert_promises_are_kept(&self.receiver)
            .await;
        for accepted in &self.accepted {
            assert!(jobs.iter().any(|job| job.id.to_string() == *accepted));
        }
        jobs
    }
}

fn assert_all_succeeded(jobs: &[Job]) {
    for job in jobs {
        assert_eq!(job.state, JobState::Success, "{job:?}");
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
    let books = scene.books().await;
    books.assert_ledger_balances(&books.jobs().await).await;
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
    assert_eq!((jobs.len(), jobs[0].state), (1, JobState::Error));
    assert_eq!(site.seen("/").len(), 3);
    assert_eq!(scene.platen.api().credit().await, credit);
}

#[tokio::test]
async fn an_idempotency_key_outlives_a_crash_and_ends_with_its_time() {
    let mut scene = Scene::new().await;
    let once = async |scene: &Scene| {
        let api = scene.platen.api();
        let key = [("idempotency-key", "k")];
        let sent = api
            .try_post_with("/v2/html/pdf", &key, &scene.document(0))
            .await;
        sent.expect("an answer").expect(202)
    };
    let first = once(&scene).await;
    scene.crash().await;
    assert_eq!(once(&scene).await.body, first.body);
    scene.platen.kill().await;
    let start = Start::open().variable("PLATEN_IDEMPOTENCY_RETENTION", "1ms");
    scene.platen.restart_with(start).await;
    // The first sweep comes with the start.
    eventually("a new job", || async {
        (once(&scene).await.body != first.body).then_some(())
    })
    .await;
    assert_eq!(scene.assert_all_is_well().await.len(), 2);
}
