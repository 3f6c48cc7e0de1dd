//! Models that fit are tried and used; those that do not are told apart at the start.

#![expect(clippy::cast_precision_loss, reason = "cells of a made model are few")]

pub(crate) mod made;

use std::path::{Path, PathBuf};

use image::{Rgba, RgbaImage};
use tempfile::TempDir;
use tract_onnx::pb::tensor_proto::DataType;

use self::made::Made;
use super::faces::apart;
use super::*;

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn refused(files: &[(&str, &[u8])]) -> String {
    let folder = folder(files);
    Models::load(folder.path()).unwrap_err().to_string()
}

#[track_caller]
fn assert_says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

/// Models that see what is bright, and what is red.
pub(crate) fn models(names: &[&str]) -> Models {
    let all = [
        (BACKGROUND, made::background(64, 64)),
        (FACES, made::faces()),
    ];
    let chosen = all.iter().filter(|(name, _)| names.contains(name));
    let files: Vec<_> = chosen
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    Models::load(folder(&files).path()).unwrap()
}

#[test]
fn a_mask_says_what_stands_before_the_background() {
    let models = models(&[BACKGROUND]);
    let model = models.background().unwrap();
    assert_eq!(model.size(), (64, 64));
    let picture = RgbaImage::from_fn(64, 64, |x, _| match x {
        0..32 => Rgba([20, 20, 20, 255]),
        32..40 => Rgba([128, 128, 128, 255]),
        // Nothing at all is white.
        40..44 => Rgba([0, 0, 0, 0]),
        _ => Rgba([240, 240, 240, 255]),
    });
    let mask = model.mask(&picture).unwrap();
    let at = |x| mask.get_pixel(x, 30).0[0];
    assert_eq!((at(5), at(42), at(60)), (0, 255, 255));
    assert!((100..160).contains(&at(35)), "{}", at(35));
    assert!(models.faces().is_none());
}

#[test]
fn a_description_says_what_the_input_means_and_how_large_it_is() {
    let open = made::background(0, 0);
    let error = refused(&[(BACKGROUND, &open)]);
    assert_says(&error, &[BACKGROUND, "open", "width and height"]);
    // Twice as bright: what was dark is bright enough.
    let said = br#"{"std":[0.115,0.112,0.113],"width":48,"height":32}"#;
    let folder = folder(&[(BACKGROUND, &open), ("background.json", said)]);
    let models = Models::load(folder.path()).unwrap();
    let model = models.background().unwrap();
    assert_eq!(model.size(), (48, 32));
    let grey = RgbaImage::from_pixel(48, 32, Rgba([170, 170, 170, 255]));
    let mask = model.mask(&grey).unwrap();
    assert_eq!(mask.dimensions(), (48, 32));
    assert_eq!(mask.get_pixel(20, 20).0[0], 255);
}

