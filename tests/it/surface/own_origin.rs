//! Request headers that the page's own origin gets, and no other.

use platen_tests::*;
use serde_json::json;

const TOKEN: &str = "a secret of two";

/// What arrived at a path with the caller's header, and without.
fn tokens(site: &Site, path: &str) -> Vec<String> {
    let seen = site.seen(path);
    seen.iter()
        .map(|seen| seen.header("x-token").to_owned())
        .collect()
}

#[tokio::test]
async fn headers_reach_the_page_and_its_parts_and_no_other_origin() {
    let (api, own, other) = (tenant().await, Site::start().await, Site::start().await);
    own.on_request("/", {
        let elsewhere = other.url("/elsewhere.svg");
        move |seen, _| {
            let language = seen.header("accept-language").to_owned();
            let token = seen.header("x-token").to_owned();
            Reply::page(&format!(
                "<p>{token} in {language}</p><img src=/part.svg><img src=/moved.svg><img src=/away.svg>\
                 <img src={elsewhere}><script>fetch('/api')</script>"
            ))
        }
    });
    own.reply("/part.svg", Reply::picture())
        .reply("/api", Reply::status(200))
        .reply("/moved.svg", Reply::redirect("/arrived.svg"))
        .reply("/arrived.svg", Reply::picture())
        .reply("/away.svg", Reply::redirect(other.url("/away.svg")));
    for path in ["/elsewhere.svg", "/away.svg"] {
        other.reply(path, Reply::picture());
    }
    let headers = json!({ "X-Token": TOKEN, "Accept-Language": "xx" });
    let pdf = api
        .pdf(json!({ "url": own.url("/"), "headers": headers }))
        .await;
    let text = pdf.text();
    assert!(text.contains(&format!("{TOKEN} in xx")), "{text}");
    for path in [
        "/",
        "/part.svg",
        "/api",
        "/moved.svg",
        "/arrived.svg",
        "/away.svg",
    ] {
        assert_eq!(tokens(&own, path), [TOKEN], "{path}");
    }
    for path in ["/elsewhere.svg", "/away.svg"] {
        assert_eq!(tokens(&other, path), [""], "{path}");
        assert_ne!(other.seen(path)[0].header("accept-language"), "xx");
    }
    let job = &api.jobs().await[0];
    assert_eq!(job["params"]["headers"]["X-Token"], "...", "{job}");
    assert!(!job.to_string().contains(TOKEN));
}

#[tokio::test]
async fn headers_do_not_follow_the_page_to_another_origin() {
    let (api, own, other) = (tenant().await, Site::start().await, Site::start().await);
    other.page("/", "Arrived elsewhere");
    own.reply("/", Reply::redirect(other.url("/")));
    own.page(
        "/moves",
        &format!("<script>location.replace('{}')</script>", other.url("/")),
    );
    for path in ["/", "/moves"] {
        let options = json!({ "url": own.url(path), "headers": { "X-Token": TOKEN } });
        let text = api.pdf(options).await.text();
        assert!(text.contains("Arrived elsewhere"), "{text}");
        assert_eq!(tokens(&own, path), [TOKEN], "{path}");
    }
    assert_eq!(tokens(&other, "/"), ["", ""]);
}

#[tokio::test]
async fn headers_and_credentials_go_together() {
    let (api, site) = (tenant().await, Site::start().await);
    site.on_request("/", |seen, _| {
        if seen.header("authorization") != "Basic dTpw" {
            return Reply::status(401).header("www-authenticate", "Basic realm=x");
        }
        Reply::page(seen.header("x-token"))
    });
    let options = json!({
        "url": site.url("/"), "headers": { "x-token": TOKEN },
        "authentication": { "username": "u", "password": "p" },
    });
    assert!(api.pdf(options).await.text().contains(TOKEN));
}
