//! What is printed: a table, then each aim with what was reached.

use crate::sample::Sample;
use crate::{CLIENTS, accept, card, deliver, pipeline, traces};

/// One side of the comparison: a sample for each number of clients.
pub struct Side {
    name: &'static str,
    samples: Vec<Sample>,
}

impl Side {
    /// Nothing measured yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            samples: vec![Sample::default(); CLIENTS.len()],
        }
    }

    /// The sample at a place of [`CLIENTS`].
    pub fn at(&mut self, place: usize) -> &mut Sample {
        &mut self.samples[place]
    }

    fn p50(&self, place: usize) -> f64 {
        self.samples[place].percentile(0.5)
    }

    fn tail(&self, place: usize) -> f64 {
        self.samples[place].percentile(0.99) / self.p50(place)
    }

    fn best(&self) -> f64 {
        self.samples.iter().map(Sample::rate).fold(0.0, f64::max)
    }
}

/// Prints the table and the ratios.
pub fn print(sides: &[Side; 3]) {
    println!(
        "{:<10} {:>7} {:>6} {:>8} {:>8} {:>8} {:>8}",
        "side", "clients", "docs", "p50 ms", "p90 ms", "p99 ms", "docs/s"
    );
    for (place, clients) in CLIENTS.into_iter().enumerate() {
        for side in sides {
            let sample = &side.samples[place];
            let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| sample.percentile(share));
            println!(
                "{:<10} {clients:>7} {:>6} {p50:>8.1} {p90:>8.1} {p99:>8.1} {:>8.1}",
                side.name,
                sample.documents(),
                sample.rate()
            );
        }
    }
    let [floor, platen, puppeteer] = sides;
    println!("\nratios, both sides of each from this run:");
    ratio(
        "floor p50 / puppeteer p50, 1 client",
        floor.p50(0) / puppeteer.p50(0),
        Aim::AtMost(1.0),
    );
    ratio(
        "platen p50 / floor p50, 1 client",
        platen.p50(0) / floor.p50(0),
        Aim::AtMost(1.3),
    );
    ratio(
        "platen best docs/s / floor best docs/s",
        platen.best() / floor.best(),
        Aim::AtLeast(0.85),
    );
    ratio(
        "(platen p99/p50) / (floor p99/p50), 4 clients",
        platen.tail(2) / floor.tail(2),
        Aim::AtMost(1.5),
    );
}

/// Prints how much the process grew between job 200 and job 1,000.
pub fn print_memory(early_kib: u64, late_kib: u64) {
    let growth = late_kib as f64 / early_kib as f64;
    println!(
        "\nresident memory without browsers: {early_kib} KiB after 200 jobs, {late_kib} KiB after 1,000"
    );
    ratio(
        "memory at job 1,000 / at job 200",
        growth,
        Aim::AtMost(1.05),
    );
}

/// Prints the card: its parts, its floor, and the other side.
pub fn print_card(card: &card::Figures) {
    let p50 = |sample: &Sample| sample.percentile(0.5);
    println!(
        "\ncard of 1200 x 630 pixels to PNG, on one core: p50 of {} turns, ms",
        card.whole.documents()
    );
    for (name, sample) in [
        ("layout", &card.layout),
        ("painting", &card.painting),
        ("encoding", &card.encoding),
        ("whole render", &card.whole),
        ("a fast PNG of the same pixels", &card.fast),
        ("whole synchronous call", &card.call),
        ("satori and resvg-js", &card.satori),
    ] {
        println!("{name:<32} {:>8.1}", p50(sample));
    }
    let [own, fast] = card.sizes.map(|bytes| bytes as f64 / 1024.0);
    println!("file {own:.0} KiB, the fast one {fast:.0} KiB");
    ratio(
        "whole render / (painting + a fast PNG)",
        p50(&card.whole) / (p50(&card.painting) + p50(&card.fast)),
        Aim::AtMost(1.3),
    );
    ratio(
        "satori and resvg-js / whole render",
        p50(&card.satori) / p50(&card.whole),
        Aim::AtLeast(3.0),
    );
}

