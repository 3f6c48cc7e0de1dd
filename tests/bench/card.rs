//! A card painted from layers on one core: its parts, its floor, a whole call, and the same card by
//! satori and resvg-js, turn by turn.
//!
//! The floor is what no painter of this kind is without: painting (the photo decoded inside) and a fast
//! PNG of the same pixels.

mod satori;
mod sketch;

use std::io::Cursor;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use image::RgbImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use platen_tests::{Embedded, Start};
use renderer::models::Models;
use renderer::native::{Files, Fonts, Limits, paint};
use serde_json::Value;

use crate::report;
use crate::sample::Sample;
use satori::Satori;
use sketch::Sketch;

/// Turns of each side.
const TURNS: usize = 60;

/// Turns before them, for caches and just-in-time compilers.
const WARM_UP: usize = 5;

/// What was measured, in milliseconds.
#[derive(Debug, Default)]
pub struct Figures {
    /// Sizes and places.
    pub layout: Sample,
    /// Pixels.
    pub painting: Sample,
    /// The file.
    pub encoding: Sample,
    /// All three.
    pub whole: Sample,
    /// A fast encoder alone.
    pub fast: Sample,
    /// A synchronous request, from its caller's side.
    pub call: Sample,
    /// The other side.
    pub satori: Sample,
    /// Bytes of the file and of that of the fast encoder.
    pub sizes: [usize; 2],
}

/// Measures all sides turn by turn, and prints them.
pub async fn run() -> anyhow::Result<()> {
    let sketch = Sketch::new()?;
    let canvas = sketch.canvas()?;
    let (fonts, models) = (Fonts::load(&[]), Models::default());
    let platen = Embedded::start(Start::closed().variable("PLATEN_LOG", "warn")).await;
    let request = sketch.request();
    let mut satori = Satori::start(&sketch)?;
    let mut figures = Figures::default();
    for turn in 0..WARM_UP + TURNS {
        if turn == WARM_UP {
            figures = Figures::default();
        }
        let started = Instant::now();
        let painted = paint(
            &canvas,
            &Files::default(),
            &fonts,
            &models,
            &Limits::default(),
        )?;
        let (spent, before) = (painted.spent(), started.elapsed());
        let file = painted.encode()?;
        let whole = started.elapsed();
        add(&mut figures.layout, spent.layout);
        add(&mut figures.painting, spent.painting);
        add(&mut figures.encoding, whole - before);
        add(&mut figures.whole, whole);
        let pixels = image::load_from_memory(&file)?.into_rgb8();
        let (took, fast) = fast_png(&pixels)?;
        add(&mut figures.fast, took);
        figures.sizes = [file.len(), fast];
        add(&mut figures.call, call(&platen, &request).await?);
        add(&mut figures.satori, satori.draw().await?);
    }
    report::print_card(&figures);
    Ok(())
}

fn add(sample: &mut Sample, took: Duration) {
    sample.add([took.as_secs_f64() * 1000.0], took);
}

/// How long a fast encoder takes, and how many bytes it makes.
fn fast_png(pixels: &RgbImage) -> anyhow::Result<(Duration, usize)> {
    let started = Instant::now();
    let mut file = Cursor::new(Vec::new());
    let (speed, filter) = (CompressionType::Fast, FilterType::Up);
    pixels.write_with_encoder(PngEncoder::new_with_quality(&mut file, speed, filter))?;
    Ok((started.elapsed(), file.into_inner().len()))
}

async fn call(platen: &Embedded, request: &Value) -> anyhow::Result<Duration> {
    let (api, started) = (platen.api(), Instant::now());
    let answer = api.try_post("/image-generation/v1/generate", request);
    let answer = answer.await.context("the server gave no answer")?;
    let took = started.elapsed();
    anyhow::ensure!(answer.status == 200, "the server answered {answer:?}");
    Ok(took)
}
