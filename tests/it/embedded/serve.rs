//! Starting and stopping a server.

use std::process::Stdio;

use platen_tests::*;
use serde_json::{Value, json};

#[tokio::test]
async fn the_ready_line_has_the_key_on_the_first_start_only() {
    let mut platen = Embedded::start(Start::open()).await;
    let (api, url) = (platen.api(), platen.url().to_owned());
    let key = api
        .key()
        .strip_prefix("cl-")
        .expect("a key begins with its mark");
    assert!(
        key.len() == 32
            && key
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        "{key}"
    );
    assert!(api.credit().await > 0.0, "the first account has credit");
    platen.terminate();
    assert!(platen.ended().await.success());
    platen.restart().await;
    assert_eq!(
        platen.ready(),
        &json!({ "url": url, "account_id": platen.account() })
    );
    assert!(api.credit().await > 0.0, "the key still works");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let platen = Embedded::start(Start::open()).await;
    let mut command =
        tokio::process::Command::from(embedded::serve(platen.folder(), "127.0.0.1:0"));
    let second = within(
        "the second server's end",
        command.kill_on_drop(true).output(),
    )
    .await
    .expect("it can be run");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(
        said.contains("data folder") && said.contains("--data-dir"),
        "{said}"
    );
    assert!(second.stdout.is_empty(), "no ready line");
    assert!(
        platen
            .api()
            .pdf(json!({ "html": html("Unharmed") }))
            .await
            .text()
            .contains("Unharmed")
    );
}

#[tokio::test]
async fn a_job_in_hand_is_finished_before_the_server_ends() {
    let (mut platen, site, gate) = (
        Embedded::start(Start::open()).await,
        Site::start().await,
        Gate::default(),
    );
    site.reply("/", Reply::page("Finished in time").behind(&gate));
    let caller = tokio::spawn({
        let (api, options) = (platen.api(), json!({ "url": site.url("/") }));
        async move { api.post("/v1/url/pdf", &options).await }
    });
    site.wait_for("/", 1).await;
    platen.terminate();
    eventually("the end of accepting", || async {
        platen
            .log()
            .since(0)
            .iter()
            .any(|line| line.contains("stopping"))
            .then_some(())
    })
    .await;
    gate.open();
    let answer = caller.await.expect("the caller lives").expect_success();
    assert!(Pdf::new(&answer.body).text().contains("Finished in time"));
    assert!(platen.ended().await.success(), "a drained server ends well");
}

#[tokio::test]
async fn what_is_still_waiting_at_a_stop_is_done_after_the_next_start() {
    let (mut platen, site, gate) = (
        Embedded::start(Start::open()).await,
        Site::start().await,
        Gate::default(),
    );
    site.reply("/", Reply::page("Done").behind(&gate));
    let api = platen.api();
    let mut jobs = Vec::new();
    for _ in 0..6 {
        jobs.push(
            api.submit("/v2/url/pdf", json!({ "url": site.url("/") }))
                .await,
        );
    }
    site.wait_for("/", 1).await;
    platen.terminate();
    gate.open();
    assert!(platen.ended().await.success(), "a drained server ends well");
    platen.restart().await;
    for job in jobs {
        platen.api().succeeded(&job).await;
    }
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let start = Start::open().variable("PLATEN_PUBLIC_URL", "https://pdf.example.com/");
    let platen = Embedded::start(start).await;
    assert_eq!(platen.ready()["url"], "https://pdf.example.com");
}

#[tokio::test]
async fn wrong_options_are_told_before_anything_is_touched() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let data = folder.path().join("data");
    for (args, words) in [
        (["--allow-network", "10.0.0.0/99"], "--allow-network"),
        (["--listen", "nowhere"], "--listen"),
        (["--price", "html-pdf=free"], "price"),
        (
            ["--webhook-retry-schedule", "soon"],
            "--webhook-retry-schedule",
        ),
        (["--log", "inof"], "--log (PLATEN_LOG)"),
        (
            ["--otlp-endpoint", "ftp://collector"],
            "--otlp-endpoint (PLATEN_OTLP_ENDPOINT)",
        ),
    ] {
        let mut all = vec!["serve"];
        all.extend(args);
        let ended = cli::Cli::new(&data).try_run(&all).await;
        assert_eq!(ended.code, 2, "{args:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{args:?}: {ended:?}");
    }
    assert!(!data.exists());
}

/// What a person reads at the first start: everything up to the command that they can copy.
#[tokio::test]
async fn the_first_start_tells_a_person_a_command_that_works() {
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = tokio::process::Command::from(platen::command());
    command
        .env("PLATEN_TEMP_DIR", folder.path())
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--allow-network",
            "10.1.0.0/16",
            "--data-dir",
        ])
        .arg(folder.path().join("data"));
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the server starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut before = String::new();
    let line = within("the line with the command", async {
        while let Some(line) = lines.next_line().await.expect("it is readable") {
            if line.contains("curl ") {
                return line;
            }
            before.push_str(&line);
        }
        panic!("no command was printed: {before}")
    })
    .await;
    assert!(
        before.contains("10.1.0.0/16"),
        "it says what is open: {before}"
    );
    let quoted: Vec<&str> = line.split('\'').collect();
    let key = quoted[1]
        .strip_prefix("X-API-Key: ")
        .expect("the key comes first");
    let body: Value = serde_json::from_str(quoted[3]).expect("then the body");
    let url = quoted[4]
        .split_whitespace()
        .find(|word| word.starts_with("http"))
        .expect("then the address");
    let (base, path) = url.split_at(url.find("/v").expect("it has a path"));
    let answer = Api::new(base, key).post(path, &body).await.expect_success();
    assert!(Pdf::new(&answer.body).text().contains("Hello"));
}
