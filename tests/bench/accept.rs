//! Acceptance over PostgreSQL and RabbitMQ, durable: how many asynchronous requests a gateway takes a
//! second, beside the same transaction, confirmed publish and mark without any HTTP.

mod floor;
mod gateway;

use std::time::Instant;

use platen_tests::services::{Ground, Services, Size};
use platen_tests::{Start, cli::Cli};

use crate::report;
use crate::sample::Sample;

use self::floor::Floor;
use self::gateway::Gateway;

/// Requests in hand at the same time.
const CLIENTS: usize = 32;

/// Turns of each side.
const TURNS: usize = 8;

/// Requests of one turn.
const REQUESTS: usize = 800;

/// Accounts that the requests come from: those of one account wait for each other's row.
const ACCOUNTS: usize = 8;

/// The document of every request, as the caller sends it.
const HTML: &str = "PGgxPkhlbGxvLCBwYXBlcjwvaDE+";

/// Somebody who pays.
pub struct Payer {
    account: String,
    key: String,
    key_id: String,
}

/// One side's figures.
#[derive(Default)]
pub struct Side {
    sample: Sample,
    cpu_ms: f64,
}

impl Side {
    /// Accepted requests a second.
    pub fn rate(&self) -> f64 {
        self.sample.rate()
    }

    /// Milliseconds of processor time, of the process that accepts, for each 1,000 requests.
    pub fn cpu_per_thousand(&self) -> f64 {
        self.cpu_ms * 1000.0 / self.sample.documents() as f64
    }

    /// What is measured.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }
}

/// Measures both sides turn by turn, and prints them.
pub async fn run() -> anyhow::Result<()> {
    let size = Size {
        gateways: 1,
        renderers: 0,
        dispatchers: 0,
    };
    let start = Start::closed().variable("PLATEN_LOG", "warn");
    let services = Services::start(Ground::durable(), size, &start).await;
    let payers = payers(&services.cli()).await;
    let gateway = Gateway::new(&services, &payers);
    let floor = Floor::connect(services.ground(), &payers).await?;
    let (mut below, mut above) = (Side::default(), Side::default());
    // Connections, plans and caches warm up outside of the figures.
    floor.turn(&mut Side::default()).await?;
    gateway.turn(&mut Side::default()).await?;
    for _ in 0..TURNS {
        floor.turn(&mut below).await?;
        gateway.turn(&mut above).await?;
    }
    report::print_acceptance(&below, &above);
    Ok(())
}

/// Accounts that no limit stops.
async fn payers(cli: &Cli) -> Vec<Payer> {
    let mut payers = Vec::new();
    for number in 0..ACCOUNTS {
        let account = cli.account(&format!("payer {number}"), "1000000").await;
        let limits = [
            "--rate",
            "off",
            "--in-flight",
            "1000000",
            "--backlog",
            "1000000",
        ];
        cli.run(&[&["account", "set", &account], limits.as_slice()].concat())
            .await;
        let (key, key_id) = cli.key(&account).await;
        payers.push(Payer {
            account,
            key,
            key_id,
        });
    }
    payers
}

impl Side {
    /// Adds a turn of `one`, by a process whose processor time `cpu_ms` tells.
    async fn measure<F, Fut>(
        &mut self,
        cpu_ms: impl Fn() -> anyhow::Result<f64>,
        one: F,
    ) -> anyhow::Result<()>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = anyhow::Result<()>>,
    {
        let (before, started) = (cpu_ms()?, Instant::now());
        let latencies = crate::clients::run(CLIENTS, REQUESTS, one).await?;
        self.sample.add(latencies, started.elapsed());
        self.cpu_ms += cpu_ms()? - before;
        Ok(())
    }
}
