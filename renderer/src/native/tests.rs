//! Pictures are painted and then measured: pixels at places, boxes of ink, codes read back.

mod anything;
mod avif;
mod codes;
mod drawings;
mod files;
mod fitting;
mod golden;
mod hostile;
mod layouts;
mod limits;
mod seeing;
mod shapes;
mod texts;

use std::sync::LazyLock;

use common::task::layers::*;
use image::RgbaImage;

use super::*;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::load(&[]));

fn color(text: &str) -> Color {
    text.parse().unwrap()
}

fn px(number: f64) -> Extent {
    number.try_into().unwrap()
}

fn at(layer: Layer, x: f64, y: f64) -> Layer {
    let position = Position {
        x: x.try_into().unwrap(),
        y: y.try_into().unwrap(),
    };
    Layer {
        position: Some(position),
        ..layer
    }
}

fn sized(layer: Layer, width: f64, height: f64) -> Layer {
    let size = LayerSize {
        width: Some(px(width)),
        height: Some(px(height)),
    };
    Layer { size, ..layer }
}

fn boxed(content: Content, x: f64, y: f64, width: f64, height: f64) -> Layer {
    at(sized(Layer::new(content), width, height), x, y)
}

fn solid(hex: &str) -> Content {
    Content::Solid(Solid {
        color: color(hex),
        corners: Corners::default(),
        angled_edges: Vec::new(),
    })
}

fn words(text: &str, size: f64, change: impl FnOnce(&mut Text)) -> Content {
    let mut text = Text::plain(text, size).unwrap();
    change(&mut text);
    Content::Text(text)
}

fn picture(bytes: Vec<u8>) -> Image {
    Image {
        file: FileSource::Inline(Blob(bytes.into())),
        smart_crop: false,
        remove_background: false,
        corners: Corners::default(),
    }
}

fn canvas(width: u32, height: u32, layers: Vec<Layer>) -> Canvas {
    Canvas {
        size: CanvasSize::new(width, height).unwrap(),
        format: PictureFormat::Png,
        layers,
        fonts: Vec::new(),
    }
}

fn file(canvas: &Canvas) -> Result<Vec<u8>, PaintError> {
    file_with(canvas, &Models::default())
}

fn file_with(canvas: &Canvas, models: &Models) -> Result<Vec<u8>, PaintError> {
    let (files, limits) = (Files::default(), Limits::default());
    paint(canvas, &files, &FONTS, models, &limits)?.encode()
}

fn file_within(canvas: &Canvas, limits: &Limits) -> Result<Vec<u8>, PaintError> {
    paint(
        canvas,
        &Files::default(),
        &FONTS,
        &Models::default(),
        limits,
    )?
    .encode()
}

fn painted(canvas: &Canvas) -> RgbaImage {
    let bytes = file(canvas).unwrap();
    image::load_from_memory(&bytes).unwrap().into_rgba8()
}

fn png(image: &RgbaImage) -> Vec<u8> {
    let mut bytes = io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn pixel(image: &RgbaImage, x: u32, y: u32) -> [u8; 4] {
    image.get_pixel(x, y).0
}

/// The columns and rows that hold anything: left, top, right and bottom, the last two exclusive.
fn ink(image: &RgbaImage) -> Option<(u32, u32, u32, u32)> {
    let inked = image
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[3] > 60);
    inked.fold(None, |found, (x, y, _)| {
        let (left, top, right, bottom) = found.unwrap_or((x, y, x + 1, y + 1));
        Some((left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)))
    })
}
