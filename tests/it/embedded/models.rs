//! Models in one process: one option is enough, and a wrong file ends the start.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use platen_tests::*;
use serde_json::json;

/// A white square: all of it is subject.
const WHITE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#fff"/></svg>"##;

#[tokio::test]
async fn a_folder_of_models_switches_on_what_needs_them() {
    let start = Start::closed().models();
    let platen = Embedded::start(start.variable("PLATEN_LANES", "native")).await;
    let body = json!({
        "dimensions": { "width_in_px": 64, "height_in_px": 64 },
        "layers": [{ "index": 0, "type": "image", "should_remove_background": true,
                     "file": { "type": "base64", "name": "a.svg", "base64": STANDARD.encode(WHITE) } }],
    });
    let answer = platen
        .api()
        .post("/image-generation/v1/generate", &body)
        .await
        .expect(200)
        .json();
    let buffer = api::text(&answer["data"], "buffer");
    let picture = Picture::decode(&STANDARD.decode(buffer).expect("standard base64"));
    assert_eq!(picture.at(32, 32), [255; 4]);
}

#[tokio::test]
async fn a_wrong_model_ends_the_start_and_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let faces = concat!(env!("CARGO_MANIFEST_DIR"), "/models/faces.onnx");
    let wrong = folder.path().join("background.onnx");
    std::fs::copy(faces, &wrong).expect("it can be copied");
    let mut command = embedded::serve(folder.path(), "127.0.0.1:0");
    command
        .env("PLATEN_LANES", "native")
        .env("PLATEN_MODEL_DIR", folder.path());
    let mut command = tokio::process::Command::from(command);
    let ended = within("the end of its start", command.kill_on_drop(true).output())
        .await
        .expect("it can be run");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    for part in [
        wrong.to_str().expect("a path in UTF-8"),
        "its first output is [1, 48, 2]",
        "it must be a model with one input [1, 3, height, width]",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(ended.stdout.is_empty(), "no ready line");
}
