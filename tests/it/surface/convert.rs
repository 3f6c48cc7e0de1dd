//! Every endpoint, in both versions, waited for and not.

use hyper::Method;
use hyper::body::Bytes;
use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};

/// Source and target of every conversion, as they stand in its path.
const CONVERSIONS: [(&str, &str); 4] = [
    ("url", "pdf"),
    ("url", "image"),
    ("html", "pdf"),
    ("html", "image"),
];

const BODY: &str =
    "<p>Hello from the page</p><div style='width:200px;height:200px;background:#ff0000'></div>";

async fn site() -> Site {
    let site = Site::start().await;
    site.page("/", BODY);
    site
}

fn options(site: &Site, source: &str) -> Value {
    match source {
        "url" => json!({ "url": site.url("/") }),
        _ => json!({ "html": html(BODY) }),
    }
}

fn assert_is_the_page(target: &str, file: &Answer) {
    if target == "pdf" {
        assert_eq!(file.header("content-type"), "application/pdf");
        assert!(Pdf::new(&file.body).text().contains("Hello from the page"));
    } else {
        assert_eq!(file.header("content-type"), "image/png");
        let picture = Picture::decode(&file.body);
        assert_eq!(picture.size(), (800, 600));
        assert!(picture.has([255, 0, 0]));
    }
}

#[tokio::test]
async fn v2_sync_answers_with_a_link_to_the_file() {
    let (api, site) = (tenant().await, site().await);
    for (source, target) in CONVERSIONS {
        let answer = api
            .convert(&format!("/v2/{source}/{target}"), options(&site, source))
            .await;
        assert_eq!(answer["id"], answer["jobId"], "{answer}");
        let link = text(&answer, "assetUrl");
        assert!(
            link.starts_with(&format!("{}/assets/", api.base())),
            "{link}"
        );
        assert_is_the_page(target, &api.download(&link).await.expect(200));
    }
}

#[tokio::test]
async fn v2_async_is_the_default_and_the_job_ends_with_the_link() {
    let (api, site) = (tenant().await, site().await);
    for (source, target) in CONVERSIONS {
        let answer = api
            .post(&format!("/v2/{source}/{target}"), &options(&site, source))
            .await
            .expect_success()
            .json();
        assert_eq!(
            (&answer["status"], &answer["id"]),
            (&json!("queued"), &answer["jobId"]),
            "{answer}"
        );
        let job = api.succeeded(&text(&answer, "jobId")).await;
        assert_eq!(job["type"], format!("{source}-{target}"));
        assert_is_the_page(
            target,
            &api.download(&text(&job, "assetUrl")).await.expect(200),
        );
    }
}

#[tokio::test]
async fn v1_sync_is_the_default_and_answers_with_the_bytes() {
    let (api, site) = (tenant().await, site().await);
    for (source, target) in CONVERSIONS {
        let answer = api
            .post(&format!("/v1/{source}/{target}"), &options(&site, source))
            .await
            .expect_success();
        let disposition = answer.header("content-disposition");
        assert!(
            disposition.starts_with("attachment; filename="),
            "{disposition}"
        );
        assert_eq!(answer.header("cl-bandwidth"), answer.body.len().to_string());
        assert_eq!(answer.header("cl-api-credit-cost"), "1");
        let job = api
            .get(&format!("/v1/jobs/{}", answer.header("cl-worker-job-id")))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (&job["status"], &job["type"]),
            (&json!("success"), &json!(format!("{source}-{target}")))
        );
        assert_is_the_page(target, &answer);
    }
    assert_eq!(
        api.get("/v1/assets").await.expect(200).json(),
        json!([]),
        "v1 keeps nothing unless it is asked to"
    );
}

#[tokio::test]
async fn v2_without_storage_answers_with_the_bytes_and_lists_nothing() {
    let api = tenant().await;
    let options = json!({ "html": html(BODY), "storage": false, "async": false });
    let answer = api.post("/v2/html/pdf", &options).await.expect(200);
    assert_is_the_page("pdf", &answer);
    assert_eq!(api.get("/v2/assets").await.expect(200).json(), json!([]));
}

