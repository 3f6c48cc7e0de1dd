//! Pages that misbehave: the job gets its result or its error, and the next one is unharmed.

use std::time::Duration;

use platen_tests::*;
use serde_json::{Value, json};

/// The next job succeeds, in a normal time.
async fn assert_next_is_normal(api: &Tenant) {
    let normal = tokio::time::timeout(
        Duration::from_secs(20),
        api.pdf(json!({ "html": html("The next job") })),
    )
    .await;
    assert!(
        normal
            .expect("the next job takes its normal time")
            .text()
            .contains("The next job")
    );
}

/// Converts a hostile document that still has something to show.
async fn assert_shows(body: &str, words: &str) {
    let api = tenant().await;
    let text = api
        .pdf(json!({ "html": html(body), "timeout": 15_000 }))
        .await
        .text();
    assert!(text.contains(words), "{text}");
    assert_next_is_normal(&api).await;
}

/// Converts a hostile document that fails: its error.
async fn failure(path: &str, options: Value) -> String {
    let api = tenant().await;
    let message = api::text(&api.fail(path, options).await, "message");
    assert_eq!(
        api.credit().await,
        Tenant::CREDIT,
        "a failed job is refunded"
    );
    assert_next_is_normal(&api).await;
    message
}

#[tokio::test]
async fn dialogs_are_answered() {
    assert_shows("<script>alert(1); confirm('really?'); prompt('name'); onbeforeunload = () => 'stay'; print()</script>After the dialogs", "After the dialogs").await;
}

#[tokio::test]
async fn popups_are_kept_away() {
    assert_shows(
        "<script>for (let i = 0; i < 30; i++) window.open('about:blank')</script>The main page",
        "The main page",
    )
    .await;
}

#[tokio::test]
async fn three_hundred_pages_come_out_whole() {
    let api = tenant().await;
    let pdf = api
        .pdf(json!({ "html": html(&format!("{}Leaf 300", html::leaves(299))), "timeout": 60_000 }))
        .await;
    let pages = pdf.page_texts();
    assert_eq!((pages.len(), pages[299].as_str()), (300, "Leaf 300"));
    assert_next_is_normal(&api).await;
}

#[tokio::test]
async fn a_polling_page_loads_but_never_falls_silent() {
    let site = Site::start().await;
    site.page(
        "/",
        "Polling<script>setInterval(() => fetch('/poll'), 50)</script>",
    )
    .reply("/poll", Reply::status(200));
    let api = tenant().await;
    assert!(
        api.pdf(json!({ "url": site.url("/") }))
            .await
            .text()
            .contains("Polling"),
        "almost idle is quiet enough"
    );
    let message = failure(
        "/v2/url/pdf",
        json!({ "url": site.url("/"), "waitUntil": "networkidle0", "timeout": 2000 }),
    )
    .await;
    assert_eq!(message, "Timeout: page took longer than 2000ms to load");
}

#[tokio::test]
async fn an_endless_script_ends_at_the_timeout() {
    let message = failure(
        "/v2/html/pdf",
        json!({ "html": html("<script>for (;;);</script>"), "timeout": 1500 }),
    )
    .await;
    assert!(
        message.starts_with("Timeout: page took longer than 1500ms"),
        "{message}"
    );
}

#[tokio::test]
async fn a_script_that_begins_to_spin_after_loading_ends_at_the_timeout() {
    let spin = "Words<script>onload = () => setTimeout(() => { for (;;); })</script>";
    let message = failure(
        "/v2/html/pdf",
        json!({ "html": html(spin), "delay": 200, "timeout": 2000 }),
    )
    .await;
    assert!(
        message.starts_with("Timeout: page took longer than 2000ms"),
        "{message}"
    );
}

#[tokio::test]
async fn an_endless_script_does_not_slow_its_neighbours_down_for_long() {
    let (api, spin) = (tenant().await, html("<script>for (;;);</script>"));
    let endless = api.fail("/v2/html/pdf", json!({ "html": spin, "timeout": 6000 }));
    let (_, (), ()) = tokio::join!(
        endless,
        assert_next_is_normal(&api),
        assert_next_is_normal(&api)
    );
    assert_eq!(api.credit().await, Tenant::CREDIT - 2.0);
}

#[tokio::test]
async fn a_server_that_never_answers_ends_at_the_timeout() {
    let site = Site::start().await;
    site.reply("/", Reply::never());
    let message = failure(
        "/v2/url/pdf",
        json!({ "url": site.url("/"), "timeout": 1500 }),
    )
    .await;
    assert_eq!(message, "Timeout: page took longer than 1500ms to load");
}

