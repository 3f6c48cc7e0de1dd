//! `platen serve`: the three services in this process, on SQLite, a local folder and channels.

mod first;
mod options;
mod ready;

use std::net::SocketAddr;

use anyhow::Context as _;
use common::broker::Broker;
use common::clock::Clock;
use common::egress::Policy;
use common::job::Lane;
use common::lifecycle::Lifecycle;
use common::link::{LinkKey, Links};
use common::objects::Objects;
use common::process::{limits, signals};
use common::seal::SealKey;
use common::secret::Secret;
use common::store::Store;
use common::telemetry::metrics;
use gateway::Feature;
use tokio::net::TcpListener;
use url::Url;

use crate::cli::Shared;
use crate::data::DataDir;
use crate::output::Output;

pub(crate) use self::options::Options;

/// Messages that one queue of the embedded broker holds; the rest waits in the database.
const QUEUE_CAPACITY: usize = 1024;

/// What all services stand on.
struct Ground {
    store: Store,
    broker: Broker,
    objects: Objects,
    clock: Clock,
    seal: SealKey,
    links: Links,
    egress: Policy,
}

/// Serves until a signal, then finishes what is in hand.
pub(crate) async fn run(options: Options, shared: &Shared, output: &Output) -> anyhow::Result<()> {
    limits::make_files_private();
    limits::raise_open_files(options.gateway.max_connections.get());
    let lifecycle = Lifecycle::default();
    let signals = signals::watch(lifecycle.clone(), options.stop_timeout)?;
    let metrics = metrics::Exporter::start("serve", &options.telemetry)?;
    metrics.serve(&lifecycle).await?;
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.with_context(|| {
        format!(
            "can't listen on {}; choose another address with --listen",
            options.listen
        )
    })?;
    let listening = listener.local_addr()?;
    let data = DataDir::open(&shared.data_dir)?;
    let _lock = data.lock()?;
    let public_url = public_url(options.public_url.as_ref(), listening);
    let ground = lay_ground(
        &data,
        options.link_key.as_ref(),
        public_url,
        options.egress.policy(),
    )
    .await?;
    let (gateway, renderer) = with_office(options.gateway, options.renderer, options.no_office);
    start(
        &ground,
        with_models(gateway, &renderer),
        renderer,
        options.dispatcher,
        (listener, &lifecycle),
    )
    .await?;
    // Only now: a start that fails for want of a browser must not use up the one time that the key
    // is shown.
    let account = first::account(&ground.store, &ground.clock).await?;
    ready::announce(
        &ready::Ready::new(&ground.links.public_url, &account),
        &shared.data_dir,
        &ground.egress,
        output,
    )?;
    lifecycle.finished().await;
    if !lifecycle.aborting.is_cancelled() {
        let jobs = ground
            .store
            .put_back()
            .await
            .context("the jobs that nobody took can't be put back")?;
        tracing::info!(jobs, "stopped; waiting jobs go on at the next start");
    }
    metrics.stop().await;
    signals.outcome()
}

/// Where LibreOffice is installed, files are converted, unless that is not wanted.
fn with_office(
    mut gateway: gateway::Config,
    mut renderer: renderer::Config,
    is_unwanted: bool,
) -> (gateway::Config, renderer::Config) {
    let is_named = gateway.features.contains(&Feature::Office)
        || renderer.lanes.contains(&Lane::Office)
        || renderer.office.is_some();
    let found = renderer::office::find(renderer.office.as_deref());
    if let Err(lacking) = &found {
        tracing::debug!(%lacking, "no files are converted");
    }
    gateway.features.retain(|one| *one != Feature::Office);
    renderer.lanes.retain(|lane| *lane != Lane::Office);
    // What was asked for by name and is not there is a start that fails.
    if !is_unwanted && (is_named || found.is_ok()) {
        gateway.features.push(Feature::Office);
        renderer.lanes.push(Lane::Office);
    }
    (gateway, renderer)
}

/// The renderer's models switch on what the gateway accepts, if pictures are painted here.
fn with_models(mut gateway: gateway::Config, renderer: &renderer::Config) -> gateway::Config {
    if renderer.lanes.contains(&Lane::Native) && renderer.removes_backgrounds() {
        gateway.features.push(Feature::Models);
    }
    gateway
}

async fn lay_ground(
    data: &DataDir,
    link_key: Option<&Secret>,
    public_url: String,
    egress: Policy,
) -> anyhow::Result<Ground> {
    let link_key = match link_key {
        Some(secret) => secret.link_key(),
        None => LinkKey::new(&data.secret("link.key")?),
    };
    Ok(Ground {
        seal: SealKey::new(&data.secret("seal.key")?),
        store: data.store().await?,
        broker: Broker::embedded(QUEUE_CAPACITY),
        objects: Objects::local(&data.objects())?,
        clock: Clock::system(),
        links: Links {
            key: link_key,
            public_url,
        },
        egress,
    })
}

/// Repairs what the last process left, then starts the services, the one that accepts work last.
async fn start(
    ground: &Ground,
    gateway: gateway::Config,
    renderer: renderer::Config,
    dispatcher: dispatcher::Config,
    (listener, lifecycle): (TcpListener, &Lifecycle),
) -> anyhow::Result<()> {
    let parts = ground.dispatcher();
    dispatcher::recover(&parts)
        .await
        .context("the jobs of the last run can't be recovered")?;
    dispatcher::start(dispatcher, parts, lifecycle)
        .await
        .context("the dispatcher can't start")?;
    renderer::start(renderer, ground.renderer(), lifecycle)
        .await
        .context("the renderer can't start")?;
    gateway::start(gateway, ground.gateway(), listener, lifecycle)
        .await
        .context("the gateway can't start")
}

impl Ground {
    fn gateway(&self) -> gateway::Parts {
        gateway::Parts {
            store: self.store.clone(),
            broker: self.broker.clone(),
            objects: self.objects.clone(),
            clock: self.clock.clone(),
            seal: self.seal.clone(),
            links: self.links.clone(),
            egress: self.egress.clone(),
        }
    }

    fn renderer(&self) -> renderer::Parts {
        renderer::Parts {
            broker: self.broker.clone(),
            objects: self.objects.clone(),
            clock: self.clock.clone(),
            seal: self.seal.clone(),
            egress: self.egress.clone(),
        }
    }

    fn dispatcher(&self) -> dispatcher::Parts {
        dispatcher::Parts {
            store: self.store.clone(),
            broker: self.broker.clone(),
            objects: self.objects.clone(),
            clock: self.clock.clone(),
            links: self.links.clone(),
            secrets: self.seal.webhooks(),
            egress: self.egress.clone(),
        }
    }
}

/// Without a slash at its end; an unspecified listening address is reached by loopback.
fn public_url(chosen: Option<&Url>, listening: SocketAddr) -> String {
    match chosen {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if listening.ip().is_unspecified() => format!("http://127.0.0.1:{}", listening.port()),
        None => format!("http://{listening}"),
    }
}

#[cfg(test)]
mod tests;
