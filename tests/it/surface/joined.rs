//! Several sources in, one PDF out: pages that are printed, and files that are merged.

use hyper::Method;
use hyper::body::Bytes;
use platen_tests::api::{array, text};
use platen_tests::s3::S3;
use platen_tests::shared::{CLOSED_ADDRESS, OPEN_ADDRESS};
use platen_tests::sheets::{doubling, encrypted, sheets};
use platen_tests::*;
use serde_json::{Value, json};

const TYPE: &str = "application/pdf";

/// The result of a job that is waited for by asking.
async fn result(api: &Api, path: &str, options: Value) -> (Value, Pdf) {
    let answer = api.post(path, &options).await.expect(202).json();
    let job = api.succeeded(&text(&answer, "jobId")).await;
    let file = api.download(&text(&job, "assetUrl")).await.expect(200);
    (job, Pdf::new(&file.body))
}

/// What is said of a job that fails.
async fn failure(api: &Api, path: &str, options: Value) -> String {
    let answer = api.post(path, &options).await.expect(202).json();
    let job = api.finished(&text(&answer, "jobId")).await;
    assert_eq!(job["status"], "error", "{job}");
    text(&job, "error")
}

async fn site() -> Site {
    let site = Site::start().await;
    site.page(
        "/one",
        "<a href='#below'>One</a><p style='break-before:page' id=below>One below</p>",
    );
    site.page(
        "/two",
        "<a href='#below'>Two</a><p style='break-before:page' id=below>Two below</p>",
    );
    site.page("/three", "Three");
    site
}

#[tokio::test]
async fn a_batch_is_one_pdf_in_order_and_costs_a_credit_each_and_one() {
    let (api, site) = (tenant().await, site().await);
    let urls = ["/one", "/two", "/three"].map(|path| site.url(path));
    let (job, pdf) = result(&api, "/v2/url/pdf", json!({ "batch": { "urls": urls } })).await;
    let texts = ["One", "One below", "Two", "Two below", "Three"];
    assert_eq!(pdf.page_texts(), texts);
    assert_eq!(
        (&job["type"], &job["apiCreditCost"]),
        (&json!("url-pdf"), &json!(4.0))
    );
    assert_eq!(api.credit().await, Tenant::CREDIT - 4.0);
    // Both pages have an anchor of the same name.
    assert_eq!(pdf.link_targets(), [(1, 2), (3, 4)]);

    // The other spelling, and a version that is sync unless asked.
    let options = json!({ "batch": [urls[2], urls[0]], "async": false, "generatePreview": true });
    let (job, pdf) = result(&api, "/v1/url/pdf", options).await;
    assert_eq!(pdf.page_texts(), ["Three", "One", "One below"]);
    assert!(job["previewUrl"].is_string(), "{job}");
    assert_eq!(api.credit().await, Tenant::CREDIT - 7.0);
}

#[tokio::test]
async fn a_page_that_fails_is_named_and_the_whole_batch_refunded() {
    let (api, site) = (tenant().await, site().await);
    site.reply("/never", Reply::never());
    let urls = [site.url("/three"), site.url("/never?secret")];
    let options = json!({ "batch": urls, "timeout": 2000 });
    let error = failure(&api, "/v2/url/pdf", options).await;
    let name = urls[1]
        .strip_prefix("http://")
        .and_then(|url| url.split_once('?'));
    let name = name.expect("an address").0;
    let expected = format!("Timeout: page 2 of 2 ({name}): page took longer than 2000ms to load");
    assert_eq!(error, expected);
    assert_eq!(api.credit().await, Tenant::CREDIT);
}

#[tokio::test]
async fn rules_hold_for_each_page_of_a_batch_and_a_best_effort_has_its_share_of_the_time() {
    let (api, site) = (tenant().await, site().await);
    site.reply("/missing", Reply::page("Missing").with_status(404));
    site.page("/hangs", "<p>Hangs</p><img src=/never.svg>");
    site.reply("/never.svg", Reply::never());
    let ruled =
        json!({ "batch": [site.url("/three"), site.url("/missing")], "failOn": ["mainStatus"] });
    // Each of these would take two thirds of the whole time.
    let hanging = json!({
        "batch": [site.url("/hangs"), site.url("/hangs")],
        "waitUntil": "load",
        "timeout": 12_000,
        "bestEffort": true,
    });
    let (error, (job, pdf)) = tokio::join!(
        failure(&api, "/v2/url/pdf", ruled),
        result(&api, "/v2/url/pdf", hanging)
    );
    assert!(
        error.starts_with("Navigation: page 2 of 2 (") && error.contains("404"),
        "{error}"
    );
    assert_eq!(pdf.page_texts(), ["Hangs", "Hangs"]);
    assert_eq!(api.credit().await, Tenant::CREDIT - 3.0);
    let path = format!("/v2/jobs/{}?expand=timeline", text(&job, "id"));
    let told = api.get(&path).await.json();
    let lacking = array(told["diagnostics"]["requests"].clone());
    assert_eq!(lacking.len(), 2, "what each page lacks is told: {told}");
}

