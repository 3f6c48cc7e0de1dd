//! Metrics to a collector: OTLP over HTTP, from a thread of its own, from time to time.

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::metrics::{PeriodicReader, Temporality};
use url::Url;

use crate::telemetry::collector::{self, PATIENCE};

/// How often the figures are sent.
const EVERY: Duration = Duration::from_secs(15);

/// Sends to `/v1/metrics` below the endpoint, an http or https address.
pub(super) fn reader(endpoint: &Url) -> anyhow::Result<PeriodicReader<MetricExporter>> {
    let exporter = MetricExporter::builder()
        .with_http()
        .with_http_client(collector::client()?)
        .with_endpoint(collector::address(endpoint, "metrics"))
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(PATIENCE)
        .with_temporality(Temporality::Cumulative)
        .build()
        .context("metrics can't be sent")?;
    Ok(PeriodicReader::builder(exporter)
        .with_interval(EVERY)
        .build())
}
