//! Turns tasks into artifacts: takes jobs from the broker, shows pages in a pool of browsers, prints
//! or photographs them, stores the result and says so. Knows no database and no accounts.
//!
//! Start with [`Renderer`] (one task in, one result out). Beneath it lie [`page`] (one job on one
//! page), [`browser`] (the processes) and [`cdp`] (the protocol); above it the worker (the broker's jobs).

pub mod browser;
pub mod cdp;
mod child;
mod config;
mod engine;
mod folder;
mod health;
mod join;
pub mod metrics;
pub mod models;
pub mod native;
mod notes;
pub mod office;
pub mod page;
mod phase;
mod preview;
mod proxy;
mod service;
mod spool;
#[cfg(test)]
mod testing;
mod trim;
mod worker;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use common::broker::Broker;
use common::clock::Clock;
use common::egress::Policy;
use common::fetch::Client;
use common::job::Lane;
use common::lifecycle::Lifecycle;
use common::objects::Objects;
use common::seal::SealKey;

use office::Office;
use worker::{Engine, Hands, Quarantine, Studio, USER_AGENT, Worker};

pub use config::{Config, InvalidLanes};
pub use engine::{Failure, Rendered, Renderer};
pub use service::Service;
pub use spool::Spool;

/// What the renderer stands on.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Brings jobs, takes completions.
    pub broker: Broker,
    /// Holds documents and results.
    pub objects: Objects,
    /// Tells the time.
    pub clock: Clock,
    /// Opens tasks.
    pub seal: SealKey,
    /// Which addresses pages may reach.
    pub egress: Policy,
}

/// If this process was started to do a single thing for a renderer, does that; `None` otherwise. To be asked first thing.
pub fn apart() -> Option<ExitCode> {
    join::apart::joiner()
        .or_else(office::teller)
        .or_else(office::entrance)
        .or_else(native::drawer)
        .or_else(native::apart::painter)
}

/// Starts the engines of the lanes that are served and takes their jobs until the process drains;
/// returns once each engine answers.
pub async fn start(config: Config, parts: Parts, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let lanes = config.served()?;
    let hands = Hands::default();
    let studio = async {
        if !lanes.contains(&Lane::Native) {
            return Ok(None);
        }
        let studio = Studio::open(&config, &parts.egress).await;
        studio.context("pictures can't be painted").map(Some)
    };
    let browsers = async {
        if !lanes.contains(&Lane::Browser) {
            return Ok(None);
        }
        let renderer = Renderer::launch(&config, parts.egress.clone()).await;
        renderer.context("the browser can't be used").map(Some)
    };
    let office = async {
        if !lanes.contains(&Lane::Office) {
            return Ok(None);
        }
        let office = Office::open(&config).await;
        office.context("files can't be converted").map(Some)
    };
    let (studio, renderer, office) = tokio::try_join!(studio, browsers, office)?;
    let client = Client::new(&parts.egress, USER_AGENT).context("make the client for buckets")?;
    let engines = [
        renderer.map(|renderer| (Engine::Browser(renderer), config.slots())),
        studio.map(|studio| (Engine::Native(studio), config.native_slots())),
        office.map(|office| (Engine::Office(office), config.office_slots())),
    ];
    let workers: Vec<Arc<Worker>> = engines
        .into_iter()
        .flatten()
        .map(|engine| Worker::new(engine, parts.clone(), hands.clone(), client.clone()).into())
        .collect();
    health::watch(lifecycle, &parts.broker, &hands, &workers);
    for worker in &workers {
        let task = Arc::clone(worker).run(lifecycle.clone());
        lifecycle.spawn_essential(worker.lane().as_str(), task);
    }
    let quarantine = Quarantine::new(workers, hands, config.quarantine_every);
    lifecycle.spawn_essential("quarantine", quarantine.run(lifecycle.clone()));
    Ok(())
}