#[tokio::test]
async fn a_batch_goes_into_a_bucket_of_ones_own_and_is_merged_from_there() {
    let (api, site, bucket) = (tenant().await, site().await, S3::shared().bucket());
    let saved = api.post("/v2/storage", &bucket.storage("Mine")).await;
    let storage = text(&saved.expect(200).json(), "id");
    let options = json!({
        "batch": [site.url("/one"), site.url("/three")],
        "storage": { "id": storage },
        "headers": { "X-Part": "of all" },
        "metadata": { "title": "Both", "author": "A. B." },
        "pageRanges": "1",
    });
    let (job, pdf) = result(&api, "/v2/url/pdf", options).await;
    assert_eq!(pdf.page_texts(), ["One", "Three"]);
    assert_eq!(
        (pdf.info("Title").as_str(), pdf.info("Author").as_str()),
        ("Both", "A. B.")
    );
    for path in ["/one", "/three"] {
        assert_eq!(site.seen(path)[0].header("x-part"), "of all", "{path}");
    }
    let there = |job: &Value| bucket.read(&format!("{}/document.pdf", text(job, "id")));
    assert_eq!(there(&job).as_deref(), Some(pdf.bytes()));

    let link = text(&job, "assetUrl");
    let options = json!({ "batch": [link, link], "storage": { "id": storage } });
    let (job, pdf) = result(&api, "/v2/pdf/merge", options).await;
    assert_eq!(pdf.page_texts(), ["One", "Three", "One", "Three"]);
    assert_eq!(pdf.info("Title"), "Both");
    assert!(there(&job).is_some());
    assert_eq!(api.credit().await, Tenant::CREDIT - 6.0);

    let path = format!("/v2/storage/{storage}");
    let deleted = api.send(Method::DELETE, &path, &[], Bytes::new()).await;
    deleted.expect(204);
    let refused = api.post("/v2/pdf/merge", &json!({ "url": link })).await;
    let message = refused.expect(400).message();
    assert!(
        message.contains("in a storage that you have deleted"),
        "{message}"
    );
    assert_eq!(api.credit().await, Tenant::CREDIT - 6.0);
}

#[tokio::test]
async fn files_are_merged_in_order_with_their_outlines() {
    let (api, site) = (tenant().await, Site::start().await);
    site.reply("/a.pdf", Reply::new(TYPE, sheets(&["A1", "A2"])));
    site.reply("/moved.pdf", Reply::redirect(site.url("/b.pdf")));
    site.reply("/b.pdf", Reply::new("text/plain", sheets(&["B1"])));
    // A result of our own, by its link.
    let ours = api
        .convert("/v2/html/pdf", json!({ "html": html("Ours") }))
        .await;
    let urls = [
        site.url("/moved.pdf"),
        text(&ours, "assetUrl"),
        site.url("/a.pdf"),
    ];
    let options = json!({
        "batch": { "urls": urls },
        "filename": "all",
        "authentication": { "username": "u", "password": "p" },
        "cookies": [{ "name": "a", "value": "b" }],
    });
    let (job, pdf) = result(&api, "/v2/pdf/merge", options).await;
    assert_eq!(pdf.page_texts(), ["B1", "Ours", "A1", "A2"]);
    let outline = [(1, "B1"), (3, "A1"), (4, "A2")].map(|(page, title)| (page, title.to_owned()));
    assert_eq!(pdf.bookmarks(), outline);
    pdf.assert_sound();
    assert_eq!(
        (&job["type"], &job["apiCreditCost"]),
        (&json!("merge-pdf"), &json!(4.0))
    );
    assert_eq!(api.credit().await, Tenant::CREDIT - 5.0);
    let asked = &site.seen("/a.pdf")[0];
    assert_eq!(
        (asked.header("authorization"), asked.header("cookie")),
        ("Basic dTpw", "a=b")
    );

    // One file, waited for: the bytes themselves.
    let options = json!({ "url": site.url("/a.pdf"), "filename": "one" });
    let file = api.post("/v1/pdf/merge", &options).await.expect_success();
    assert_eq!(file.header("content-type"), TYPE);
    assert!(file.header("content-disposition").contains("one.pdf"));
    assert_eq!(Pdf::new(&file.body).page_texts(), ["A1", "A2"]);
}

