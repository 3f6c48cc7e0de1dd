//! An object store that goes away in the middle of a result that is being sent.

use std::time::Duration;

use common::artifact::Artifact;
use common::id::{JobId, RunId};
use common::job::{AttemptOutcome, DeliveryState};
use common::objects::ObjectKey;
use platen_tests::runs::Runs;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

const BYTES: usize = 50 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_in_the_middle_of_a_body_is_not_held_against_the_endpoint() {
    let size = Size {
        gateways: 1,
        renderers: 0,
        dispatchers: 1,
    };
    let services = Services::start(Ground::with_own_store(), size, &Start::open()).await;
    let runs = Runs::of(&services).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    services.cli().webhook(services.account(), &url).await;
    let (job, run) = (JobId::new(), RunId::new());
    let artifact = Artifact {
        key: ObjectKey::artifact(job, run, "image.png"),
        content_type: "image/png".to_owned(),
        extension: "png".to_owned(),
        size: BYTES as u64,
    };
    let objects = services.ground().objects();
    let stored = objects.put(&artifact.key, vec![7; BYTES].into()).await;
    stored.unwrap();
    let job = runs.succeed(None, artifact, run).await;

    let (mut socket, _) = within("a call", listener.accept()).await.unwrap();
    let mut head = vec![0; 64 * 1024];
    within("its beginning", socket.read_exact(&mut head))
        .await
        .unwrap();
    services.ground().s3().cut(true);
    let mut rest = Vec::new();
    // How it ends is the caller's affair; what counts is that it does, before it is complete.
    drop(within("its end", socket.read_to_end(&mut rest)).await);
    assert!(rest.len() < BYTES, "{} bytes came", rest.len());
    services.ground().s3().cut(false);

    let store = services.ground().store();
    let attempt = eventually("the attempt's end", || async {
        let delivery = store.deliveries(job).await.unwrap().remove(0);
        let attempt = store
            .attempts(delivery.id)
            .await
            .unwrap()
            .into_iter()
            .next();
        attempt.filter(|attempt| attempt.outcome.is_some())
    })
    .await;
    assert_eq!(attempt.outcome, Some(AttemptOutcome::Interrupted));
    let error = attempt.error.unwrap();
    assert!(error.contains("could not be read"), "{error}");
    let delivery = store.deliveries(job).await.unwrap().remove(0);
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert!(delivery.due_at.since(delivery.created_at) < Duration::from_mins(5));
    let show = ["webhook", "show", services.account()];
    let shown = services.cli().run(&show).await;
    assert_eq!(shown["failing_since"], serde_json::Value::Null, "{shown}");
}
