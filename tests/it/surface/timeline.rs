//! A job explains itself, to its owner and to the operator.

use platen_tests::api::{array, text};
use platen_tests::shared::{CLOSED_ADDRESS, OPEN_ADDRESS};
use platen_tests::*;
use serde_json::{Value, json};

async fn expanded(api: &Api, job: &str) -> Value {
    let path = format!("/v2/jobs/{job}?expand=timeline");
    api.get(&path).await.expect(200).json()
}

/// The timeline of a job once its webhook was called so often.
async fn told(api: &Api, job: &str, attempts: usize) -> Value {
    eventually(
        &format!("{attempts} finished attempts of {job}"),
        || async {
            let job = expanded(api, job).await;
            let events = job["timeline"].as_array()?.iter();
            let done =
                events.filter(|event| event["event"] == "attempt" && !event["outcome"].is_null());
            (done.count() == attempts).then_some(job)
        },
    )
    .await
}

/// Each event in a word or two.
fn words(timeline: &Value) -> Vec<String> {
    let word = |event: &Value| {
        let word = text(event, "event");
        match word.as_str() {
            "phase" => text(event, "phase"),
            "attempt" => format!("{} {}", event["number"], text(event, "outcome")),
            "settled" => format!("settled {}", text(event, "status")),
            _ => word,
        }
    };
    array(timeline.clone()).iter().map(word).collect()
}

#[tokio::test]
async fn a_job_tells_each_step_from_its_acceptance_to_the_last_call_of_its_webhook() {
    let (api, receiver) = (
        tenant().await,
        Receiver::answering(vec![Reply::status(500), Reply::status(200)]).await,
    );
    let options = json!({ "html": html("Words"), "webhook": receiver.url() });
    let id = api.submit("/v2/html/pdf", options).await;
    let job = told(&api, &id, 2).await;
    let expected = [
        "accepted",
        "published",
        "started",
        "start",
        "navigate",
        "wait",
        "print",
        "store",
        "stored",
        "settled success",
        "1 rejected",
        "2 delivered",
    ];
    let timeline = &job["timeline"];
    assert_eq!(words(timeline), expected, "{timeline:#}");
    let events = array(timeline.clone());
    for (one, next) in events.iter().zip(&events[1..]) {
        assert!(text(one, "at") <= text(next, "at"), "{timeline:#}");
    }
    for event in &events {
        let has_time = matches!(event["event"].as_str(), Some("phase" | "attempt"));
        assert_eq!(event["durationMs"].is_number(), has_time, "{event}");
    }
    assert_eq!(events[2]["worker"], job["worker"]);
    assert_eq!(events[8]["size"], job["size"]);
    assert_eq!(
        (&events[10]["httpStatus"], &events[11]["httpStatus"]),
        (&json!(500), &json!(200))
    );
    assert!(text(&events[10], "deliveryId").starts_with("dlv_"));
    assert_eq!(
        job["diagnostics"],
        json!({ "console": [], "consoleOmitted": 0, "requests": [], "requestsOmitted": 0 })
    );

    let plain = api.get(&format!("/v1/jobs/{id}")).await.expect(200).json();
    for field in ["timeline", "diagnostics", "failureScreenshot"] {
        assert!(plain.get(field).is_none(), "{field}: {plain}");
    }
    let old = format!("/v1/jobs/{id}?expand=timeline");
    assert_eq!(api.get(&old).await.expect(200).json(), job);
}

#[tokio::test]
async fn a_picture_from_layers_tells_its_own_steps() {
    let api = tenant().await;
    let card = json!({
        "dimensions": { "width": 60, "height": 30 },
        "layers": [{ "index": 0, "type": "solid-color-background", "hex_color": "#1a1a2e" }],
    });
    api.post("/image-generation/v1/generate", &card)
        .await
        .expect(200);
    let job = expanded(&api, &text(&api.jobs().await[0], "id")).await;
    let expected = [
        "accepted",
        "published",
        "started",
        "fetch",
        "print",
        "post_process",
        "store",
        "stored",
        "settled success",
    ];
    assert_eq!(words(&job["timeline"]), expected, "{job:#}");
}

#[tokio::test]
async fn a_page_tells_what_went_wrong_in_it() {
    let (api, site, closed) = (
        guarded_tenant().await,
        Site::on(OPEN_ADDRESS).await,
        Site::on(CLOSED_ADDRESS).await,
    );
    site.page(
        "/",
        &format!(
            "<script>console.error('no such thing', 7)</script>
             <script>throw new Error('boom')</script>
             <img src='/gone.png?key=secret'><img src='{}'>Words",
            closed.url("/picture?key=secret")
        ),
    );
    let id = api
        .submit("/v2/url/pdf", json!({ "url": site.url("/") }))
        .await;
    api.succeeded(&id).await;
    let job = expanded(&api, &id).await;
    let found = &job["diagnostics"];
    let line = format!("{}:1", site.url("/"));
    let console = array(found["console"].clone());
    let console: Vec<_> = console
        .iter()
        .map(|entry| (text(entry, "kind"), text(entry, "text")))
        .collect();
    let expected = [
        ("error".to_owned(), "no such thing 7".to_owned()),
        ("exception".to_owned(), "Uncaught Error: boom".to_owned()),
    ];
    assert_eq!(console, expected, "{found:#}");
    assert_eq!(found["console"][0]["place"], line);
    let requests = array(found["requests"].clone());
    let of = |url: String| {
        let mut found = requests.iter().filter(|request| request["url"] == url);
        found
            .next()
            .unwrap_or_else(|| panic!("{url} is not in {requests:#?}"))
    };
    let gone = of(site.url("/gone.png?…"));
    assert_eq!(
        (&gone["status"], &gone["refused"]),
        (&json!(404), &json!(false))
    );
    let refused = of(closed.url("/picture?…"));
    assert_eq!(refused["refused"], true, "{refused}");
    assert!(
        text(refused, "error").contains("--allow-network"),
        "{refused}"
    );
    assert!(!found.to_string().contains("secret"), "{found}");
    assert_eq!(closed.connections(), 0);
}

