//! Results of many megabytes inside of a webhook.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::artifact::Artifact;
use common::id::{JobId, RunId};
use common::objects::ObjectKey;
use platen_tests::process::peak_memory;
use platen_tests::runs::Runs;
use platen_tests::services::{Ground, Services, Size};
use platen_tests::*;

const BYTES: usize = 50 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_are_streamed_into_a_webhook_in_little_memory() {
    let size = Size {
        gateways: 1,
        renderers: 0,
        dispatchers: 1,
    };
    let services = Services::start(Ground::shared(), size, &Start::open()).await;
    let runs = Runs::of(&services).await;
    let receiver = Receiver::start().await;
    let dispatcher = services.dispatchers[0].pid();
    let picture: Vec<u8> = (0..BYTES).map(|place| (place * 31 % 251) as u8).collect();
    // A short one first: what every call takes is there already.
    tell(&services, &runs, &receiver, picture[..1000].to_vec()).await;
    receiver.wait_for(1).await;
    let before = peak_memory(dispatcher);
    tell(&services, &runs, &receiver, picture.clone()).await;
    let call = receiver.wait_for(2).await.remove(1);
    let grown = peak_memory(dispatcher) - before;
    measured(&format!(
        "{grown} KiB more at the peak of a dispatcher for a webhook of {} bytes",
        call.body.len()
    ));
    assert!(grown < 16 * 1024, "{grown} KiB");
    let payload = receiver::payload(&call);
    let told = STANDARD.decode(payload["data"]["buffer"].as_str().unwrap());
    assert!(told.unwrap() == picture, "the same bytes");
    assert_eq!(call.header("content-length"), call.body.len().to_string());
    assert_eq!(call.header("transfer-encoding"), "");
}

async fn tell(services: &Services, runs: &Runs, receiver: &Receiver, bytes: Vec<u8>) {
    let (job, run) = (JobId::new(), RunId::new());
    let artifact = Artifact {
        key: ObjectKey::artifact(job, run, "image.png"),
        content_type: "image/png".to_owned(),
        extension: "png".to_owned(),
        size: bytes.len() as u64,
    };
    let objects = services.ground().objects();
    objects
        .put(&artifact.key, bytes.into())
        .await
        .expect("it is stored");
    runs.succeed(Some(receiver.url()), artifact, run).await;
}
