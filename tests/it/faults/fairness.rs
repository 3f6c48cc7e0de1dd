//! One account's flood lengthens another's wait by no more than the stated bound.

use std::time::Duration;

use common::clock::Timestamp;
use common::store::Job;
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::*;

const FLOOD: usize = 2000;
const GUESTS: usize = 20;

/// How many accounts send their 20, one after the other: a moment in which the machine does something else
/// falls into one of them.
const ROUNDS: usize = 3;
const CAP: u32 = 16;
const SLOTS: u32 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_2000_jobs_delays_another_accounts_20_within_the_bound() {
    let start = Start::open().variable("PLATEN_NATIVE_SLOTS", &SLOTS.to_string());
    let scene = Scene::with(Ground::shared(), Size::ONE, start).await;
    let idle = median_wait(&guests(&scene).await);
    let flooding = scene.services.api(0);
    let cap = CAP.to_string();
    let set = [
        "account",
        "set",
        scene.services.account(),
        "--in-flight",
        &cap,
    ];
    scene.services.cli().run(&set).await;
    let body = picture(&scene);
    futures::stream::iter(0..FLOOD)
        .for_each_concurrent(16, |_| async {
            flooding.post(PATH, &body).await.expect(201);
        })
        .await;
    let mut jobs = Vec::new();
    for _ in 0..ROUNDS {
        jobs.extend(guests(&scene).await);
    }
    let books = scene.books().await;
    let flood = books.jobs().await;
    let open = flood.iter().filter(|job| !job.state.is_final()).count();
    assert!(
        open > CAP as usize,
        "the flood was still on: {open} jobs are open"
    );
    let rendering = mean(flood.iter().chain(&jobs).filter_map(rendering));
    // Σ of the other accounts' caps and the account's own earlier jobs, ÷ slots × rendering. The
    // guests come at once, so half of them are before the median one. One slot is kept for callers
    // who wait, so one is left for these. The job that was in hand when the first guest came counts too.
    let ahead = f64::from(CAP) + GUESTS as f64 / 2.0 + 1.0;
    let bound = rendering.mul_f64(ahead / f64::from(SLOTS - 1));
    let waited = median_wait(&jobs);
    measured(&format!(
        "median wait of an account beside another's flood: {waited:?}; on the idle system {idle:?}; bound {bound:?} (mean rendering {rendering:?})"
    ));
    assert!(waited <= bound, "{waited:?} is more than {bound:?}");
}

const PATH: &str = "/image-generation/v1/generate";

/// A picture that takes so long to paint that what is between two of them does not count.
fn picture(scene: &Scene) -> Value {
    json!({
        "dimensions": { "width": 2700, "height": 1800 },
        "layers": [
            { "type": "solid-color", "index": 0, "hex_color": "#335577" },
            { "type": "text", "index": 1, "text": "Words", "font_name": "Inter", "font_size_in_px": 160, "text_color": "#ffffff",
              "position": { "x": 40, "y": 40 }, "dimensions": { "width": 1600, "height": 600 } },
        ],
        "webhook_url": scene.receiver.url(),
    })
}

/// Sends the jobs of a fresh account and waits for their ends.
async fn guests(scene: &Scene) -> Vec<Job> {
    let (cli, cap) = (scene.services.cli(), CAP.to_string());
    let account = cli.account("guest", "1000").await;
    let limits = ["--rate", "off", "--in-flight", &cap];
    cli.run(&[["account", "set", &account].as_slice(), &limits].concat())
        .await;
    let (key, _) = cli.key(&account).await;
    let api = Api::new(&scene.services.url(0), &key);
    let body = picture(scene);
    for _ in 0..GUESTS {
        api.post(PATH, &body).await.expect(201);
    }
    Books::new(scene.services.ground().store(), &account)
        .settled()
        .await
}

fn median_wait(jobs: &[Job]) -> Duration {
    let mut waits: Vec<Duration> = jobs
        .iter()
        .map(|job| started(job).since(job.created_at))
        .collect();
    waits.sort();
    waits[waits.len() / 2]
}

fn started(job: &Job) -> Timestamp {
    job.started_at.expect("it was rendered")
}

fn rendering(job: &Job) -> Option<Duration> {
    Some(job.finished_at?.since(job.started_at?))
}

fn mean(durations: impl Iterator<Item = Duration>) -> Duration {
    let (sum, count) = durations.fold((Duration::ZERO, 0), |(sum, count), one| {
        (sum + one, count + 1)
    });
    sum / count
}
