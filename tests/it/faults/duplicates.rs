//! Messages that come twice, late, out of order, or about nothing.

use common::broker::{Broker, PublishError, rabbit};
use common::id::{DeliveryId, JobId};
use common::job::{FailureKind, Lane, Mode};
use common::message::{Completion, DeliveryDue, JobMessage, Outcome};
use common::seal::SealKey;
use common::task::{Document, Output, PageOptions, PdfOptions, Source, Task, Work};
use platen_tests::runs;
use platen_tests::services::SEAL_KEY;

use super::*;

/// Jobs that are done again each time.
const REPEATED: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_come_twice_or_out_of_order_change_nothing() {
    let scene = Scene::on_shared(Size::ONE).await;
    let mut load = scene.load(120);
    load.answered(60).await;
    let broker = broker(&scene).await;
    confuse(&scene, &broker).await;
    load.answered(90).await;
    confuse(&scene, &broker).await;
    let jobs = scene.assert_all_is_well(load).await;
    confuse(&scene, &broker).await;
    settle_a_late_job(&scene).await;
    let after = scene.books().await.jobs().await;
    for job in &jobs {
        let now = after
            .iter()
            .find(|other| other.id == job.id)
            .expect("it is still there");
        assert_eq!(format!("{now:?}"), format!("{job:?}"), "an end is for ever");
    }
    scene
        .books()
        .await
        .assert_each_was_told_once(&scene.receiver)
        .await;
    for job in jobs.iter().filter(|job| job.mode == Mode::Async) {
        let Some(asset) = job.asset.as_ref().filter(|asset| asset.listed) else {
            continue;
        };
        let path = format!("/v2/assets/{}", asset.id);
        let shown = scene.services.api(0).get(&path).await.expect(200).json();
        let link = api::text(&shown, "url");
        let file = scene.services.api(0).download(&link).await.expect(200);
        assert_eq!(
            file.body.len() as u64,
            asset.size,
            "the winner's bytes stay"
        );
    }
}

/// Repeats and contradicts what was said of every job so far.
async fn confuse(scene: &Scene, broker: &Broker) {
    let store = scene.services.ground().store();
    let mut repeated = 0;
    for job in scene.books().await.jobs().await {
        if !job.state.is_final() {
            // Whoever speaks first of it is right.
            continue;
        }
        publish(broker.publish_completion(failed(job.id)).await);
        let message = JobMessage {
            job: job.id,
            account: job.account,
            lane: Lane::Browser,
            mode: Mode::Async,
            task: SealKey::new(SEAL_KEY.as_bytes())
                .seal(job.id, &page())
                .expect("it seals"),
            expires_at: common::clock::Clock::system().now() + std::time::Duration::from_secs(60),
            trace: None,
            published_at: None,
        };
        // Each is rendered once more, and few of them say as much as all.
        repeated += 1;
        if repeated <= REPEATED {
            publish(broker.publish_job(message).await);
        }
        for delivery in store.deliveries(job.id).await.expect("they are readable") {
            for attempt in [1, 1, 2, 9] {
                let due = DeliveryDue {
                    delivery: delivery.id,
                    attempt,
                };
                publish(broker.publish_delivery(due).await);
            }
        }
    }
    publish(broker.publish_completion(failed(JobId::new())).await);
    let due = DeliveryDue {
        delivery: DeliveryId::new(),
        attempt: 1,
    };
    publish(broker.publish_delivery(due).await);
}

/// A job that is sent behind all the confusion: when it has ended, the confusion was read.
async fn settle_a_late_job(scene: &Scene) {
    let api = scene.services.api(0);
    let body = serde_json::json!({ "html": html("Late"), "webhook": format!("{}?late", scene.receiver.url()) });
    let job = api.submit("/v2/html/pdf", body).await;
    api.succeeded(&job).await;
    let told = platen_tests::receiver::Mark {
        job,
        query: Some("late".to_owned()),
    };
    scene.receiver.told_of(&told).await;
}

async fn broker(scene: &Scene) -> Broker {
    let amqp_url = scene
        .services
        .ground()
        .amqp()
        .parse()
        .expect("any text is taken");
    let config = rabbit::Config::new(amqp_url);
    within("RabbitMQ", Broker::rabbit(&config))
        .await
        .expect("the address is good")
}

fn publish(published: Result<(), PublishError>) {
    published.expect("the broker takes it");
}

fn failed(job: JobId) -> Completion {
    Completion {
        outcome: Outcome::Failure {
            kind: FailureKind::Rendering,
            message: "Rendering: a late duplicate".to_owned(),
        },
        ..runs::failure(job)
    }
}

fn page() -> Work {
    Work::Page(Box::new(Task {
        source: Source::Html(Document::Inline("<p>once more".into())),
        page: PageOptions::default(),
        output: Output::Pdf(PdfOptions::default()),
        preview: None,
        timeout: std::time::Duration::from_secs(30),
    }))
}
