//! Pictures that somebody has looked at: each is painted again and compared as an eye would.
//!
//! `PLATEN_GOLDEN=refresh cargo test -p renderer golden` paints them anew; look at them before you
//! commit them. What differs is written to `platen-golden` in the temporary folder: the approved
//! picture, the painted one, and where they differ, side by side.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "pixels are small numbers, and a list of cases is data"
)]

mod codes;
mod difference;
mod images;
mod layouts;
mod shapes;
mod texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, Rgba};

use self::difference::difference;
use super::*;

/// Canvases by the names of their pictures.
type Cases = Vec<(&'static str, Canvas)>;

/// What deploy/install.sh installs, and nothing that a machine has besides.
static INSTALLED: LazyLock<Fonts> = LazyLock::new(|| {
    let folders = [
        "opentype/inter",
        "opentype/noto",
        "truetype/liberation",
        "truetype/noto",
    ];
    Fonts::load_only(&folders.map(|it| Path::new("/usr/share/fonts").join(it)))
});

/// Most canvases have this size.
const SIZE: (u32, u32) = (240, 160);

/// Where the approved pictures lie: cargo runs tests in the folder of their crate. Where that was when they
/// were compiled says nothing, since a kept build folder serves more than one clone.
fn folder() -> PathBuf {
    PathBuf::from("golden")
}

/// A white canvas.
fn page(layers: Vec<Layer>) -> Canvas {
    sheet(SIZE, layers)
}

/// The same in another size.
fn sheet((width, height): (u32, u32), mut layers: Vec<Layer>) -> Canvas {
    layers.insert(0, Layer::new(solid("#ffffff")));
    canvas(width, height, layers)
}

fn turned(mut layer: Layer, degrees: f64) -> Layer {
    layer.rotation = degrees.try_into().unwrap();
    layer
}

fn faded(mut layer: Layer, percent: f64) -> Layer {
    layer.opacity = percent.try_into().unwrap();
    layer
}

fn write(path: &Path, picture: &RgbaImage) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let picture = DynamicImage::from(picture.clone());
    let opaque = picture
        .as_rgba8()
        .unwrap()
        .pixels()
        .all(|it| it.0[3] == 255);
    let file = std::fs::File::create(path).unwrap();
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    if opaque {
        picture.into_rgb8().write_with_encoder(encoder).unwrap();
    } else {
        picture.write_with_encoder(encoder).unwrap();
    }
}

/// What is wrong with one picture, if anything is.
fn complaint(name: &str, canvas: &Canvas) -> Option<String> {
    let (files, models) = (Files::default(), Models::default());
    let painted = paint(canvas, &files, &INSTALLED, &models, &Limits::default());
    let bytes = painted.and_then(Painted::encode);
    let bytes = bytes.unwrap_or_else(|error| panic!("{name}: {error}"));
    let painted = image::load_from_memory(&bytes).unwrap().into_rgba8();
    let path = folder().join(format!("{name}.png"));
    if std::env::var_os("PLATEN_GOLDEN").is_some_and(|it| it == "refresh") {
        write(&path, &painted);
        return None;
    }
    let Ok(approved) = image::open(&path) else {
        return Some(format!("{name} was never approved"));
    };
    let found = difference(&approved.into_rgba8(), &painted);
    if found.is_invisible() {
        return None;
    }
    let shown = std::env::temp_dir().join(format!("platen-golden/{name}.png"));
    write(&shown, &found.picture);
    Some(format!("{name}: {found}; see {}", shown.display()))
}

fn assert_approved(cases: &Cases) {
    let complaints = cases
        .iter()
        .filter_map(|(name, canvas)| complaint(name, canvas));
    let complaints: Vec<_> = complaints.collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn shapes_look_as_approved() {
    assert_approved(&shapes::cases());
}

#[test]
fn texts_look_as_approved() {
    assert_approved(&texts::cases());
}

#[test]
fn images_look_as_approved() {
    assert_approved(&images::cases());
}

#[test]
fn codes_look_as_approved() {
    assert_approved(&codes::cases());
}

#[test]
fn layouts_look_as_approved() {
    assert_approved(&layouts::cases());
}

#[test]
fn every_golden_picture_has_its_case() {
    let all = [
        shapes::cases(),
        texts::cases(),
        images::cases(),
        codes::cases(),
        layouts::cases(),
    ];
    let names: Vec<String> = all
        .iter()
        .flatten()
        .map(|(name, _)| format!("{name}.png"))
        .collect();
    let cases: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!(cases.len(), names.len(), "a name is used twice");
    let files = std::fs::read_dir(folder()).unwrap();
    let files: BTreeSet<_> = files
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, cases);
}
