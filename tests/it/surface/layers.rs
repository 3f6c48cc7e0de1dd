//! Pictures from layers, in the second dialect, by the real server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platen_tests::*;
use serde_json::{Value, json};

const PATH: &str = "/image-generation/v1/generate";

/// The seed's card in its old spelling, with a code to read back.
fn card() -> Value {
    json!({
        "dimensions": { "width": 600, "height": 315 },
        "layers": [
            { "index": 2, "type": "qr-code", "value": "https://example.com/tickets/42",
              "foreground_hex_color": "#000000", "background_hex_color": "#ffffff",
              "position": { "x": 400, "y": 100 }, "dimensions": { "width": 180, "height": 180 } },
            { "index": 0, "type": "solid-color-background", "hex_color": "#1a1a2e" },
            { "index": 1, "type": "text", "text": "Hello **World**", "font_name": "Helvetica",
              "font_weight": "Bold", "font_size_in_px": 48, "text_color": "#ffffff",
              "position": { "x": 40, "y": 40 }, "dimensions": { "width": 340, "height": 120 } },
        ],
    })
}

fn decoded(data: &Value) -> Picture {
    let buffer = data["buffer"].as_str().expect("a buffer");
    Picture::decode(&STANDARD.decode(buffer).expect("standard base64"))
}

fn assert_card(data: &Value) {
    assert_eq!(data["mime_type"], "image/png");
    let card = decoded(data);
    assert_eq!(card.size(), (600, 315));
    assert_eq!(card.at(0, 0), [0x1a, 0x1a, 0x2e, 255]);
    assert_eq!(card.at(599, 314), [0x1a, 0x1a, 0x2e, 255]);
    let white_in_text = (40..380)
        .flat_map(|x| (40..160).map(move |y| (x, y)))
        .filter(|&(x, y)| card.at(x, y) == [255; 4])
        .count();
    assert!(white_in_text > 200, "text: {white_in_text} white pixels");
    assert_eq!(
        card.code().expect("the code reads back"),
        "https://example.com/tickets/42"
    );
}

#[tokio::test]
async fn a_card_is_painted_while_its_caller_waits() {
    let api = tenant().await;
    let answer = api.post(PATH, &card()).await.expect(200).json();
    assert_eq!(answer["success"], true);
    assert_card(&answer["data"]);
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
    let me = api.get("/v1/me").await.expect(200).json();
    assert_eq!(me["data"]["credits"], Tenant::CREDIT - 1.0);
}

#[tokio::test]
async fn a_card_goes_to_a_webhook_in_the_envelope() {
    let (api, receiver) = (tenant().await, Receiver::start().await);
    let body = api::with(card(), "webhook_url", json!(receiver.url()));
    let answer = api
        .post("/image-generation/v1/render", &body)
        .await
        .expect(201);
    assert_eq!(
        (&answer.json()["success"], &answer.json()["async"]),
        (&json!(true), &json!(true))
    );
    let payload = &receiver.payloads(1).await[0];
    assert_eq!(
        (&payload["success"], &payload["api"]),
        (&json!(true), &json!("image_generation"))
    );
    assert_card(&payload["data"]);
}

#[tokio::test]
async fn a_file_is_fetched_from_its_address() {
    let (api, site) = (tenant().await, Site::start().await);
    site.reply("/logo.png", Reply::picture());
    let body = json!({
        "dimensions": { "width_in_px": 40, "height_in_px": 40 },
        "layers": [
            { "index": 0, "type": "solid-color", "hex_color": "#ffffff" },
            { "index": 1, "type": "image", "file": { "type": "url", "url": site.url("/logo.png") } },
        ],
        "output_format": "webp",
    });
    let answer = api.post(PATH, &body).await.expect(200).json();
    assert_eq!(answer["data"]["mime_type"], "image/webp");
    let painted = decoded(&answer["data"]);
    assert_eq!(painted.size(), (40, 40));
    assert!(picture::is_near(painted.at(20, 20), [0, 255, 0]));
    assert_eq!(site.seen("/logo.png").len(), 1);
}

