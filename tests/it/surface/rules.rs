//! What makes a job fail by the caller's own rules.

use platen_tests::*;
use serde_json::{Value, json};

async fn site() -> Site {
    let site = Site::start().await;
    site.page("/fine", "Fine")
        .page("/lacks", "Lacks <img src=/nothing.svg?secret=1>")
        .page(
            "/complains",
            "Complains <script>console.error('it is broken')</script>",
        )
        .page("/throws", "Throws <script>nothing.at.all</script>")
        .reply("/missing", Reply::page("Missing").with_status(404))
        .reply("/broken", Reply::page("Broken").with_status(500));
    site
}

#[tokio::test]
async fn each_rule_fails_what_it_names_and_nothing_else() {
    let (api, site) = (tenant().await, site().await);
    let kinds = ["mainStatus", "failedResources", "consoleErrors"];
    for (path, rule, words) in [
        ("/fine", "", ["", ""]),
        ("/missing", "mainStatus", ["Navigation: 127.0.0.1", "404"]),
        ("/broken", "mainStatus", ["Navigation: ", "500"]),
        ("/lacks", "failedResources", ["/nothing.svg?…", "404"]),
        (
            "/complains",
            "consoleErrors",
            ["/complains", "it is broken"],
        ),
        (
            "/throws",
            "consoleErrors",
            ["/throws", "nothing is not defined"],
        ),
    ] {
        let others: Vec<&str> = kinds.into_iter().filter(|kind| *kind != rule).collect();
        let options = json!({ "url": site.url(path), "failOn": others });
        api.convert("/v2/url/pdf", options).await;
        if rule.is_empty() {
            continue;
        }
        let options = json!({ "url": site.url(path), "failOn": kinds });
        let failed = api.fail("/v2/url/image", options).await;
        let message = api::text(&failed, "message");
        for words in words
            .into_iter()
            .chain([format!("failOn: {rule}").as_str()])
        {
            assert!(message.contains(words), "{path}: {message}");
        }
    }
    assert_eq!(
        api.credit().await,
        Tenant::CREDIT - 6.0,
        "failures are refunded"
    );
}

#[tokio::test]
async fn a_document_is_held_to_its_resources_and_its_console() {
    let (api, site) = (tenant().await, site().await);
    let fails = async |body: &str, rules: Value| {
        let failed = api
            .fail(
                "/v2/html/pdf",
                json!({ "html": html(body), "failOn": rules }),
            )
            .await;
        api::text(&failed, "message")
    };
    let picture = format!("<img src={}>", site.url("/missing"));
    let message = fails(&picture, json!(["mainStatus", "failedResources"])).await;
    // The browser tells the status by another way than the end, and now and then after it.
    let told = [
        "answered with the status 404",
        "was not loaded: net::ERR_BLOCKED_BY_ORB",
    ];
    let told = told.map(|words| message.contains(&format!("/missing {words}")));
    assert!(told.contains(&true), "{message}");
    let message = fails(
        "<img src=http://10.0.0.1/x.png>",
        json!(["failedResources"]),
    )
    .await;
    assert!(message.contains("10.0.0.1"), "{message}");
    let message = fails(
        "<script>throw new Error('so be it')</script>",
        json!(["consoleErrors"]),
    )
    .await;
    assert!(message.contains("so be it"), "{message}");
    api.pdf(json!({ "html": html("Fine"), "failOn": ["mainStatus", "failedResources", "consoleErrors"] }))
        .await;
}
