//! Pictures of the whole page, and of one element.

use platen_tests::*;
use serde_json::{Value, json};

/// A page of 800 × 3000 pixels whose last 100 are blue, with a red box and a lazy green picture far down.
const LONG: &str = "<div style='height:2000px'></div>
    <div id=box style='position:absolute;left:100px;top:2100px;width:120px;height:80px;background:#ff0000'></div>
    <img loading=lazy style='position:absolute;left:300px;top:2500px' src=/green.svg>
    <div style='height:900px'></div><div style='height:100px;background:#0000ff'></div>";

async fn site() -> Site {
    let site = Site::start().await;
    site.page("/", LONG).reply("/green.svg", Reply::picture());
    site
}

async fn refused(api: &Api, options: Value) -> String {
    let failed = api.fail("/v2/html/image", options).await;
    api::text(&failed, "message")
}

#[tokio::test]
async fn a_full_page_is_in_the_picture_to_its_end_with_what_loads_on_sight() {
    let (api, site) = (tenant().await, site().await);
    let picture = api
        .picture(json!({ "url": site.url("/"), "fullPage": true }))
        .await;
    assert_eq!(picture.size(), (800, 3000));
    assert!(picture::is_near(picture.at(400, 2990), [0, 0, 255]));
    assert!(picture::is_near(picture.at(110, 2110), [255, 0, 0]));
    assert!(picture::is_near(picture.at(310, 2510), [0, 255, 0]));
    let short = api
        .picture(json!({ "html": html("<p>Short"), "fullPage": true }))
        .await;
    assert_eq!(short.size(), (800, 600), "no less than the window");
    let doubled = json!({ "width": 400, "height": 300, "deviceScaleFactor": 2 });
    let doubled =
        json!({ "url": site.url("/"), "fullPage": true, "viewPort": doubled, "imageType": "webp" });
    assert_eq!(api.picture(doubled).await.size().1, 6000);
}

#[tokio::test]
async fn an_element_is_the_picture_wherever_it_stands() {
    let (api, site) = (tenant().await, site().await);
    let element = async |more: Value| {
        let options = api::with(more, "url", json!(site.url("/")));
        api.picture(api::with(options, "selector", json!("#box")))
            .await
    };
    let plain = element(json!({})).await;
    assert_eq!(plain.size(), (120, 80));
    for (x, y) in [(0, 0), (119, 79)] {
        assert!(picture::is_near(plain.at(x, y), [255, 0, 0]), "{x} {y}");
    }
    let viewport = json!({ "width": 500, "height": 300, "deviceScaleFactor": 2 });
    assert_eq!(
        element(json!({ "viewPort": viewport })).await.size(),
        (240, 160)
    );
    let lazy = json!({ "url": site.url("/"), "selector": "img" });
    assert!(
        api.picture(lazy).await.has([0, 255, 0]),
        "it loads what is in it"
    );
}

#[tokio::test]
async fn trim_cuts_the_border_of_a_page_and_of_an_element() {
    let api = tenant().await;
    let body = "<div id=frame style='padding:30px;margin-top:900px'><div style='width:50px;height:40px;background:#ff0000'></div></div>";
    for area in [json!({ "fullPage": true }), json!({ "selector": "#frame" })] {
        let options = api::with(api::with(area, "html", html(body)), "trim", json!(true));
        let picture = api.picture(options).await;
        assert_eq!(picture.size(), (50, 40));
        assert!(picture::is_near(picture.at(49, 39), [255, 0, 0]));
    }
}

#[tokio::test]
async fn what_is_too_large_or_not_there_is_named() {
    let api = tenant().await;
    let tall = html("<div style='height:20000px'>");
    let message = refused(&api, json!({ "html": tall, "fullPage": true })).await;
    for words in ["Rendering: ", "800 × 20000", "16384"] {
        assert!(message.contains(words), "{message}");
    }
    for (selector, words) in [
        ("#none", "matches no element"),
        ("p", "has no size"),
        ("a[", "not a CSS selector"),
    ] {
        let body = html("<p style='display:none'>x");
        let message = refused(&api, json!({ "html": body, "selector": selector })).await;
        assert!(
            message.contains(words) && message.contains(selector),
            "{message}"
        );
    }
}
