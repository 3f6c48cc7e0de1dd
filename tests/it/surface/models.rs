//! Backgrounds that go and faces that stay, by the real server with models made for the tests (see
//! `platen_tests::Start::models`), and without any.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgba, RgbaImage};
use platen_tests::*;
use serde_json::{Value, json};

const PATH: &str = "/image-generation/v1/generate";

fn file(picture: &RgbaImage) -> Value {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("a picture");
    json!({ "type": "base64", "name": "a.png", "base64": STANDARD.encode(bytes.into_inner()) })
}

fn decoded(answer: &Value) -> Picture {
    let buffer = answer["data"]["buffer"].as_str().expect("a buffer");
    Picture::decode(&STANDARD.decode(buffer).expect("standard base64"))
}

/// A bright square on the left of a dark ground, without which it lies on blue.
fn cutout() -> Value {
    let picture = RgbaImage::from_fn(160, 80, |x, y| {
        let subject = (20..60).contains(&x) && (20..60).contains(&y);
        Rgba(if subject {
            [255, 240, 220, 255]
        } else {
            [30, 40, 30, 255]
        })
    });
    json!({
        "dimensions": { "width_in_px": 160, "height_in_px": 80 },
        "layers": [
            { "index": 0, "type": "solid-color", "hex_color": "#0000ff" },
            { "index": 1, "type": "image", "file": file(&picture), "should_remove_background": true },
        ],
    })
}

fn assert_cut_out(picture: &Picture) {
    assert!(picture::is_near(picture.at(40, 40), [255, 240, 220]));
    for (x, y) in [(4, 4), (40, 6), (100, 40), (155, 75)] {
        assert_eq!(picture.at(x, y), [0, 0, 255, 255], "{x} {y}");
    }
}

#[tokio::test]
async fn a_background_is_removed_by_the_operators_model() {
    let api = tenant().await;
    let answer = api.post(PATH, &cutout()).await.expect(200).json();
    assert_cut_out(&decoded(&answer));
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
}

#[tokio::test]
async fn a_smart_crop_keeps_a_face() {
    let api = tenant().await;
    let picture = RgbaImage::from_fn(320, 80, |x, y| {
        let face = (40..80).contains(&x) && (40..80).contains(&y);
        Rgba(match (face, x > 200 && (x / 16 + y / 16) % 2 == 0) {
            (true, _) => [255, 0, 0, 255],
            (false, true) => [230, 200, 170, 255],
            (false, false) => [90, 100, 110, 255],
        })
    });
    let body = json!({
        "dimensions": { "width_in_px": 80, "height_in_px": 80 },
        "layers": [{ "index": 0, "type": "image", "file": file(&picture),
                     "should_use_smart_cropping": true }],
    });
    let answer = api.post(PATH, &body).await.expect(200).json();
    let cropped = decoded(&answer);
    for (x, y) in [(22, 42), (40, 60), (57, 77)] {
        assert!(picture::is_near(cropped.at(x, y), [255, 0, 0]), "{x} {y}");
    }
    assert!(!picture::is_near(cropped.at(10, 60), [255, 0, 0]));
}

#[tokio::test]
async fn without_a_model_nothing_is_charged_and_the_way_to_one_is_told() {
    let api = guarded_tenant().await;
    let answer = api.post(PATH, &cutout()).await.expect(422).json();
    assert_eq!(answer["success"], false);
    let error = api::text(&answer, "error");
    let field = "layers[1].should_remove_background can't be true";
    assert!(error.starts_with(field), "{error}");
    for part in ["--model-dir", "--features models", "nothing was charged"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(api.credit().await, Tenant::CREDIT);
}

/// A gateway that promises more than its renderers can do: the caller is told, and refunded.
#[tokio::test]
async fn a_renderer_without_the_promised_model_says_so() {
    let start = Start::closed()
        .variable("PLATEN_LANES", "native")
        .variable("PLATEN_FEATURES", "models");
    let platen = start.start().await;
    let api = platen.tenant().await;
    let answer = api.post(PATH, &cutout()).await.expect(422).json();
    let error = api::text(&answer, "error");
    let words =
        "layers[1].should_remove_background can't be true: the renderer has no background.onnx";
    assert!(error.starts_with(words), "{error}");
    assert_eq!(api.credit().await, Tenant::CREDIT);
}