#[tokio::test]
async fn v1_async_answers_with_the_job() {
    let (api, site) = (tenant().await, site().await);
    for (source, target) in CONVERSIONS {
        let options = api::with(options(&site, source), "storage", json!(true));
        let job = api.submit(&format!("/v1/{source}/{target}"), options).await;
        let job = api.succeeded(&job).await;
        assert_is_the_page(
            target,
            &api.download(&text(&job, "assetUrl")).await.expect(200),
        );
    }
}

#[tokio::test]
async fn both_header_forms_carry_the_key_and_an_empty_one_counts_as_absent() {
    let api = tenant().await;
    let bearer = format!("Bearer {}", api.key());
    let url = format!("{}/v2/account", api.base());
    let ask = async |headers: &[(&str, &str)]| {
        api.raw(Method::GET, &url, headers, Bytes::new())
            .await
            .expect("an answer")
    };
    assert_eq!(ask(&[("Authorization", &bearer)]).await.status, 200);
    assert_eq!(
        ask(&[("x-api-key", ""), ("authorization", &bearer)])
            .await
            .status,
        200
    );
    for wrong in [
        [].as_slice(),
        &[("x-api-key", "")],
        &[("x-api-key", "cl-00000000000000000000000000000000")],
        &[("authorization", "Bearer ")],
    ] {
        let refused = ask(wrong).await.expect(401).json();
        assert_eq!(
            refused["reason"], "Invalid API key.",
            "{wrong:?}: {refused}"
        );
        assert_eq!(
            (&refused["allowed"], &refused["statusCode"]),
            (&json!(false), &json!(401)),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_changes_nothing() {
    let (api, site, gate) = (tenant().await, Site::start().await, Gate::default());
    site.reply("/", Reply::page("Finished all the same").behind(&gate));
    let caller = tokio::spawn({
        let (api, options) = (
            (*api).clone(),
            json!({ "url": site.url("/"), "async": false }),
        );
        async move { api.post("/v2/url/pdf", &options).await }
    });
    site.wait_for("/", 1).await;
    caller.abort();
    assert!(caller.await.is_err(), "the caller is gone");
    gate.open();
    let job = api.succeeded(&text(&api.jobs().await[0], "id")).await;
    let pdf = Pdf::new(&api.download(&text(&job, "assetUrl")).await.expect(200).body);
    assert!(pdf.text().contains("Finished all the same"));
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
}

#[tokio::test]
async fn a_sync_caller_who_waited_long_enough_gets_the_job_and_then_its_webhook() {
    let platen = Start::open()
        .variable("PLATEN_SYNC_WAIT", "1s")
        .start()
        .await;
    let (api, site, receiver, gate) = (
        platen.api(),
        Site::start().await,
        Receiver::start().await,
        Gate::default(),
    );
    site.reply("/", Reply::page("Late").behind(&gate));
    let options = json!({ "url": site.url("/"), "async": false, "webhook": receiver.url() });
    let answer = api.post("/v2/url/pdf", &options).await.expect(202).json();
    assert_eq!(answer["status"], "pending", "{answer}");
    gate.open();
    let payload = &receiver.payloads(1).await[0];
    assert_eq!(
        (&payload["jobId"], &payload["status"]),
        (&answer["jobId"], &json!("success"))
    );
}

#[tokio::test]
async fn a_document_longer_than_a_message_carries_is_converted_too() {
    let api = tenant().await;
    let padding = "<!-- padding -->".repeat(40_000);
    let pdf = api
        .pdf(json!({ "html": html(&format!("{padding}<p>After the padding")) }))
        .await;
    assert!(pdf.text().contains("After the padding"));
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let api = tenant().await;
    let pdf = api
        .pdf(json!({ "html": html("Still fine"), "noSuchField": { "a": [1] } }))
        .await;
    assert!(pdf.text().contains("Still fine"));
}