#[tokio::test]
async fn only_the_owner_reads_it_and_only_by_its_name() {
    let (owner, other) = (tenant().await, tenant().await);
    let id = owner
        .submit("/v2/html/pdf", json!({ "html": html("Mine") }))
        .await;
    owner.succeeded(&id).await;
    let path = format!("/v2/jobs/{id}?expand=timeline");
    owner.get(&path).await.expect(200);
    let refused = other.get(&path).await.expect(404).json();
    assert!(refused.get("timeline").is_none(), "{refused}");
    let unknown = owner.get(&format!("/v2/jobs/{id}?expand=everything")).await;
    let message = unknown.expect(400).message();
    assert!(
        message.contains("`expand`") && message.contains("`timeline`"),
        "{message}"
    );
}

#[tokio::test]
async fn what_the_browser_showed_when_a_job_failed_is_kept_if_the_operator_wants_it() {
    let platen = Start::open()
        .variable("PLATEN_FAILURE_SCREENSHOT", "true")
        .start()
        .await;
    let api = platen.tenant().await;
    let options = json!({
        "html": html("<style>html{background:#ff8000}</style>"),
        "waitForSelector": never_ready()["waitForSelector"],
        "viewPort": { "width": 320, "height": 200 },
    });
    let id = api.submit("/v2/html/pdf", options).await;
    let plain = api.finished(&id).await;
    assert_eq!(plain["status"], "error");
    for field in ["assetUrl", "assetId", "failureScreenshot"] {
        assert!(plain.get(field).is_none(), "{field}: {plain}");
    }
    let job = expanded(&api, &id).await;
    let file = api
        .download(&text(&job, "failureScreenshot"))
        .await
        .expect(200);
    assert_eq!(file.header("content-type"), "image/png");
    let picture = Picture::decode(&file.body);
    assert_eq!(picture.size(), (320, 200));
    for (x, y) in [(0, 0), (319, 0), (160, 100), (319, 199)] {
        assert_eq!(picture.at(x, y), [0xff, 0x80, 0, 255]);
    }
    let words = words(&job["timeline"]);
    let end = ["started", "start", "navigate", "wait", "settled error"];
    assert_eq!(words[2..], end);
    assert_eq!(api.get("/v2/assets").await.expect(200).json(), json!([]));
    assert_eq!(api.credit().await, Tenant::CREDIT);
}

#[tokio::test]
async fn a_failed_job_has_no_screenshot_unless_the_operator_wants_it() {
    let api = tenant().await;
    let id = api.submit("/v2/html/pdf", never_ready()).await;
    api.finished(&id).await;
    let job = expanded(&api, &id).await;
    assert!(
        job["timeline"].is_array() && job.get("failureScreenshot").is_none(),
        "{job}"
    );
}

#[tokio::test]
async fn the_command_line_shows_a_job_to_people_and_to_programs() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let options = json!({
        "html": html("<script>console.error('ouch')</script>Words"), "webhook": receiver.url(),
    });
    let id = api.submit("/v2/html/pdf", options).await;
    let job = told(&api, &id, 1).await;

    let shown = api.cli().run(&["job", "show", &id]).await;
    assert_eq!(
        (&shown["job_id"], &shown["state"]),
        (&json!(id), &json!("success"))
    );
    let events = |timeline: &Value| -> Vec<String> {
        let events = array(timeline.clone());
        events.iter().map(|event| text(event, "event")).collect()
    };
    assert_eq!(events(&shown["timeline"]), events(&job["timeline"]));
    assert_eq!(shown["console"]["entries"][0]["text"], "ouch");

    let printed = api.cli().text(&["job", "show", &id]).await;
    for words in [
        id.as_str(),
        api.account(),
        "AFTER",
        "accepted",
        "started by ",
        "  navigate",
        "settled as success",
        "webhook, attempt 1: delivered 200",
        "ouch",
    ] {
        assert!(printed.contains(words), "{words}:\n{printed}");
    }

    let failed = api.submit("/v2/html/pdf", never_ready()).await;
    api.finished(&failed).await;
    let list = [
        "job",
        "list",
        "--account",
        api.account(),
        "--state",
        "error",
    ];
    let listed = array(api.cli().run(&list).await);
    let listed: Vec<String> = listed.iter().map(|job| text(job, "job_id")).collect();
    assert_eq!(listed, [failed]);
    let unknown = format!("job_{}", "0".repeat(32));
    let said = api.cli().fail(&["job", "show", &unknown]).await;
    assert!(
        said.contains(&unknown) && said.contains("job list"),
        "{said}"
    );
}