#[tokio::test]
async fn a_host_says_by_its_robots_txt_which_pictures_are_not_fetched() {
    let (api, site, failing) = (tenant().await, Site::start().await, Site::start().await);
    let rules = "User-agent: platen\nDisallow: /private/\n\nUser-agent: *\nDisallow: /\n";
    site.reply("/robots.txt", Reply::new("text/plain", rules));
    site.reply("/away", Reply::redirect("/private/logo.png"));
    failing.reply("/robots.txt", Reply::status(503));
    for path in ["/logo.png", "/private/logo.png"] {
        site.reply(path, Reply::picture());
        failing.reply(path, Reply::picture());
    }
    let with_file = |url: String| {
        json!({
            "dimensions": { "width_in_px": 40, "height_in_px": 40 },
            "layers": [{ "index": 0, "type": "image", "file": { "type": "url", "url": url } }],
        })
    };
    for (url, words) in [
        (
            site.url("/private/logo.png"),
            "its host forbids it to platen",
        ),
        (site.url("/away"), "its host forbids it to platen"),
        (failing.url("/logo.png"), "(it answered 503)"),
    ] {
        let answer = api.post(PATH, &with_file(url)).await.expect(400).json();
        let error = api::text(&answer, "error");
        let field = "layers[0].file.url could not be fetched: the robots.txt of ";
        assert!(error.starts_with(field) && error.contains(words), "{error}");
    }
    let answer = api.post(PATH, &with_file(site.url("/logo.png"))).await;
    answer.expect(200);
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
    let counts = ["/robots.txt", "/private/logo.png", "/logo.png"].map(|path| site.count(path));
    assert_eq!(counts, [1, 0, 1], "asked once, remembered, and obeyed");
    assert_eq!(failing.count("/logo.png"), 0);
}

#[tokio::test]
async fn failures_are_told_in_the_envelope_and_refunded() {
    let (api, site, receiver) = (tenant().await, Site::start().await, Receiver::start().await);
    site.reply("/text.png", Reply::new("text/plain", "no picture"));
    let with_file = |url: String| {
        json!({
            "dimensions": { "width_in_px": 40, "height_in_px": 40 },
            "layers": [{ "index": 0, "type": "image", "file": { "type": "url", "url": url } }],
        })
    };
    for (url, status, words) in [
        (site.url("/text.png"), 422, "layers[0].file must be a PNG"),
        (
            site.url("/missing.png"),
            400,
            "layers[0].file.url could not be fetched",
        ),
        (
            "https://169.254.169.254/x".to_owned(),
            400,
            "layers[0].file.url names a link-local or metadata address",
        ),
    ] {
        let answer = api.post(PATH, &with_file(url)).await.expect(status).json();
        assert_eq!(answer["success"], false);
        let error = api::text(&answer, "error");
        assert!(error.starts_with(words), "{error}");
    }
    let empty = json!({ "dimensions": { "width": 5, "height": 5 }, "layers": [] });
    let answer = api.post(PATH, &empty).await.expect(400).json();
    let expected = json!({ "success": false, "error": "layers must be a non-empty list" });
    assert_eq!(answer, expected);
    let body = api::with(
        with_file(site.url("/text.png")),
        "webhook_url",
        json!(receiver.url()),
    );
    api.post(PATH, &body).await.expect(201);
    let payload = &receiver.payloads(1).await[0];
    assert_eq!(
        (&payload["success"], &payload["api"]),
        (&json!(false), &json!("image_generation"))
    );
    let message = api::text(&payload["error"], "message");
    assert!(message.starts_with("layers[0].file must be"), "{message}");
    assert_eq!(api.credit().await, Tenant::CREDIT);
}

/// An SVG that fills its box, in an image layer.
fn drawing(inside: &str) -> Value {
    let svg =
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">{inside}</svg>"#);
    json!({
        "dimensions": { "width": 60, "height": 60 },
        "layers": [{ "index": 0, "type": "image",
                     "file": { "type": "base64", "name": "a.svg", "base64": STANDARD.encode(svg) } }],
    })
}

#[tokio::test]
async fn a_drawing_is_painted_and_one_without_bounds_fails_alone() {
    let api = tenant().await;
    let good = drawing(
        r##"<rect width="60" height="30" fill="#00ff00"/><text y="56" font-size="30">WW</text>"##,
    );
    let endless = r#"<pattern id="p" patternUnits="userSpaceOnUse" width="4e8" height="1e8"><rect width="9" height="9"/></pattern><rect width="60" height="60" fill="url(#p)"/>"#;
    let round = r#"<mask id="a"><rect width="9" height="9" mask="url(#b)"/></mask><mask id="b"><rect width="9" height="9" mask="url(#c)"/></mask><mask id="c"><rect width="9" height="9" mask="url(#a)"/></mask><rect width="60" height="60" mask="url(#a)"/>"#;
    for hostile in [endless, round] {
        let refused = api.post(PATH, &drawing(hostile)).await.expect(422).json();
        assert_eq!(
            refused["error"],
            "layers[0].file must be a simpler SVG image"
        );
    }
    let answer = api.post(PATH, &good).await.expect(200).json();
    let picture = decoded(&answer["data"]);
    assert_eq!(picture.at(30, 15), [0, 255, 0, 255]);
    let black = (0..60).flat_map(|x| (30..60).map(move |y| (x, y)));
    let black = black.filter(|&(x, y)| picture.at(x, y) == [0, 0, 0, 255]);
    assert!(black.count() > 50, "the text is there");
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
}
