//! Turns tasks into artifacts: takes jobs from the broker, shows pages in a pool of browsers, prints
//! or photographs them, stores the result and says so. Knows no database and no accounts.
//!
//! Start with [`Renderer`] (one task in, one result out). Beneath it lie [`page`] (one job on one
//! page), [`browser`] (the processes) and [`cdp`] (the protocol); above it the worker (the broker's jobs).

pub mod browser;
pub mod cdp;
mod config;
mod engine;
mod folder;
pub mod native;
pub mod page;
mod preview;
mod proxy;
mod spool;
#[cfg(test)]
mod testing;
mod trim;
mod worker;

use std::sync::Arc;

use anyhow::Context as _;
use common::broker::Broker;
use common::clock::Clock;
use common::egress::Policy;
use common::lifecycle::Lifecycle;
use common::objects::Objects;
use common::seal::SealKey;

use worker::{Engine, Studio, Worker};

pub use config::Config;
pub use engine::{Failure, Rendered, Renderer};
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

/// Starts the browsers and takes jobs until the process drains; returns once a browser answers.
pub async fn start(config: Config, parts: Parts, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let studio = Studio::open(&config, &parts.egress);
    let browsers = Renderer::launch(&config, parts.egress.clone());
    let (studio, renderer) = tokio::join!(studio, browsers);
    let studio = studio.context("pictures can't be painted")?;
    let renderer = renderer.context("the browser can't be used")?;
    for (name, engine, slots) in [
        ("renderer", Engine::Browser(renderer), config.slots()),
        ("painter", Engine::Native(studio), config.native_slots()),
    ] {
        let worker = Arc::new(Worker::new(engine, parts.clone(), slots));
        lifecycle.spawn_essential(name, worker.run(lifecycle.clone()));
    }
    Ok(())
}
