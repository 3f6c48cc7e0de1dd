//! The whole way of a job, from the request to the webhook: three services over PostgreSQL, RabbitMQ and
//! S3, and pictures of one pixel. Beside it a bare loop of the same statements, publishes and POSTs.

mod floor;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use platen_tests::process::cpu_time;
use platen_tests::runs::Runs;
use platen_tests::services::{Ground, Member, Services, Size};
use platen_tests::{Api, Start};
use serde_json::json;

use crate::counter::Counter;
use crate::{clients, report};

/// Requests of one turn, and how many are in hand at the same time.
const JOBS: usize = 1_500;
const CLIENTS: usize = 32;
const TURNS: usize = 2;

/// What both sides came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Jobs that were asked for.
    pub jobs: usize,
    /// From the first request to the last webhook.
    pub seconds: f64,
    /// From each answer to its webhook, in milliseconds.
    pub latencies: Vec<f64>,
    /// Seconds of processor time of gateway, renderer and dispatcher.
    pub cpu: [f64; 3],
    /// The same of the bare loop.
    pub floor_cpu: f64,
    /// How long the bare loop took.
    pub floor_seconds: f64,
    /// Webhooks that came more than once.
    pub duplicates: usize,
}

/// Measures both sides turn by turn, and prints them.
pub async fn run() -> anyhow::Result<()> {
    let start = Start::open()
        .variable("PLATEN_LOG", "warn")
        .variable("PLATEN_LANES", "native");
    let mut services = Services::start(Ground::durable(), Size::ONE, &start).await;
    // One account stands for many: its own cap is not what is measured.
    let cap = JOBS.to_string();
    let set = ["account", "set", services.account(), "--in-flight", &cap];
    services.cli().run(&set).await;
    let runs = Runs::of(&services).await;
    let counter = Counter::start()?;
    let floor = floor::Floor::new(&runs)?;
    let mut figures = Figures::default();
    for turn in 0..=TURNS {
        let mut cold = Figures::default();
        // The first turn warms both sides up.
        let warm = if turn == 0 { &mut cold } else { &mut figures };
        platen_turn(&services, &counter, warm).await?;
        // The bare loop has the broker and the rows for itself.
        for member in [&mut services.renderers[0], &mut services.dispatchers[0]] {
            member.terminate();
            member.ended().await;
        }
        counter.forget();
        let (started, cpu) = (Instant::now(), own_cpu(&counter));
        floor.run(&counter, JOBS).await?;
        warm.floor_seconds += started.elapsed().as_secs_f64();
        warm.floor_cpu += own_cpu(&counter) - cpu;
        for member in [&mut services.renderers[0], &mut services.dispatchers[0]] {
            member.restart().await;
        }
    }
    report::print_pipeline(&figures);
    Ok(())
}

/// One turn.
async fn platen_turn(
    services: &Services,
    counter: &Counter,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    counter.forget();
    let api = services.api(0);
    let (sent, accepted) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(JOBS)));
    let (before, started) = (cpu(services), Instant::now());
    let one = || async {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        ask(&api, &counter.url(number)).await?;
        let now = Instant::now();
        accepted
            .lock()
            .expect("nobody panics with it")
            .push((number, now));
        Ok(())
    };
    clients::run(CLIENTS, JOBS, one).await?;
    counter.wait_for(JOBS).await?;
    figures.seconds += started.elapsed().as_secs_f64();
    for (sum, (after, before)) in figures.cpu.iter_mut().zip(cpu(services).iter().zip(before)) {
        *sum += after - before;
    }
    let seen = counter.seen();
    for (number, accepted) in accepted.into_inner().expect("nobody panics with it") {
        let told = seen.get(&number.to_string());
        let told = told.ok_or_else(|| anyhow::anyhow!("job {number} was not told"))?;
        let took = told.first.saturating_duration_since(accepted);
        figures.latencies.push(took.as_secs_f64() * 1000.0);
        figures.duplicates += told.times - 1;
    }
    figures.jobs += JOBS;
    Ok(())
}

async fn ask(api: &Api, webhook: &str) -> anyhow::Result<()> {
    let body = json!({
        "dimensions": { "width": 1, "height": 1 },
        "layers": [{ "type": "solid-color", "index": 0, "hex_color": "#335577" }],
        "webhook_url": webhook,
    });
    let answer = api.try_post("/image-generation/v1/generate", &body).await?;
    anyhow::ensure!(answer.status == 201, "the gateway answered {answer:?}");
    Ok(())
}

fn cpu(services: &Services) -> [f64; 3] {
    let members: [&Member; 3] = [
        &services.gateways[0],
        &services.renderers[0],
        &services.dispatchers[0],
    ];
    members.map(|member| cpu_time(member.pid()).as_secs_f64())
}

/// What this process has taken without its endpoints.
fn own_cpu(counter: &Counter) -> f64 {
    cpu_time(std::process::id()).as_secs_f64() - counter.cpu()
}
