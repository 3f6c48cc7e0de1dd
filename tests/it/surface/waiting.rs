//! When a page counts as ready.

use std::time::Duration;

use platen_tests::*;
use serde_json::{Value, json};

/// How long the late parts of a page take: far longer than a renderer that does not wait.
const LATE: Duration = Duration::from_millis(700);

/// Runs `script` when `/late` has answered, which takes [`LATE`].
fn later(script: &str) -> String {
    format!("<script>fetch('/late').then(() => {{ {script} }})</script>")
}

async fn site(body: &str) -> Site {
    let site = Site::start().await;
    site.page("/", body)
        .reply("/late", Reply::status(200).after(LATE))
        .reply("/slow.svg", Reply::picture().after(LATE))
        .reply("/never", Reply::never());
    site
}

/// The text of the PDF of `/`, which counts as loaded as early as possible unless told otherwise.
async fn text(site: &Site, options: Value) -> String {
    let api = tenant().await;
    let options = api::with(options, "url", json!(site.url("/")));
    api.pdf(api::with(options, "waitUntil", json!("domcontentloaded")))
        .await
        .text()
}

#[tokio::test]
async fn a_selector_is_waited_for() {
    let site = site(&later(
        "document.body.innerHTML = '<p id=target>Arrived</p>'",
    ))
    .await;
    let text = text(
        &site,
        json!({ "waitForSelector": { "selector": "#target" } }),
    )
    .await;
    assert!(text.contains("Arrived"), "{text}");
}

#[tokio::test]
async fn a_visible_selector_waits_until_it_is_shown() {
    let site = site(&format!(
        "<p id=target style='display:none'>Shown</p>{}",
        later("target.style.display = 'block'")
    ))
    .await;
    let text = text(
        &site,
        json!({ "waitForSelector": { "selector": "#target", "options": { "visible": true } } }),
    )
    .await;
    assert!(text.contains("Shown"), "{text}");
}

#[tokio::test]
async fn a_hidden_selector_waits_until_it_is_gone() {
    let site = site(&format!(
        "<p>Content</p><p id=target>Loading</p>{}",
        later("target.style.visibility = 'hidden'")
    ))
    .await;
    let text = text(
        &site,
        json!({ "waitForSelector": { "selector": "#target", "options": { "hidden": true } } }),
    )
    .await;
    assert!(
        text.contains("Content") && !text.contains("Loading"),
        "{text}"
    );
}

#[tokio::test]
async fn a_selector_that_never_comes_is_an_error_that_names_it() {
    let api = tenant().await;
    let wait = json!({ "selector": "#nowhere", "options": { "timeout": 600 } });
    let failed = api
        .fail(
            "/v2/html/pdf",
            json!({ "html": html("Words"), "waitForSelector": wait }),
        )
        .await;
    let message = api::text(&failed, "message");
    assert!(
        message.starts_with("Timeout") && message.contains("#nowhere") && message.contains("600"),
        "{message}"
    );
}

#[tokio::test]
async fn load_waits_for_pictures_and_domcontentloaded_does_not() {
    let (slow, api) = (site("<img src=/slow.svg>").await, tenant().await);
    let picture = api
        .picture(json!({ "url": slow.url("/"), "waitUntil": "load" }))
        .await;
    assert!(picture.has([0, 255, 0]));
    let endless = site("<p>Parsed</p><img src=/never>").await;
    assert!(text(&endless, json!({})).await.contains("Parsed"));
}

#[tokio::test]
async fn networkidle0_waits_for_the_last_request() {
    let script = "fetch('/late').then(() => fetch('/late?again')).then(() => { document.body.innerHTML = 'Quiet' })";
    let site = site(&format!("<p>Busy</p><script>{script}</script>")).await;
    let text = text(&site, json!({ "waitUntil": "networkidle0" })).await;
    assert!(text.contains("Quiet"), "{text}");
}

#[tokio::test]
async fn networkidle2_tolerates_two_requests_without_end_and_networkidle0_none() {
    let two = "<p>Almost idle</p><script>fetch('/never'); fetch('/never?2')</script>";
    let busy = site(&format!(
        "{two}{}",
        later("document.body.append(' and settled')")
    ))
    .await;
    let text = text(&busy, json!({ "waitUntil": "networkidle2" })).await;
    assert!(
        text.contains("Almost idle") && text.contains("and settled"),
        "{text}"
    );
    let options = json!({ "url": busy.url("/"), "waitUntil": "networkidle0", "timeout": 2500 });
    let failed = tenant().await.fail("/v2/url/pdf", options).await;
    assert_eq!(
        failed["message"],
        "Timeout: page took longer than 2500ms to load"
    );
}

