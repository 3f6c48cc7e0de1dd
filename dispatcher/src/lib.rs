//! Settles jobs and delivers webhooks.
//!
//! Start with `settle` (a run has ended: the job moves to its final state, once) and `aftermath`
//! (what follows from it), then `scheduler` and `deliver` (a delivery's way to the customer's
//! endpoint). What is decided is pure: `payload`, `schedule`, and `deliver::attempt::judge`. `reconcile`
//! repairs what the broker lost; `census` and `audit` only look, for operators.

mod aftermath;
mod audit;
mod bury;
mod census;
mod config;
mod deliver;
mod expire;
mod health;
mod hosts;
pub mod metrics;
mod payload;
mod periodic;
mod ping;
mod reconcile;
mod recover;
mod schedule;
mod scheduler;
mod service;
mod settle;
mod sweep;

use std::sync::Arc;

use anyhow::Context as _;
use common::broker::Broker;
use common::clock::Clock;
use common::egress::Policy;
use common::fetch::Client;
use common::lifecycle::Lifecycle;
use common::link::Links;
use common::objects::Objects;
use common::relay::Relay;
use common::signature::WebhookKey;
use common::store::Store;
use tokio::sync::Notify;

use aftermath::Aftermath;
use audit::Audit;
use bury::Burier;
use census::Census;
use deliver::Deliverer;
use expire::Expirer;
use hosts::Hosts;
use ping::Pinger;
use reconcile::Reconciler;
use scheduler::Scheduler;
use settle::Settler;
use sweep::{IdempotencyKeys, OldJobs, Orphans, Parked, Sweeper};

pub use config::Config;
pub use recover::recover;
pub use schedule::{ParseScheduleError, Schedule};
pub use service::Service;

/// Completions that wait in each settler: enough that it never waits for the next, few enough that
/// others have work too.
const SETTLER_PREFETCH: u16 = 8;

/// How this installation names itself to customers' endpoints.
const USER_AGENT: &str = concat!("Platen/", env!("CARGO_PKG_VERSION"));

/// What the dispatcher stands on.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The rows.
    pub store: Store,
    /// Where completions come from, and where answers and deliveries go.
    pub broker: Broker,
    /// Results and inputs, to be deleted in time.
    pub objects: Objects,
    /// Tells the time.
    pub clock: Clock,
    /// Makes the links that a webhook carries.
    pub links: Links,
    /// What the secrets that sign webhooks are made of.
    pub secrets: WebhookKey,
    /// Which addresses a webhook may reach.
    pub egress: Policy,
}

/// Starts every part of the dispatcher; returns at once.
#[expect(
    clippy::unused_async,
    reason = "every service starts alike; a broker to come connects here"
)]
pub async fn start(config: Config, parts: Parts, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let client = Client::new(&parts.egress, USER_AGENT).context("make the webhook client")?;
    health::watch(lifecycle, &parts);
    let due = Arc::new(Notify::new());
    let relay = relay(&parts);
    let draining = &lifecycle.draining;
    // With the settlers, who begin it until the end.
    let beside = (draining.clone(), lifecycle.last.clone());
    let aftermath = Aftermath::new(&parts, relay.clone(), Arc::clone(&due), beside);

    // Renderers that drain still report, and callers still wait for their answers.
    for _ in 0..config.settle_workers.get() {
        let settler = Settler::new(&parts, &config, aftermath.clone());
        let completions = parts.broker.completions(SETTLER_PREFETCH);
        let task = settler.run(completions, lifecycle.closing.clone());
        lifecycle.spawn_last("settler", task);
    }
    let relay_again = relay.clone();
    lifecycle.spawn_essential("relay", relay.run(draining.clone()));
    let scheduler = Scheduler::new(&parts, due);
    lifecycle.spawn_essential("scheduler", scheduler.run(draining.clone()));
    let hosts = Arc::new(Hosts::new(config.webhook_concurrency, parts.clock.clone()));
    let breakers = Arc::downgrade(&hosts);
    metrics::watch_breakers(move || {
        let open = breakers.upgrade()?.open_breakers();
        u64::try_from(open).ok()
    });
    let pinger = Pinger::new(&parts, &config, client.clone(), Arc::clone(&hosts));
    lifecycle.spawn_essential("pinger", Arc::new(pinger).run(draining.clone()));
    let deliverer = Arc::new(Deliverer::new(&parts, &config, client, hosts));
    let in_hand = u16::try_from(config.webhook_concurrency.get()).unwrap_or(u16::MAX);
    let task = deliverer.run(parts.broker.deliveries(in_hand), draining.clone());
    lifecycle.spawn_essential("deliverer", task);
    let burier = Burier::new(&parts, aftermath.clone());
    let task = burier.run(parts.broker.dead_jobs(1), draining.clone());
    lifecycle.spawn_essential("burier", task);
    let reconciler = Reconciler::new(&parts, relay_again, aftermath.clone());
    lifecycle.spawn_essential("reconciler", reconciler.run(draining.clone()));
    let expirer = Expirer::new(&parts, aftermath);
    lifecycle.spawn_essential("expirer", expirer.run(draining.clone()));
    lifecycle.spawn_essential("sweeper", Sweeper::new(&parts).run(draining.clone()));
    lifecycle.spawn_essential("parked sweeper", Parked::new(&parts).run(draining.clone()));
    let keys = IdempotencyKeys::new(&parts, &config).run(draining.clone());
    lifecycle.spawn_essential("idempotency key sweeper", keys);
    let orphans = Orphans::new(&parts, &config).run(draining.clone());
    lifecycle.spawn_essential("orphan sweeper", orphans);
    let old_jobs = OldJobs::new(&parts, &config).run(draining.clone());
    lifecycle.spawn_essential("job sweeper", old_jobs);
    lifecycle.spawn_essential("census", Census::new(&parts).run(draining.clone()));
    lifecycle.spawn_essential("audit", Audit::new(&parts).run(draining.clone()));
    Ok(())
}

fn relay(parts: &Parts) -> Relay {
    Relay::new(
        parts.store.clone(),
        parts.broker.clone(),
        parts.clock.clone(),
    )
}

#[cfg(test)]
mod tests;