#[tokio::test]
async fn a_source_that_can_not_be_merged_is_named_and_everything_refunded() {
    let (api, site) = (tenant().await, Site::start().await);
    let good = sheets(&["Good"]);
    site.reply("/good.pdf", Reply::new(TYPE, good.clone()));
    site.reply("/encrypted.pdf", Reply::new(TYPE, encrypted(&good)));
    site.reply(
        "/cut.pdf",
        Reply::new(TYPE, good[..good.len() / 3].to_vec()),
    );
    site.reply("/page.pdf", Reply::page("No PDF"));
    site.reply("/large.pdf", Reply::new(TYPE, vec![b'%'; 50_000_001]));
    for (path, kind, words) in [
        ("/encrypted.pdf", "Rendering", "is encrypted"),
        ("/cut.pdf", "Rendering", "is not a PDF that can be read"),
        ("/page.pdf", "Rendering", "is not a PDF that can be read"),
        (
            "/large.pdf",
            "Rendering",
            "must be a file of at most 50000000 bytes",
        ),
        (
            "/missing.pdf",
            "Navigation",
            "could not be fetched: the server answered 404",
        ),
    ] {
        let urls = [
            site.url("/good.pdf"),
            site.url(&format!("{path}?secret")),
            site.url("/good.pdf"),
        ];
        let error = failure(&api, "/v2/pdf/merge", json!({ "batch": urls })).await;
        let host = site.origin().trim_start_matches("http://");
        let expected = format!("{kind}: source 2 of 3 ({host}{path}) {words}");
        assert!(error.starts_with(&expected), "{error}");
    }
    assert_eq!(api.credit().await, Tenant::CREDIT);
    let options = json!({ "batch": [site.url("/good.pdf")] });
    result(&api, "/v2/pdf/merge", options).await;
}

#[tokio::test]
async fn a_small_file_that_takes_any_memory_is_named_and_others_are_merged_meanwhile() {
    let (api, site) = (tenant().await, Site::start().await);
    site.reply("/good.pdf", Reply::new(TYPE, sheets(&["Good"])));
    site.reply("/hostile.pdf", Reply::new(TYPE, doubling()));
    let (good, hostile) = (site.url("/good.pdf"), site.url("/hostile.pdf"));
    let (error, (_, pdf)) = tokio::join!(
        failure(&api, "/v2/pdf/merge", json!({ "batch": [good, hostile] })),
        result(&api, "/v2/pdf/merge", json!({ "batch": [good, good] }))
    );
    let host = site.origin().trim_start_matches("http://");
    let expected = format!(
        "Rendering: source 2 of 2 ({host}/hostile.pdf) is not a PDF that can be read: it unpacks to more than is taken"
    );
    assert_eq!(error, expected);
    assert_eq!(pdf.page_texts(), ["Good", "Good"]);
    assert_eq!(api.credit().await, Tenant::CREDIT - 3.0);
}

#[tokio::test]
async fn ten_thousand_pages_are_merged() {
    let (api, site) = (tenant().await, Site::start().await);
    let texts = vec!["x"; 10_000];
    site.reply("/many.pdf", Reply::new(TYPE, sheets(&texts)));
    site.reply("/last.pdf", Reply::new(TYPE, sheets(&["Last"])));
    let urls = [site.url("/many.pdf"), site.url("/last.pdf")];
    let (_, pdf) = result(&api, "/v2/pdf/merge", json!({ "batch": urls })).await;
    assert_eq!(pdf.pages(), 10_001);
    let more = json!({ "batch": [urls[0], urls[1], urls[0]] });
    let error = failure(&api, "/v2/pdf/merge", more).await;
    assert!(
        error.contains("source 3 of 3") && error.contains("20000 pages"),
        "{error}"
    );
}

#[tokio::test]
async fn a_merge_reaches_nothing_that_is_closed_and_our_own_links_are_not_dialled() {
    let (api, open, closed) = (
        guarded_tenant().await,
        Site::on(OPEN_ADDRESS).await,
        Site::on(CLOSED_ADDRESS).await,
    );
    closed.reply("/a.pdf", Reply::new(TYPE, sheets(&["Secret"])));
    open.reply("/moved.pdf", Reply::redirect(closed.url("/a.pdf")));
    open.reply("/a.pdf", Reply::new(TYPE, sheets(&["Open"])));
    let refused = json!({ "batch": [closed.url("/a.pdf")] });
    let refused = api.post("/v2/pdf/merge", &refused).await.expect(400);
    assert!(
        refused.message().starts_with("`batch[0]` must be https"),
        "{refused:?}"
    );
    let moved = json!({ "batch": [open.url("/a.pdf"), open.url("/moved.pdf")] });
    let error = failure(&api, "/v2/pdf/merge", moved).await;
    assert!(
        error.contains("source 2 of 2") && error.contains("the redirect's target"),
        "{error}"
    );
    assert_eq!(closed.connections(), 0);

    // The server's own address is closed to it as well.
    let ours = api
        .convert("/v2/html/pdf", json!({ "html": html("Ours") }))
        .await;
    let link = text(&ours, "assetUrl");
    let (_, pdf) = result(
        &api,
        "/v2/pdf/merge",
        json!({ "batch": [link, open.url("/a.pdf")] }),
    )
    .await;
    assert_eq!(pdf.page_texts(), ["Ours", "Open"]);
    let forged = link.replace("/assets/", "/assets/0");
    let refused = api
        .post("/v2/pdf/merge", &json!({ "url": forged }))
        .await
        .expect(400);
    assert!(
        refused.message().contains("not a link that can be used"),
        "{refused:?}"
    );
}