#[tokio::test]
async fn a_url_waits_for_the_almost_idle_network_by_default() {
    let (site, api) = (
        site(&later("document.body.innerHTML = 'Fetched'")).await,
        tenant().await,
    );
    site.reply("/also", Reply::status(200).after(LATE));
    site.page("/", "<script>Promise.all(['/late', '/late?2', '/also'].map(path => fetch(path))).then(() => { document.body.innerHTML = 'Fetched' })</script>");
    assert!(
        api.pdf(json!({ "url": site.url("/") }))
            .await
            .text()
            .contains("Fetched")
    );
}

#[tokio::test]
async fn the_delay_comes_before_the_capture() {
    let api = tenant().await;
    let body = html(
        "<p id=text>early</p><script>setTimeout(() => { text.textContent = 'late' }, 300)</script>",
    );
    let text = api.pdf(json!({ "html": body, "delay": 1500 })).await.text();
    assert!(text.contains("late"), "{text}");
}

#[tokio::test]
async fn auto_scroll_reaches_the_bottom() {
    let api = tenant().await;
    let body = "<p id=text>Untouched</p><div style='height:6000px'></div><p id=end>End</p>
        <script>new IntersectionObserver(([entry]) => { if (entry.isIntersecting) text.textContent = 'Scrolled' }).observe(end)</script>";
    let scrolled = api.picture_text(body, true).await;
    assert!(scrolled.contains("Scrolled"), "{scrolled}");
    let still = api.picture_text(body, false).await;
    assert!(still.contains("Untouched"), "{still}");
}

#[tokio::test]
async fn lazy_pictures_below_the_fold_are_in_the_pdf() {
    let site = site("<div style='height:5000px'></div><img loading=lazy src=/slow.svg>").await;
    let api = tenant().await;
    let pdf = api
        .pdf(json!({ "url": site.url("/"), "autoScroll": true }))
        .await;
    assert!(pdf.pages() > 3);
    assert_eq!(site.seen("/slow.svg").len(), 1);
}

/// A page whose frame comes late, and takes its time.
async fn framed(inner: &str) -> Site {
    let frame = "const frame = document.createElement('iframe'); frame.src = '/inner'; document.body.append(frame)";
    let site = site(&later(frame)).await;
    site.reply("/inner", Reply::page(inner).after(LATE));
    site
}

#[tokio::test]
async fn frames_are_waited_for_until_they_have_loaded() {
    let site = framed("Inside the frame").await;
    let text = text(&site, json!({ "waitForFrame": true })).await;
    assert!(text.contains("Inside the frame"), "{text}");
}

#[tokio::test]
async fn a_frames_attachment_is_waited_for() {
    let site = framed("Inside the frame").await;
    text(&site, json!({ "waitForFrameAttachment": true })).await;
    site.wait_for("/inner", 1).await;
}

#[tokio::test]
async fn a_frames_navigation_is_waited_for() {
    let site = framed("Inside the frame").await;
    let text = text(&site, json!({ "waitForFrameNavigation": "load" })).await;
    assert!(text.contains("Inside the frame"), "{text}");
}

#[tokio::test]
async fn the_pictures_in_a_frame_are_waited_for() {
    // It comes when the frame has loaded, so that nothing else waits for it.
    let inner =
        "<script>onload = () => { document.body.innerHTML = '<img src=/slow.svg>' }</script>";
    let (site, api) = (framed(inner).await, tenant().await);
    for waits in [true, false] {
        let options = json!({ "url": site.url("/"), "waitUntil": "domcontentloaded", "waitForFrame": true, "waitForFrameImages": waits });
        assert_eq!(api.picture(options).await.has([0, 255, 0]), waits);
    }
}

#[tokio::test]
async fn a_selector_in_a_frame_is_waited_for() {
    let site = framed(&later(
        "document.body.innerHTML = '<p id=deep>Deep inside</p>'",
    ))
    .await;
    let text = text(
        &site,
        json!({ "waitForFrameSelector": { "selector": "#deep" } }),
    )
    .await;
    assert!(text.contains("Deep inside"), "{text}");
}

/// A page's text as the screen shows it, so that scrolling matters.
trait PictureText {
    async fn picture_text(&self, body: &str, scrolls: bool) -> String;
}

impl PictureText for Tenant {
    async fn picture_text(&self, body: &str, scrolls: bool) -> String {
        self.pdf(json!({ "html": html(body), "autoScroll": scrolls, "emulateMediaType": "screen", "pageRanges": "1" })).await.text()
    }
}
