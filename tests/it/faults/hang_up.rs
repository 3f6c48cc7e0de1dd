//! Callers that hang up right after writing their request.

use std::collections::HashSet;
use std::time::Duration;

use futures::StreamExt as _;
use platen_tests::api::text;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::*;

const CALLERS: usize = 600;
/// A small picture takes the browser the least time.
const PATH: &str = "/v2/html/image";

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_hang_up_have_no_job_or_one_and_get_it_by_their_key() {
    let scene = Scene::on_shared(Size::ONE).await;
    let viewport = json!({ "width": 100, "height": 60 });
    let webhook = scene.receiver.url();
    let body = json!({ "html": html("Words"), "viewPort": viewport, "webhook": webhook });
    futures::stream::iter(0..CALLERS)
        .for_each_concurrent(24, |caller| hang_up(&scene, caller, &body))
        .await;
    let accepted = scene.books().await.jobs().await.len();
    assert!(accepted <= CALLERS, "at most one job each");
    let api = scene.services.api(0);
    let ids: HashSet<String> = futures::stream::iter(0..CALLERS)
        .map(|caller| {
            let (api, body, key) = (&api, &body, key(caller));
            async move {
                let sent = api
                    .try_post_with(PATH, &[("idempotency-key", &key)], body)
                    .await;
                text(&sent.expect("an answer").expect_success().json(), "jobId")
            }
        })
        .buffer_unordered(24)
        .collect()
        .await;
    println!("{accepted} of {CALLERS} requests were accepted before their callers hung up");
    assert_eq!(ids.len(), CALLERS, "each key has its job");
    let jobs = scene
        .books()
        .await
        .assert_promises_are_kept(&scene.receiver)
        .await;
    let rows: HashSet<String> = jobs.iter().map(|job| job.id.to_string()).collect();
    assert_eq!(rows, ids, "and there is no other job");
}

/// Writes a request and hangs up up to 12 ms later.
async fn hang_up(scene: &Scene, caller: usize, body: &Value) {
    let url = scene.services.url(0);
    let address = url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address)
        .await
        .expect("the gateway listens");
    let body = body.to_string();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {address}\r\nx-api-key: {}\r\nidempotency-key: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        scene.services.key(),
        key(caller),
        body.len(),
    );
    socket
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    // The pause is what is tested: the caller goes at every moment of its acceptance.
    tokio::time::sleep(Duration::from_millis(caller as u64 % 13)).await;
}

fn key(caller: usize) -> String {
    format!("caller-{caller}")
}
