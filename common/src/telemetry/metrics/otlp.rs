//! Metrics to a collector: OTLP over HTTP, from a thread of its own, from time to time.

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig as _};
use opentelemetry_sdk::metrics::{PeriodicReader, Temporality};
use url::Url;

/// How often the figures are sent.
const EVERY: Duration = Duration::from_secs(15);

/// The longest that a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends to `/v1/metrics` below the endpoint.
pub(super) fn reader(endpoint: &Url) -> anyhow::Result<PeriodicReader<MetricExporter>> {
    anyhow::ensure!(
        matches!(endpoint.scheme(), "http" | "https"),
        "--otlp-endpoint (PLATEN_OTLP_ENDPOINT) is an http or https address, such as http://collector:4318"
    );
    // The library's own HTTP client takes the process's provider.
    let provider = rustls::crypto::ring::default_provider();
    if provider.install_default().is_err() {
        tracing::trace!("the process has a crypto provider already");
    }
    let exporter = MetricExporter::builder()
        .with_http()
        .with_endpoint(format!(
            "{}/v1/metrics",
            endpoint.as_str().trim_end_matches('/')
        ))
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(PATIENCE)
        .with_temporality(Temporality::Cumulative)
        .build()
        .context("metrics can't be sent")?;
    Ok(PeriodicReader::builder(exporter)
        .with_interval(EVERY)
        .build())
}
