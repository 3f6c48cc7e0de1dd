//! What traces cost: the same small picture by two servers, of which one sends its traces to a collector,
//! turn by turn.

use std::time::Instant;

use platen_tests::collector::Collector;
use platen_tests::process::cpu_time;
use platen_tests::{Embedded, Start};
use serde_json::{Value, json};

use crate::report;
use crate::sample::Sample;

/// Callers at the same time.
const CLIENTS: usize = 4;

/// Turns of each side.
const TURNS: usize = 8;

/// Pictures of one turn.
const PICTURES: usize = 200;

/// A server, and its figures.
pub struct Side {
    platen: Embedded,
    sample: Sample,
    cpu_ms: f64,
}

impl Side {
    async fn start(start: Start) -> Self {
        Self {
            platen: Embedded::start(start.variable("PLATEN_LOG", "warn")).await,
            sample: Sample::default(),
            cpu_ms: 0.0,
        }
    }

    /// Pictures a second.
    pub fn rate(&self) -> f64 {
        self.sample.rate()
    }

    /// Milliseconds of the server's processor time for each picture.
    pub fn cpu(&self) -> f64 {
        self.cpu_ms / self.sample.documents() as f64
    }

    fn cpu_so_far(&self) -> f64 {
        cpu_time(self.platen.pid()).as_secs_f64() * 1000.0
    }

    async fn turn(&mut self) -> anyhow::Result<()> {
        let (before, started) = (self.cpu_so_far(), Instant::now());
        let (api, body) = (self.platen.api(), picture());
        let one = || async {
            let answer = api.try_post("/image-generation/v1/generate", &body).await?;
            anyhow::ensure!(answer.status == 200, "the server answered {answer:?}");
            Ok(())
        };
        let latencies = crate::clients::run(CLIENTS, PICTURES, one).await?;
        self.sample.add(latencies, started.elapsed());
        self.cpu_ms += self.cpu_so_far() - before;
        Ok(())
    }
}

/// Measures both sides turn by turn, and prints them.
pub async fn run() -> anyhow::Result<()> {
    let collector = Collector::start().await;
    let traced = Start::closed().variable("PLATEN_OTLP_ENDPOINT", collector.url());
    let (mut plain, mut traced) = (
        Side::start(Start::closed()).await,
        Side::start(traced).await,
    );
    for side in [&mut plain, &mut traced] {
        // Fonts and caches warm up outside of the figures.
        side.turn().await?;
        (side.sample, side.cpu_ms) = (Sample::default(), 0.0);
    }
    for _ in 0..TURNS {
        plain.turn().await?;
        traced.turn().await?;
    }
    report::print_traces(&plain, &traced);
    let pictures = (TURNS + 1) * PICTURES;
    let spans = collector.spans().len() as f64 / pictures as f64;
    println!("spans that had arrived by then, of each picture {spans:.1}");
    Ok(())
}

fn picture() -> Value {
    json!({
        "dimensions": { "width": 16, "height": 16 },
        "layers": [{ "index": 0, "type": "solid-color-background", "hex_color": "#1a1a2e" }],
    })
}
