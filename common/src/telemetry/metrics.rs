//! Metrics: counted and timed in memory, read by Prometheus from a port of their own and sent to a
//! collector by OTLP. With neither asked for, nothing is collected.
//!
//! Every crate says its metrics once, as a table of [`Metric`], and makes its instruments of them; the
//! table is also what documentation, alerts and tests are checked against. No tenant, address or job is
//! ever a label: each value of a label is a series that is kept for as long as the process runs.

mod exposition;
mod metric;
mod otlp;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::global;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;
use tokio::net::TcpListener;

use super::{Config, collector};
use crate::http;
use crate::lifecycle::Lifecycle;

pub use opentelemetry::KeyValue;
pub use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};

pub use self::metric::{Kind, Metric, SECONDS};

/// The longest that the last figures may take to reach the collector: less than orchestrators grant
/// beyond `PLATEN_STOP_TIMEOUT`.
const FAREWELL: Duration = Duration::from_secs(2);

/// Whether anybody reads what is counted.
static ON: AtomicBool = AtomicBool::new(false);

/// What every crate makes its instruments with; those made before [`Exporter::start`] count nothing.
pub fn meter() -> Meter {
    global::meter("platen")
}

/// Whether the process's figures are read by anybody, so that it is worth asking the database for some.
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Takes a process's figures to whoever asked for them.
#[derive(Debug)]
pub struct Exporter {
    config: Config,
    collected: Option<Collected>,
}

#[derive(Debug)]
struct Collected {
    provider: SdkMeterProvider,
    registry: Registry,
}

impl Exporter {
    /// Begins to collect, as `platen-` and `service`, if `config` names anybody who reads it. Before any
    /// part of the process makes its instruments.
    pub fn start(service: &str, config: &Config) -> anyhow::Result<Self> {
        let config = config.clone();
        if config.metrics_listen.is_none() && config.otlp_endpoint.is_none() {
            let collected = None;
            return Ok(Self { config, collected });
        }
        let collected = collect(service, &config)?;
        global::set_meter_provider(collected.provider.clone());
        ON.store(true, Ordering::Relaxed);
        let collected = Some(collected);
        Ok(Self { config, collected })
    }

    /// Answers Prometheus from now on until the process closes, if an address was named for that.
    pub async fn serve(&self, lifecycle: &Lifecycle) -> anyhow::Result<()> {
        let (Some(address), Some(collected)) = (self.config.metrics_listen, &self.collected) else {
            return Ok(());
        };
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("can't listen on {address}; choose another address with --metrics-listen")
        })?;
        let registry = collected.registry.clone();
        let answer = move |request| {
            let answered = exposition::answer(&registry, &request);
            async move { answered }
        };
        let serving = http::serve(listener, lifecycle.closing.clone(), answer);
        lifecycle.spawn_last("metrics", serving);
        Ok(())
    }

    /// Sends the last figures, when everything that counts has ended. A collector that does not answer
    /// keeps no process.
    pub async fn stop(self) {
        let Some(collected) = self.collected else {
            return;
        };
        // It blocks until the collector has answered.
        let sending = move || collected.provider.shutdown_with_timeout(FAREWELL);
        let sent = tokio::task::spawn_blocking(sending);
        match tokio::time::timeout(FAREWELL, sent).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the last metrics were not sent"),
            Ok(Err(error)) => tracing::warn!(%error, "sending the last metrics panicked"),
            Err(_) => tracing::warn!("the last metrics were not sent in time"),
        }
    }
}

fn collect(service: &str, config: &Config) -> anyhow::Result<Collected> {
    let registry = Registry::new();
    let reader = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        // All of one scope: a label that never differs.
        .scope_info_enabled(false)
        .build()
        .context("metrics can't be exposed")?;
    let mut builder = SdkMeterProvider::builder()
        .with_resource(collector::resource(service))
        .with_reader(reader);
    if let Some(endpoint) = &config.otlp_endpoint {
        builder = builder.with_reader(otlp::reader(endpoint)?);
    }
    Ok(Collected {
        provider: builder.build(),
        registry,
    })
}

#[cfg(test)]
mod tests;
