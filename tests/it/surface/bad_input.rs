//! Wrong requests: each gets its status and a message that names the field; none is charged or stored.

use hyper::Method;
use platen_tests::html::encoded;
use platen_tests::*;
use serde_json::{Value, json};

/// A wrong request: where it goes, what is wrong, and the words that the message has to hold.
type Case = (&'static str, Value, &'static str);

/// Sends every case, and insists on 400, on the words, and on no trace.
async fn check(cases: Vec<Case>) {
    let api = tenant().await;
    let mut wrong = Vec::new();
    for (path, options, words) in cases {
        let answer = api.post(path, &options).await;
        let message = serde_json::from_slice::<Value>(&answer.body)
            .ok()
            .and_then(|body| Some(body["message"].as_str()?.to_owned()))
            .unwrap_or_default();
        if answer.status != 400 || !message.contains(words) {
            wrong.push(format!(
                "{path} {options}: {} `{message}`, not 400 with `{words}`",
                answer.status
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_no_trace(&api).await;
}

async fn assert_no_trace(api: &Tenant) {
    assert_eq!(api.credit().await, Tenant::CREDIT, "nothing is charged");
    assert_eq!(
        api.get("/v2/jobs").await.expect(200).json(),
        json!([]),
        "no job is stored"
    );
    assert_eq!(
        api.get("/v2/assets").await.expect(200).json(),
        json!([]),
        "no asset is stored"
    );
}

/// Cases for one conversion, each a valid request with one wrong field, which the message names.
fn fields(path: &'static str, wrong: Vec<(&'static str, Value)>) -> Vec<Case> {
    let valid = if path.contains("/url/") {
        json!({ "url": "http://127.0.0.1:9/" })
    } else {
        json!({ "html": html("Words") })
    };
    let case = |(field, value): (&'static str, Value)| {
        let mut options = valid.clone();
        options[field] = value;
        (path, options, field)
    };
    wrong.into_iter().map(case).collect()
}

#[tokio::test]
async fn sources() {
    let (html, url) = (html("Words"), "http://127.0.0.1:9/");
    let mut cases = vec![
        ("/v2/html/pdf", json!({}), "html"),
        ("/v2/html/image", json!({ "url": url }), "html"),
        ("/v2/html/pdf", json!({ "html": html, "url": url }), "url"),
        ("/v2/url/pdf", json!({ "html": html, "url": url }), "html"),
        ("/v2/url/pdf", json!({}), "url"),
        ("/v1/url/image", json!({}), "url"),
    ];
    cases.extend(fields(
        "/v2/html/pdf",
        vec![
            ("html", json!("<p>plain</p>")),
            ("html", json!("")),
            ("html", json!(5)),
            ("html", json!(null)),
            ("html", json!("YWJj!")),
        ],
    ));
    let addresses = [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "chrome://version",
        "view-source:http://127.0.0.1/",
        "data:text/html,x",
        "about:blank",
        "devtools://devtools",
        "nonsense",
        "//127.0.0.1/",
        "",
        "http://",
        "blob:http://127.0.0.1/x",
    ];
    cases.extend(fields(
        "/v2/url/pdf",
        addresses.map(|address| ("url", json!(address))).into(),
    ));
    cases.extend(fields(
        "/v2/url/pdf",
        vec![("url", json!(7)), ("url", json!(["http://127.0.0.1/"]))],
    ));
    check(cases).await;
}

#[tokio::test]
async fn the_base_group() {
    check(fields(
        "/v2/html/pdf",
        vec![
            ("timeout", json!(-1)),
            ("timeout", json!(0)),
            ("timeout", json!(999)),
            ("timeout", json!(300_001)),
            ("timeout", json!("soon")),
            ("delay", json!(-1)),
            ("delay", json!("long")),
            ("async", json!("perhaps")),
            ("async", json!(1)),
            ("inline", json!("perhaps")),
            ("storage", json!(5)),
            ("storage", json!(false)),
            ("name", json!("a\r\nb")),
            ("name", json!(5)),
            ("name", json!("x".repeat(5000))),
            ("filename", json!("../secret.pdf")),
            ("filename", json!("a\r\nSet-Cookie: x.pdf")),
            ("filename", json!(5)),
            ("filename", json!("x".repeat(5000))),
            ("projectId", json!(5)),
            ("webhook", json!("nonsense")),
            ("webhook", json!(5)),
            ("webhook", json!("http://1.1.1.1/")),
        ],
    ))
    .await;
}

#[tokio::test]
async fn the_url_group() {
    check(fields(
        "/v2/url/pdf",
        vec![
            ("authentication", json!({ "username": "reader" })),
            ("authentication", json!({ "username": "", "password": "x" })),
            ("authentication", json!("reader:x")),
            ("cookies", json!("a=b")),
            ("cookies", json!([{ "name": "a" }])),
            ("cookies", json!([{ "name": "", "value": "b" }])),
            ("cookies", json!([{ "name": "a\r\nb", "value": "c" }])),
            (
                "cookies",
                json!([{ "name": "a", "value": "b", "sameSite": "Sometimes" }]),
            ),
        ],
    ))
    .await;
}

#[tokio::test]
async fn the_browser_group() {
    check(fields(
        "/v2/html/pdf",
        vec![
            ("waitUntil", json!("soon")),
            ("waitUntil", json!(1)),
            ("waitForSelector", json!("#a")),
            ("waitForSelector", json!({ "selector": "" })),
            ("waitForSelector", json!({ "options": {} })),
            (
                "waitForSelector",
                json!({ "selector": "#a", "options": { "visible": true, "hidden": true } }),
            ),
            (
                "waitForSelector",
                json!({ "selector": "#a", "options": { "timeout": -1 } }),
            ),
            ("waitForFrame", json!("yes")),
            ("waitForFrameNavigation", json!("soon")),
            ("waitForFrameSelector", json!({})),
            ("autoScroll", json!("down")),
            ("timeZone", json!("Mars/Olympus")),
            ("timeZone", json!(1)),
            ("emulateMediaType", json!("tv")),
            ("viewPort", json!({ "width": 100 })),
            ("viewPort", json!({ "width": 0, "height": 100 })),
            ("viewPort", json!({ "width": 100_000, "height": 100 })),
            (
                "viewPort",
                json!({ "width": 100, "height": 100, "deviceScaleFactor": 0 }),
            ),
            (
                "viewPort",
                json!({ "width": 9000, "height": 9000, "deviceScaleFactor": 5 }),
            ),
            ("viewPort", json!("800x600")),
        ],
    ))
    .await;
}

#[tokio::test]
async fn the_pdf_group() {
    let hostile = [
        "<style>@import url(http://127.0.0.1/a.css)</style>",
        "<link rel=stylesheet href=http://127.0.0.1/a.css>",
        "<script>alert(1)</script>",
    ];
    let mut cases = fields(
        "/v2/html/pdf",
        vec![
            ("format", json!("b7")),
            ("format", json!(4)),
            ("width", json!("-5px")),
            ("width", json!(0)),
            ("height", json!("5 furlongs")),
            ("height", json!([])),
            ("margin", json!({ "top": "wide" })),
            ("margin", json!({ "left": -1 })),
            ("margin", json!("1in")),
            ("margin", json!({ "top": "9in", "bottom": "9in" })),
            ("scale", json!(0)),
            ("scale", json!(2.1)),
            ("scale", json!("big")),
            ("landscape", json!("yes")),
            ("printBackground", json!("yes")),
            ("pageRanges", json!("9-2")),
            ("pageRanges", json!("one")),
            ("pageRanges", json!("0")),
            ("pageRanges", json!("1,,2")),
            ("pageRanges", json!(3)),
            ("headerTemplate", json!({})),
            ("headerTemplate", json!("<p>")),
            ("headerTemplate", json!({ "method": "extract" })),
            (
                "headerTemplate",
                json!({ "method": "guess", "template": "x" }),
            ),
            (
                "footerTemplate",
                json!({ "template": "x", "style": { "color": "red; background: url(http://127.0.0.1/)" } }),
            ),
            (
                "footerTemplate",
                json!({ "template": "x", "style": "bold" }),
            ),
            ("generatePreview", json!("yes")),
            ("generatePreview", json!({ "type": "bmp", "width": 10 })),
            ("generatePreview", json!({ "width": 0 })),
            ("generatePreview", json!({ "width": 10, "quality": 101 })),
        ],
    );
    for template in hostile {
        cases.extend(fields(
            "/v2/html/pdf",
            vec![
                ("headerTemplate", json!({ "template": template })),
                ("footerTemplate", json!({ "template": template })),
            ],
        ));
    }
    check(cases).await;
}

#[tokio::test]
async fn the_image_group() {
    check(fields(
        "/v2/html/image",
        vec![
            ("imageType", json!("gif")),
            ("imageType", json!(1)),
            ("quality", json!(101)),
            ("quality", json!(-1)),
            ("quality", json!("high")),
            ("trim", json!("yes")),
            ("transparent", json!(1)),
        ],
    ))
    .await;
}

#[tokio::test]
async fn bodies_that_are_no_json_object() {
    let api = tenant().await;
    for body in [
        "",
        "{",
        "{\"html\":",
        "[]",
        "\"html\"",
        "5",
        "null",
        "{\"html\":\"QQ==\"}}",
        "\u{0}",
        "{\"html\":\"QQ==\",}",
    ] {
        let answer = api
            .send(Method::POST, "/v2/html/pdf", &[], body.to_owned().into())
            .await
            .expect(400);
        assert!(
            answer.message().contains("JSON"),
            "`{body}`: {}",
            answer.message()
        );
        assert_eq!(answer.json()["statusCode"], 400, "`{body}`");
    }
    let not_text = api
        .send(
            Method::POST,
            "/v2/html/pdf",
            &[],
            vec![b'{', 0xff, b'}'].into(),
        )
        .await;
    assert_eq!(not_text.status, 400);
    assert_no_trace(&api).await;
}

#[tokio::test]
async fn a_document_of_11_megabytes_is_413() {
    let api = tenant().await;
    let answer = api
        .post(
            "/v2/html/pdf",
            &json!({ "html": encoded(&"x".repeat(11_000_000)) }),
        )
        .await
        .expect(413);
    assert!(answer.message().contains("html"), "{}", answer.message());
    let endless = api
        .send(
            Method::POST,
            "/v2/html/pdf",
            &[],
            vec![b' '; 20_000_000].into(),
        )
        .await
        .expect(413);
    assert_eq!(endless.json()["statusCode"], 413);
    assert_no_trace(&api).await;
}