/// Prints both sides of acceptance.
pub fn print_acceptance(floor: &accept::Side, platen: &accept::Side) {
    println!(
        "\n{:<10} {:>8} {:>10} {:>8} {:>8} {:>20}",
        "acceptance", "requests", "accepts/s", "p50 ms", "p99 ms", "CPU ms/1,000 accepts"
    );
    for (name, side) in [("floor", floor), ("platen", platen)] {
        let sample = side.sample();
        let [p50, p99] = [0.5, 0.99].map(|share| sample.percentile(share));
        println!(
            "{name:<10} {:>8} {:>10.0} {p50:>8.1} {p99:>8.1} {:>20.0}",
            sample.documents(),
            side.rate(),
            side.cpu_per_thousand()
        );
    }
    ratio(
        "platen accepts/s / floor accepts/s",
        platen.rate() / floor.rate(),
        Aim::AtLeast(0.6),
    );
}

/// Prints both sides of delivering.
pub fn print_deliveries(floor: &deliver::Side, platen: &deliver::Side) {
    println!(
        "\n{:<10} {:>10} {:>12} {:>20}",
        "delivering", "deliveries", "deliveries/s", "CPU s/1,000"
    );
    for (name, side) in [("floor", floor), ("platen", platen)] {
        println!(
            "{name:<10} {:>10} {:>12.0} {:>20.2}",
            side.deliveries(),
            side.rate(),
            side.cpu_per_thousand()
        );
    }
    ratio(
        "platen deliveries/s / floor deliveries/s",
        platen.rate() / floor.rate(),
        Aim::AtLeast(0.6),
    );
}

/// Prints the whole way beside its floor.
pub fn print_pipeline(figures: &pipeline::Figures) {
    let mut latencies = figures.latencies.clone();
    latencies.sort_by(f64::total_cmp);
    let p99 = latencies[latencies.len() * 99 / 100];
    let per_thousand = |seconds: f64| seconds * 1000.0 / figures.jobs as f64;
    let jobs = figures.jobs;
    println!("\nwhole way: {jobs} jobs of one pixel, accepted to delivered");
    let rate = |seconds: f64| jobs as f64 / seconds;
    let (own, floor) = (rate(figures.seconds), rate(figures.floor_seconds));
    println!("jobs/s {own:.0}; floor {floor:.0}");
    println!("p99 from answer to webhook {p99:.0} ms");
    println!("told more than once {}, not told 0", figures.duplicates);
    let [gateway, renderer, dispatcher] = figures.cpu.map(per_thousand);
    let floor = per_thousand(figures.floor_cpu);
    println!(
        "CPU s/1,000 jobs: gateway {gateway:.2}, renderer {renderer:.2}, dispatcher {dispatcher:.2}; floor {floor:.2}"
    );
    ratio(
        "CPU of the three services / CPU of the floor",
        (gateway + renderer + dispatcher) / floor,
        Aim::AtMost(2.5),
    );
}

/// Prints what traces cost.
pub fn print_traces(plain: &traces::Side, traced: &traces::Side) {
    println!(
        "\n{:<10} {:>12} {:>16}",
        "traces", "pictures/s", "CPU ms/picture"
    );
    for (name, side) in [("none", plain), ("all", traced)] {
        println!("{name:<10} {:>12.0} {:>16.2}", side.rate(), side.cpu());
    }
    ratio(
        "pictures/s with traces / without",
        traced.rate() / plain.rate(),
        Aim::AtLeast(0.9),
    );
    ratio(
        "CPU with traces / without",
        traced.cpu() / plain.cpu(),
        Aim::AtMost(1.1),
    );
}

enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

fn ratio(what: &str, value: f64, aim: Aim) {
    let (reached, words) = match aim {
        Aim::AtMost(bound) => (value <= bound, format!("at most {bound}")),
        Aim::AtLeast(bound) => (value >= bound, format!("at least {bound}")),
    };
    println!(
        "{what:<48} {value:>6.2}   aim: {words:<13} {}",
        if reached { "reached" } else { "MISSED" }
    );
}
