//! The services as processes: what they say of wrong options, how they wait, and how they end.

use std::process::Stdio;

use platen_tests::binary::binary;
use platen_tests::cli::Cli;
use platen_tests::services::{Ground, Member, Role, Services, Size, alone};
use platen_tests::*;
use serde_json::json;

const PASSWORD: &str = "hunter2-hunter2";

#[tokio::test]
async fn all_that_is_wrong_with_the_options_is_told_at_once_and_no_secret_is() {
    let mut command = tokio::process::Command::from(platen::clean(&binary("platen-gateway")));
    command
        .env("PLATEN_PUBLIC_URL", "ftp://example.com")
        .env("PLATEN_LINK_KEY", PASSWORD)
        .env("PLATEN_SEAL_KEY", PASSWORD)
        .env(
            "PLATEN_DATABASE_URL",
            format!("mysql://me:{PASSWORD}@db/platen"),
        )
        .env("PLATEN_AMQP_URL", format!("amqps://me:{PASSWORD}@broker"))
        .env("PLATEN_S3_SECRET_ACCESS_KEY", PASSWORD)
        .env("PLATEN_LOG", "inof")
        .env("PLATEN_OTLP_ENDPOINT", "ftp://collector")
        .env("PLATEN_HEALTH_LISTEN", "127.0.0.1:9090")
        .env("PLATEN_METRICS_LISTEN", "127.0.0.1:9090")
        .env("PLATEN_DRAIN_WAIT", "8m")
        .stdin(Stdio::null());
    let ended = within("the gateway's end", command.output()).await;
    let ended = ended.expect("it starts");
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    for option in [
        "PLATEN_PUBLIC_URL",
        "PLATEN_LINK_KEY",
        "PLATEN_SEAL_KEY",
        "PLATEN_DATABASE_URL",
        "PLATEN_AMQP_URL",
        "PLATEN_S3_BUCKET",
        "PLATEN_S3_ACCESS_KEY_ID",
        "PLATEN_LOG",
        "PLATEN_OTLP_ENDPOINT",
        "PLATEN_HEALTH_LISTEN",
        "PLATEN_METRICS_LISTEN",
        "PLATEN_DRAIN_WAIT",
    ] {
        assert!(said.contains(option), "{option} is not in: {said}");
    }
    assert!(!said.contains(PASSWORD), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_waits_for_its_tables_alive_but_not_ready() {
    for role in [Role::Gateway, Role::Dispatcher] {
        let ground = Ground::shared();
        let (mut member, _folder) = alone(role, &ground);
        member.set("PLATEN_LISTEN", &format!("127.0.0.1:{}", port::free()));
        member.launch();
        eventually("a sign of life", || async {
            member.probe("live").await.then_some(())
        })
        .await;
        assert!(!member.probe("ready").await, "there are no tables yet");
        if matches!(role, Role::Gateway) {
            assert_sends_away(&member).await;
        }
        Cli::on_database(ground.database()).run(&["migrate"]).await;
        member.ready().await;
    }
}

/// Asserts that a gateway tells who comes too early when to come again, in the words of each dialect.
async fn assert_sends_away(gateway: &Member) {
    let api = Api::new(&gateway.address(), "any");
    let long = json!({ "html": "x".repeat(4_000_000) });
    for (path, said) in [
        ("/v2/html/pdf", ("statusCode", json!(503))),
        ("/image-generation/v1/generate", ("success", json!(false))),
    ] {
        // It is alive a moment before it listens.
        let answer = eventually("an answer", || async {
            api.try_post(path, &long).await.ok()
        })
        .await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
        let json = answer.json();
        assert_eq!(json[said.0], said.1, "{json}");
        assert!(json.to_string().contains("nothing was charged"), "{json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signal_waits_for_what_is_in_hand_and_the_second_drops_it() {
    let (site, gate) = (Site::start().await, Gate::default());
    site.reply("/", Reply::page("Slow").behind(&gate));
    let mut services = Services::start(Ground::shared(), Size::ONE, &Start::open()).await;
    let api = services.api(0);
    let job = api
        .submit("/v2/url/pdf", json!({ "url": site.url("/") }))
        .await;
    site.wait_for("/", 1).await;
    let renderer = &mut services.renderers[0];
    renderer.terminate();
    eventually("the renderer to drain", || async {
        (!renderer.probe("ready").await).then_some(())
    })
    .await;
    assert!(renderer.probe("live").await, "a draining process is alive");
    renderer.terminate();
    assert_eq!(
        renderer.ended().await.code(),
        Some(1),
        "something was dropped"
    );
    gate.open();
    renderer.restart().await;
    api.succeeded(&job).await;
}
