//! Delivering over PostgreSQL and RabbitMQ, durable: how many due webhooks a dispatcher sends a second,
//! beside a bare loop of the same statements, publishes and POSTs.

mod floor;

use std::time::Instant;

use common::clock::Clock;
use common::store::Settlement;
use platen_tests::Start;
use platen_tests::process::cpu_time;
use platen_tests::runs::{self, Runs};
use platen_tests::services::{Ground, Services, Size};

use crate::counter::Counter;
use crate::report;

pub use self::floor::Floor as Deliveries;

/// Turns of each side, and deliveries of one turn.
const TURNS: usize = 4;
const DELIVERIES: usize = 2_000;

/// One side's figures.
#[derive(Debug, Default)]
pub struct Side {
    deliveries: usize,
    seconds: f64,
    cpu_seconds: f64,
}

impl Side {
    /// Deliveries a second.
    pub fn rate(&self) -> f64 {
        self.deliveries as f64 / self.seconds
    }

    /// Seconds of processor time for 1,000 deliveries.
    pub fn cpu_per_thousand(&self) -> f64 {
        self.cpu_seconds * 1000.0 / self.deliveries as f64
    }

    /// How many were made.
    pub const fn deliveries(&self) -> usize {
        self.deliveries
    }
}

/// Measures both sides turn by turn, and prints them.
pub async fn run() -> anyhow::Result<()> {
    let size = Size {
        gateways: 1,
        renderers: 0,
        dispatchers: 1,
    };
    let start = Start::open().variable("PLATEN_LOG", "warn");
    let mut services = Services::start(Ground::durable(), size, &start).await;
    let runs = Runs::of(&services).await;
    let counter = Counter::start()?;
    stop(&mut services).await;
    let floor = Deliveries::new(&runs)?;
    let (mut below, mut above) = (Side::default(), Side::default());
    for turn in 0..=TURNS {
        // The first turn warms both up.
        let (mut cold_below, mut cold_above) = (Side::default(), Side::default());
        let (low, high) = if turn == 0 {
            (&mut cold_below, &mut cold_above)
        } else {
            (&mut below, &mut above)
        };
        platen_turn(&mut services, (&runs, &counter), high).await?;
        prepare(&runs, &counter).await?;
        let (started, cpu) = (Instant::now(), own_cpu(&counter));
        floor.deliver(DELIVERIES).await?;
        low.seconds += started.elapsed().as_secs_f64();
        low.cpu_seconds += own_cpu(&counter) - cpu;
        low.deliveries += DELIVERIES;
    }
    report::print_deliveries(&below, &above);
    Ok(())
}

/// The dispatcher delivers what is due at its start.
async fn platen_turn(
    services: &mut Services,
    (runs, counter): (&Runs, &Counter),
    side: &mut Side,
) -> anyhow::Result<()> {
    prepare(runs, counter).await?;
    services.dispatchers[0].launch();
    counter.wait_for(DELIVERIES / 20).await?;
    let dispatcher = services.dispatchers[0].pid();
    let (started, cpu) = (Instant::now(), cpu_time(dispatcher));
    counter.wait_for(DELIVERIES).await?;
    side.seconds += started.elapsed().as_secs_f64();
    side.cpu_seconds += (cpu_time(dispatcher) - cpu).as_secs_f64();
    side.deliveries += DELIVERIES - DELIVERIES / 20;
    stop(services).await;
    Ok(())
}

/// Jobs that have ended, each with a delivery that is due.
async fn prepare(runs: &Runs, counter: &Counter) -> anyhow::Result<()> {
    counter.forget();
    let jobs = (0..DELIVERIES).map(|number| runs.accept(counter.url(number)));
    for job in jobs {
        let completion = runs::failure(job.await);
        let now = Clock::system().now();
        let settled = runs.store.settle(&completion, runs::RETENTION, now).await?;
        anyhow::ensure!(matches!(settled, Settlement::Settled(_)), "it was open");
    }
    Ok(())
}

async fn stop(services: &mut Services) {
    services.dispatchers[0].terminate();
    services.dispatchers[0].ended().await;
}

/// What this process has taken without its endpoints.
fn own_cpu(counter: &Counter) -> f64 {
    cpu_time(std::process::id()).as_secs_f64() - counter.cpu()
}
