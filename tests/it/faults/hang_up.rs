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

/// So few that an acceptance takes about as long as the callers stay.
const AT_ONCE: usize = 3;

/// Every so many callers' job takes a browser; that of the others takes next to nothing.
const BROWSER_EVERY: usize = 12;

/// What a caller asks for, and by which key.
struct Asked {
    path: &'static str,
    body: Value,
    key: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_hang_up_have_no_job_or_one_and_get_it_by_their_key() {
    let scene = Scene::on_shared(Size::ONE).await;
    let asked: Vec<Asked> = (0..CALLERS).map(|caller| asked(&scene, caller)).collect();
    futures::stream::iter(asked.iter().enumerate())
        .for_each_concurrent(AT_ONCE, |(caller, asked)| hang_up(&scene, caller, asked))
        .await;
    let accepted = scene.books().await.jobs().await.len();
    assert!(accepted <= CALLERS, "at most one job each");
    let api = scene.services.api(0);
    let answers: Vec<Value> = futures::stream::iter(&asked)
        .map(|asked| async {
            let key = [("idempotency-key", asked.key.as_str())];
            let sent = api.try_post_with(asked.path, &key, &asked.body).await;
            sent.expect("an answer").expect_success().json()
        })
        .buffer_unordered(24)
        .collect()
        .await;
    measured(&format!(
        "{accepted} of {CALLERS} requests were accepted before their callers hung up"
    ));
    let jobs = scene
        .books()
        .await
        .assert_promises_are_kept(&scene.receiver)
        .await;
    assert_eq!(
        jobs.len(),
        CALLERS,
        "each key has its job, and there is no other"
    );
    let rows: HashSet<String> = jobs.iter().map(|job| job.id.to_string()).collect();
    // One dialect says which job it is.
    let ids: HashSet<String> = answers
        .iter()
        .filter(|answer| answer.get("jobId").is_some())
        .map(|answer| text(answer, "jobId"))
        .collect();
    assert_eq!(
        ids.len(),
        CALLERS / BROWSER_EVERY,
        "no two keys have one job"
    );
    assert!(ids.is_subset(&rows), "what was told is there");
}

fn asked(scene: &Scene, caller: usize) -> Asked {
    let webhook = scene.receiver.url();
    let (path, body) = if caller.is_multiple_of(BROWSER_EVERY) {
        let viewport = json!({ "width": 100, "height": 60 });
        let body = json!({ "html": html("Words"), "viewPort": viewport, "webhook": webhook });
        ("/v2/html/image", body)
    } else {
        let layer = json!({ "type": "solid-color", "index": 0, "hex_color": "#335577" });
        let size = json!({ "width": 8, "height": 8 });
        // Its webhooks do not say which job they are about but for their address.
        let webhook = format!("{webhook}?{caller}");
        let body = json!({ "dimensions": size, "layers": [layer], "webhook_url": webhook });
        ("/image-generation/v1/generate", body)
    };
    let key = format!("caller-{caller}");
    Asked { path, body, key }
}

/// Writes a request and hangs up up to 12 ms later.
async fn hang_up(scene: &Scene, caller: usize, asked: &Asked) {
    let url = scene.services.url(0);
    let address = url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(address)
        .await
        .expect("the gateway listens");
    let body = asked.body.to_string();
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\nx-api-key: {}\r\nidempotency-key: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        asked.path,
        scene.services.key(),
        asked.key,
        body.len(),
    );
    socket
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    // The pause is what is tested: the caller goes at every moment of its acceptance.
    tokio::time::sleep(Duration::from_millis(caller as u64 % 13)).await;
}
