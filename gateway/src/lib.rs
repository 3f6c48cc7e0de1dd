//! The HTTP side of Platen: it authenticates callers, turns a dialect's JSON into tasks, charges,
//! accepts, lets synchronous callers wait, and answers reads. It renders nothing and delivers nothing.
//!
//! Start with `routes` (every route), then `accept` (how a request becomes a job) and `waiters`
//! (how a caller learns that it is done). The words of a dialect stay in its module.

mod accept;
mod app;
mod auth;
mod backlog;
mod body;
mod cloudlayer;
mod config;
mod cors;
mod crowd;
mod download;
mod encoded;
mod error;
mod fields;
mod health;
mod idempotency;
mod invalid;
mod iterationlayer;
mod json;
mod layers;
pub mod metrics;
mod observed;
mod openapi;
mod own;
mod routes;
mod serve;
mod service;
mod starting;
pub mod templates;
mod waiters;
mod webhooks;

use common::broker::Broker;
use common::clock::Clock;
use common::egress::Policy;
use common::lifecycle::Lifecycle;
use common::link::Links;
use common::objects::Objects;
use common::relay::Relay;
use common::seal::SealKey;
use common::store::Store;
use tokio::net::TcpListener;

pub use config::{Config, Feature, ParseFeatureError, ParsePriceError, Price};
pub use cors::{Origin, ParseOriginError};
pub use service::Service;

/// What the gateway stands on.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The rows.
    pub store: Store,
    /// Where jobs go, and from where answers come.
    pub broker: Broker,
    /// Long inputs and results.
    pub objects: Objects,
    /// Tells the time.
    pub clock: Clock,
    /// Seals tasks.
    pub seal: SealKey,
    /// Makes and checks links to assets.
    pub links: Links,
    /// Which addresses a webhook or a page may name.
    pub egress: Policy,
}

/// Serves HTTP on `listener` until the process drains; returns at once.
#[expect(
    clippy::unused_async,
    reason = "every service starts alike; a broker to come connects here"
)]
pub async fn start(
    config: Config,
    parts: Parts,
    listener: TcpListener,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let (app, answers) = app::App::new(&config, parts, lifecycle);
    let router = routes::router(app.clone());
    let server = serve::Server::new(&config, listener, lifecycle.draining.clone());
    let relay = Relay::new(app.store.clone(), app.broker.clone(), app.clock.clone());
    lifecycle.spawn_essential("gateway relay", relay.run(lifecycle.draining.clone()));
    let (counting, draining) = (app.clone(), lifecycle.draining.clone());
    lifecycle.spawn_essential("backlog", async move {
        counting.backlog.watch(&counting.store, &draining).await;
    });
    lifecycle.spawn_essential("gateway", async move {
        tokio::select! {
            () = server.run(router) => {}
            () = app.waiters.listen(answers) => {}
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests;
