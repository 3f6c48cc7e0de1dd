//! Several sources in, one PDF out: pages that are printed, and files that are merged.

use platen_tests::api::text;
use platen_tests::shared::{CLOSED_ADDRESS, OPEN_ADDRESS};
use platen_tests::sheets::{encrypted, sheets};
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
    let outline = [("B1", 1), ("A1", 3), ("A2", 4)].map(|(title, page)| (title.to_owned(), page));
    assert_eq!(pdf.outline(), outline);
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
