//! Who a page believes is asking: cookies and basic auth, and where they must not go.

use platen_tests::*;
use serde_json::json;

#[tokio::test]
async fn cookies_go_to_their_host_and_path_and_nowhere_else() {
    let (api, site, stranger) = (
        tenant().await,
        Site::start().await,
        Site::on("127.0.0.3").await,
    );
    stranger.reply("/pixel.svg", Reply::picture());
    site.page("/", &format!("<p id=seen></p><script>seen.textContent = 'script sees ' + document.cookie</script><img src='{}'>", stranger.url("/pixel.svg")));
    let cookies = json!([
        { "name": "plain", "value": "one" },
        { "name": "quiet", "value": "two", "httpOnly": true, "sameSite": "Lax", "expires": 4_000_000_000_u64 },
        { "name": "elsewhere", "value": "three", "path": "/other" },
    ]);
    let text = api
        .pdf(json!({ "url": site.url("/"), "cookies": cookies }))
        .await
        .text();
    assert!(
        text.contains("script sees plain=one") && !text.contains("quiet"),
        "{text}"
    );
    let sent = site.seen("/")[0].header("cookie").to_owned();
    assert!(
        sent.contains("plain=one") && sent.contains("quiet=two") && !sent.contains("elsewhere"),
        "{sent}"
    );
    assert_eq!(
        stranger.wait_for("/pixel.svg", 1).await[0].header("cookie"),
        ""
    );
}

#[tokio::test]
async fn no_job_sees_what_another_left_behind() {
    let (api, site) = (tenant().await, Site::start().await);
    let script = "<p id=seen></p><script>seen.textContent = `found ${localStorage.length} ${document.cookie}.`; localStorage.a = 1; document.cookie = 'left=1'</script>";
    site.reply(
        "/",
        Reply::page(script)
            .header("set-cookie", "server=1")
            .header("cache-control", "max-age=600"),
    );
    for visit in 1..=3 {
        let text = api.pdf(json!({ "url": site.url("/") })).await.text();
        assert!(text.contains("found 0 server=1."), "{text}");
        let seen = site.seen("/");
        assert_eq!(seen.len(), visit, "nothing comes from a cache");
        assert_eq!(seen[visit - 1].header("cookie"), "");
    }
}

/// Answers like a server that wants basic auth.
fn guarded(seen: &Seen, welcome: Reply) -> Reply {
    if seen.header("authorization").is_empty() {
        return Reply::status(401).header("www-authenticate", "Basic realm=\"tests\"");
    }
    welcome
}

#[tokio::test]
async fn credentials_go_to_the_pages_own_origin_only() {
    let (api, site, stranger) = (tenant().await, Site::start().await, Site::start().await);
    stranger.on_request("/pixel.svg", |seen, _| guarded(seen, Reply::picture()));
    let body = format!(
        "Welcome in<img src=/own.svg><img src='{0}'><iframe src='{0}'></iframe>",
        stranger.url("/pixel.svg")
    );
    site.on_request("/", move |seen, _| guarded(seen, Reply::page(&body)))
        .on_request("/own.svg", |seen, _| guarded(seen, Reply::picture()));
    let authentication = json!({ "username": "reader", "password": "pass:word" });
    let text = api
        .pdf(json!({ "url": site.url("/"), "authentication": authentication }))
        .await
        .text();
    assert!(text.contains("Welcome in"), "{text}");
    // reader:pass:word
    let sent = "Basic cmVhZGVyOnBhc3M6d29yZA==";
    assert!(
        site.seen("/")
            .iter()
            .any(|seen| seen.header("authorization") == sent)
    );
    assert!(
        site.seen("/own.svg")
            .iter()
            .any(|seen| seen.header("authorization") == sent)
    );
    let arrived = stranger.wait_for("/pixel.svg", 1).await;
    assert!(
        arrived
            .iter()
            .all(|seen| seen.header("authorization").is_empty()),
        "{arrived:?}"
    );
}

#[tokio::test]
async fn credentials_in_the_address_are_used_and_not_shown() {
    let (api, site) = (tenant().await, Site::start().await);
    site.on_request("/", |seen, _| guarded(seen, Reply::page("Welcome in")));
    let url = site
        .url("/")
        .replace("http://", "http://reader:word-in-address@");
    let job = api.convert("/v2/url/pdf", json!({ "url": url })).await;
    let job = api.succeeded(&api::text(&job, "jobId")).await;
    assert!(!job.to_string().contains("word-in-address"), "{job}");
    assert!(
        site.seen("/")
            .iter()
            .any(|seen| !seen.header("authorization").is_empty())
    );
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_another_origin() {
    let (api, site, stranger) = (tenant().await, Site::start().await, Site::start().await);
    stranger.page("/landing", "Landed");
    let landing = stranger.url("/landing");
    site.on_request("/", move |seen, _| {
        guarded(seen, Reply::redirect(landing.clone()))
    });
    let authentication = json!({ "username": "reader", "password": "password" });
    let text = api
        .pdf(json!({ "url": site.url("/"), "authentication": authentication }))
        .await
        .text();
    assert!(text.contains("Landed"), "{text}");
    assert_eq!(stranger.seen("/landing")[0].header("authorization"), "");
}
