//! The benchmark: the same invoice through the bare session, through Platen, and through
//! puppeteer-core, in one run, turn by turn, so that a noisy moment meets all of them. Then a card painted
//! from layers, by Platen and by satori; how many requests are accepted, and webhooks delivered, a second;
//! and what traces cost. `bench render`, `bench card`, `bench accept`, `bench deliver`, `bench pipeline`
//! and `bench traces` run one of them.

mod accept;
mod card;
mod clients;
mod counter;
mod deliver;
mod floor;
mod invoice;
mod node;
mod pipeline;
mod puppeteer;
mod report;
mod sample;
mod service;
mod traces;

use std::fs;

use floor::Floor;
use puppeteer::Puppeteer;
use report::Side;
use service::Service;

/// How many callers, or pages, at a time.
pub const CLIENTS: [usize; 4] = [1, 2, 4, 8];

/// Turns per side and number of clients.
const TURNS: usize = 6;

/// Documents of one turn.
const DOCUMENTS: usize = 24;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => {
            render().await?;
            card::run().await?;
            accept::run().await?;
            deliver::run().await?;
            pipeline::run().await?;
            traces::run().await
        }
        Some("render") => render().await,
        Some("card") => card::run().await,
        Some("accept") => accept::run().await,
        Some("deliver") => deliver::run().await,
        Some("pipeline") => pipeline::run().await,
        Some("traces") => traces::run().await,
        Some(other) => {
            anyhow::bail!(
                "there is no benchmark {other}: say render, card, accept, deliver, pipeline or traces"
            )
        }
    }
}

async fn render() -> anyhow::Result<()> {
    let html = invoice::html();
    let service = Service::start().await?;
    let floor = Floor::start().await?;
    let mut puppeteer = Puppeteer::start(&floor.binary())?;
    let mut sides = [
        Side::new("floor"),
        Side::new("platen"),
        Side::new("puppeteer"),
    ];

    // Fonts, caches and just-in-time compilers warm up outside of the figures.
    let mut unused = sample::Sample::default();
    floor.round(&html, 2, 10, &mut unused).await?;
    service.round(&html, 2, 10, &mut unused).await?;
    puppeteer.round(&html, 2, 10, &mut unused).await?;

    for _ in 0..TURNS {
        for (place, clients) in CLIENTS.into_iter().enumerate() {
            let [bare, platen, other] = &mut sides;
            floor
                .round(&html, clients, DOCUMENTS, bare.at(place))
                .await?;
            service
                .round(&html, clients, DOCUMENTS, platen.at(place))
                .await?;
            puppeteer
                .round(&html, clients, DOCUMENTS, other.at(place))
                .await?;
        }
    }
    report::print(&sides);
    drop(puppeteer);
    grow(&html).await
}

/// Resident memory after 200 and after 1,000 jobs of one process.
async fn grow(html: &str) -> anyhow::Result<()> {
    let service = Service::start().await?;
    let mut unused = sample::Sample::default();
    service.round(html, 4, 200, &mut unused).await?;
    let early = service.memory_kib()?;
    service.round(html, 4, 800, &mut unused).await?;
    let late = service.memory_kib()?;
    report::print_memory(early, late);
    Ok(())
}

/// Whether the browser's own sandbox can't work.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}