#[test]
fn wrong_descriptions_say_what_is_wrong() {
    let model = made::background(64, 64);
    for (said, part) in [
        (&br#"{"mean":[1,2]}"#[..], "length 2"),
        (br#"{"means":[0,0,0]}"#, "unknown field `means`"),
        (br#"{"std":[1,0,1]}"#, "`std` must be greater than 0"),
        (br#"{"mean":[1e39,0,0]}"#, "finite"),
        (br#"{"width":64}"#, "together"),
        (br#"{"width":5000,"height":64}"#, "from 16 to 2048"),
        (br#"{"width":32,"height":32}"#, "64 x 64"),
        (&[b' '; 5000], "at most 4096 bytes"),
    ] {
        let error = refused(&[(BACKGROUND, &model), ("background.json", said)]);
        assert_says(&error, &["background.", part]);
    }
}

#[test]
fn faces_are_found_where_they_are_in_the_picture() {
    let models = models(&[FACES]);
    let model = models.faces().unwrap();
    assert_eq!(model.size(), (320, 240));
    // Only half as high as the input: what lies below it is empty.
    let picture = RgbaImage::from_fn(320, 120, |x, y| {
        let face = (80..120).contains(&x) && (40..80).contains(&y);
        Rgba(if face {
            [255, 0, 0, 255]
        } else {
            [90, 120, 90, 255]
        })
    });
    let faces = model.find(&picture).unwrap();
    let [face] = faces.as_slice() else {
        panic!("{faces:?}");
    };
    let near = |share: f64, expected: f64| (share - expected).abs() < 1e-5;
    assert!(
        near(face.left, 80.0 / 320.0) && near(face.right, 120.0 / 320.0),
        "{face:?}"
    );
    assert!(
        near(face.top, 40.0 / 120.0) && near(face.bottom, 80.0 / 120.0),
        "{face:?}"
    );
    let plain = RgbaImage::from_pixel(320, 240, Rgba([200, 150, 120, 255]));
    assert_eq!(model.find(&plain).unwrap(), []);
}

#[test]
fn of_boxes_on_each_other_the_likeliest_is_the_face() {
    let face = |left, right| Face {
        left,
        top: 0.2,
        right,
        bottom: 0.4,
    };
    let likely = vec![
        (0.8, face(0.1, 0.3)),
        (0.9, face(0.12, 0.32)),
        (0.75, face(0.28, 0.5)),
        (0.95, face(0.7, 0.8)),
    ];
    let kept = apart(likely);
    assert_eq!(kept, [face(0.7, 0.8), face(0.12, 0.32), face(0.28, 0.5)]);
}

#[test]
fn what_is_no_model_is_refused_at_the_start() {
    assert_says(&refused(&[]), &["--model-dir", BACKGROUND, FACES]);
    for bytes in [&b"not a model"[..], b"", &made::faces()[..200]] {
        let error = refused(&[(FACES, bytes)]);
        assert_says(&error, &[FACES, "is no ONNX model"]);
    }
    let unknown = Made::of(&[1, 3, 64, 64])
        .node("Wish", &["picture"], "mask", &[])
        .output("mask")
        .bytes();
    assert_says(&refused(&[(BACKGROUND, &unknown)]), &["is no ONNX model"]);
    let headless = Made::of(&[1, 3, 64, 64]).output("mask").bytes();
    assert_says(&refused(&[(BACKGROUND, &headless)]), &["is no ONNX model"]);
}

#[test]
fn a_model_of_another_kind_is_refused_with_what_would_be_right() {
    let pass = |shape: &[i64]| {
        let made = Made::of(shape).node("Sigmoid", &["picture"], "out", &[]);
        made.output("out").bytes()
    };
    for (bytes, part) in [
        (pass(&[1, 3, 64, 64]), "its first output is [1, 3, 64, 64]"),
        (pass(&[1, 1, 64, 64]), "three channels"),
        (pass(&[4, 3, 64, 64]), "one picture"),
        (pass(&[1, 3, 64]), "3 dimensions"),
        (pass(&[1, 3, 8, 8]), "8 x 8"),
        (pass(&[1, 3, 64, 9000]), "9000 x 64"),
        (made::faces(), "its first output is [1, 48, 2]"),
    ] {
        let error = refused(&[(BACKGROUND, &bytes)]);
        assert_says(&error, &[part, "[1, 3, height, width]", "U²-Net"]);
    }
    let error = refused(&[(FACES, &made::background(64, 64))]);
    assert_says(&error, &["it has 1 outputs", "RFB-320"]);
    let halves = Made::of_type(DataType::Float16, &[1, 3, 64, 64])
        .node("Sigmoid", &["picture"], "out", &[])
        .output("out")
        .bytes();
    assert_says(&refused(&[(BACKGROUND, &halves)]), &["32-bit"]);
}

#[test]
fn a_model_that_takes_too_much_memory_is_refused() {
    // 200 planes of 2048 x 2048 numbers.
    let bytes = Made::of(&[1, 3, 2048, 2048])
        .numbers("many", &[200, 3, 1, 1], &[0.01; 600])
        .numbers("one", &[1, 200, 1, 1], &[0.01; 200])
        .node("Conv", &["picture", "many"], "planes", &[])
        .node("Sigmoid", &["planes"], "bent", &[])
        .node("Conv", &["bent", "one"], "mask", &[])
        .output("mask")
        .bytes();
    let error = refused(&[(BACKGROUND, &bytes)]);
    assert_says(&error, &[BACKGROUND, "MiB for each picture", "1024"]);
}

#[test]
fn a_model_whose_inner_sizes_depend_on_the_picture_is_refused() {
    // As many places as the picture has that are not 0; only the largest of what is there goes on.
    let bytes = Made::of(&[1, 3, 64, 64])
        .numbers("weights", &[1, 3, 1, 1], &[0.1; 3])
        .numbers("table", &[64], &[0.0; 64])
        .node("NonZero", &["picture"], "places", &[])
        .node("Gather", &["table", "places"], "found", &[])
        .node("ReduceMax", &["found"], "largest", &[])
        .node("Conv", &["picture", "weights"], "light", &[])
        .node("Add", &["light", "largest"], "mask", &[])
        .output("mask")
        .bytes();
    let error = refused(&[(BACKGROUND, &bytes)]);
    assert_says(&error, &[BACKGROUND, "depends on the picture", "U²-Net"]);
}

/// Where the tests of the public surface find models: `PLATEN_GOLDEN=refresh` writes them anew.
fn for_the_public_tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/models")
}

#[test]
fn the_models_of_the_public_tests_are_those_of_these() {
    for (name, bytes) in [
        (BACKGROUND, made::background(64, 64)),
        (FACES, made::faces()),
    ] {
        let file = for_the_public_tests().join(name);
        if std::env::var_os("PLATEN_GOLDEN").is_some_and(|it| it == "refresh") {
            std::fs::create_dir_all(for_the_public_tests()).unwrap();
            std::fs::write(&file, &bytes).unwrap();
        }
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{}", file.display());
    }
}
