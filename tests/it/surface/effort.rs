//! Results of pages that never become whole, for callers who allow for it.

use futures::future::join_all;
use platen_tests::*;
use serde_json::{Value, json};

async fn site() -> Site {
    let site = Site::start().await;
    site.page("/picture", "<p>Before</p><img src=/never.svg><p>After</p>")
        .page("/lazy", "<p>Before</p><div style='height:5000px'></div><img loading=lazy src=/never.svg><p>After</p>")
        .page("/script", "<p>Before</p><script src=/never.js></script><p>After</p>")
        .reply("/never.svg", Reply::never())
        .reply("/never.js", Reply::never())
        .reply("/nothing", Reply::never());
    site
}

/// Long enough that a busy machine has the document within two thirds of it.
const ENOUGH: u32 = 12_000;

fn options(site: &Site, path: &str, (timeout, effort): (u32, bool)) -> Value {
    json!({ "url": site.url(path), "waitUntil": "load", "timeout": timeout, "bestEffort": effort })
}

#[tokio::test]
async fn what_hangs_is_given_up_and_the_rest_is_printed() {
    let (api, site) = (tenant().await, site().await);
    let effort = |path| options(&site, path, (ENOUGH, true));
    let printing = join_all(["/picture", "/lazy", "/script"].map(|path| api.pdf(effort(path))));
    let body = format!("<p>A document</p><img src={}>", site.url("/never.svg"));
    let document = json!({ "html": html(&body), "timeout": ENOUGH, "bestEffort": true });
    // Each waits for the same two thirds.
    let (printed, picture, document) =
        tokio::join!(printing, api.picture(effort("/picture")), api.pdf(document));
    for text in printed.iter().map(Pdf::text) {
        assert!(text.contains("Before") && text.contains("After"), "{text}");
    }
    assert_eq!(picture.size(), (800, 600));
    assert!(document.text().contains("A document"));
}

#[tokio::test]
async fn without_leave_the_same_page_is_a_failure_and_so_is_a_page_that_never_comes() {
    let (api, site) = (tenant().await, site().await);
    for (path, effort) in [("/picture", false), ("/nothing", true)] {
        let options = options(&site, path, (3000, effort));
        let failed = api.fail("/v2/url/pdf", options).await;
        let message = api::text(&failed, "message");
        assert_eq!(
            message, "Timeout: page took longer than 3000ms to load",
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_job_tells_what_was_given_up() {
    let (api, site) = (tenant().await, site().await);
    let job = api
        .submit("/v2/url/pdf", options(&site, "/picture", (ENOUGH, true)))
        .await;
    api.succeeded(&job).await;
    let job = api
        .get(&format!("/v2/jobs/{job}?expand=timeline"))
        .await
        .json();
    let lacking = &job["diagnostics"]["requests"][0]["url"];
    assert_eq!(lacking, &json!(site.url("/never.svg")), "{job}");
}