#[tokio::test]
async fn an_attachment_is_no_page() {
    let site = Site::start().await;
    site.reply(
        "/",
        Reply::new("application/zip", "PK")
            .header("content-disposition", "attachment; filename=a.zip"),
    );
    let message = failure("/v2/url/pdf", json!({ "url": site.url("/") })).await;
    assert!(message.starts_with("Navigation: "), "{message}");
}

#[tokio::test]
async fn an_address_without_a_server_is_a_navigation_error() {
    let port = { Site::start().await.port().to_owned() };
    for url in [
        format!("http://127.0.0.1:{port}/"),
        "http://no-such-host.invalid/".to_owned(),
    ] {
        let message = failure("/v2/url/pdf", json!({ "url": url })).await;
        assert!(message.starts_with("Navigation: "), "{url}: {message}");
    }
}

#[tokio::test]
async fn a_circle_of_redirects_is_a_navigation_error() {
    let site = Site::start().await;
    site.reply("/", Reply::redirect("/"));
    let message = failure(
        "/v2/url/pdf",
        json!({ "url": site.url("/"), "timeout": 10_000 }),
    )
    .await;
    assert!(message.starts_with("Navigation: "), "{message}");
}

#[tokio::test]
async fn a_page_that_reloads_itself_for_ever_harms_nobody() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "<meta http-equiv=refresh content=0>Again and again");
    let answer = api
        .post(
            "/v2/url/pdf",
            &json!({ "url": site.url("/"), "async": false, "timeout": 3000 }),
        )
        .await;
    assert!([200, 500].contains(&answer.status), "{answer:?}");
    assert_next_is_normal(&api).await;
}

#[tokio::test]
async fn a_page_that_closes_itself_harms_nobody() {
    let api = tenant().await;
    let body = html("<script>window.close(); window.open('', '_self').close()</script>Words");
    let answer = api
        .post(
            "/v2/html/pdf",
            &json!({ "html": body, "async": false, "timeout": 5000 }),
        )
        .await;
    assert!([200, 500].contains(&answer.status), "{answer:?}");
    assert_next_is_normal(&api).await;
}

#[tokio::test]
async fn lazy_pictures_in_the_window_are_in_the_picture() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "<img loading=lazy src=/a.svg>")
        .reply("/a.svg", Reply::picture().after(Duration::from_millis(300)));
    assert!(
        api.picture(json!({ "url": site.url("/") }))
            .await
            .has([0, 255, 0])
    );
}

/// A page that is being rendered, on a server of its own whose processes may be killed.
async fn rendering(platen: &Platen, site: &Site) -> tokio::task::JoinHandle<Answer> {
    let (api, body) = (
        platen.api(),
        json!({ "url": site.url("/"), "async": false, "timeout": 20_000 }),
    );
    let before = site.seen("/").len();
    let caller = tokio::spawn(async move { api.post("/v2/url/pdf", &body).await });
    site.wait_for("/", before + 1).await;
    caller
}

#[tokio::test]
async fn a_crashed_page_is_an_error_and_its_successors_live() {
    let (platen, site) = (Platen::start().await, Site::start().await);
    site.reply("/", Reply::page("<script>fetch('/held')</script>Words"))
        .reply("/held", Reply::never());
    site.page("/quick", "After the crash");
    let credit = platen.api().credit().await;
    let caller = rendering(&platen, &site).await;
    let renderers = platen.browsers("--type=renderer");
    assert!(!renderers.is_empty(), "a browser has renderer processes");
    for pid in &renderers {
        process::signal(*pid, "KILL");
    }
    let answer = caller.await.expect("the caller lives");
    let spent = if answer.status == 500 { 0.0 } else { 1.0 };
    assert!([200, 500].contains(&answer.status), "{answer:?}");
    assert_eq!(platen.api().credit().await, credit - spent);
    // Pages that were kept ready for other jobs died too.
    let next = platen.api().pdf(json!({ "url": site.url("/quick") })).await;
    assert!(next.text().contains("After the crash"));
}

#[tokio::test]
async fn a_browser_that_dies_is_replaced() {
    let (platen, site, gate) = (Platen::start().await, Site::start().await, Gate::default());
    site.reply("/", Reply::page("After the crash").behind(&gate));
    let caller = rendering(&platen, &site).await;
    let browsers = platen.browsers("--remote-debugging-pipe");
    assert!(!browsers.is_empty(), "the server has a browser");
    browsers
        .into_iter()
        .for_each(|pid| process::signal(pid, "KILL"));
    gate.open();
    let answer = caller.await.expect("the caller lives");
    assert!([200, 500].contains(&answer.status), "{answer:?}");
    let next = platen.api().pdf(json!({ "url": site.url("/") })).await;
    assert!(next.text().contains("After the crash"));
}
