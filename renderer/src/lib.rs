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
    let renderer = Renderer::launch(&config, parts.egress.clone())
        .await
        .context("the browser can't be used")?;
    let worker = Arc::new(worker::Worker::new(renderer, parts, config.slots()));
    lifecycle.spawn_essential("renderer", worker.run(lifecycle.clone()));
    Ok(())
}
