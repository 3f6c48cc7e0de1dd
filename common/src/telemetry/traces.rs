//! Where traces go: a bounded queue, a thread of its own that sends what is in it to the collector, and
//! the choice of which traces are made at all. A collector that is away or slow costs spans, and nothing else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::trace::{Link, SpanKind, TraceId, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingResult, SdkTracerProvider,
    ShouldSample, SpanData, SpanExporter,
};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

use super::collector::{self, CollectorError, PATIENCE};
use super::config::Ratio;
use super::spans::TARGET;

/// Spans that wait to be sent, a few KiB each at most; more are dropped.
const QUEUE: usize = 4096;

/// Spans of one request to the collector.
const BATCH: usize = 512;

/// How long a span waits for others to be sent along with it.
const DELAY: Duration = Duration::from_secs(1);

/// The longest that the collector can hold up the process's end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why no traces can be made.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The collector can't be called.
    #[error(transparent)]
    Collector(#[from] CollectorError),
    /// The address is none.
    #[error("traces can't be sent to that address")]
    Exporter(#[from] ExporterBuildError),
}

/// Where the traces of a process go; ends with [`Self::flush`].
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts sending the traces of `service` to the collector at `endpoint`.
    pub(super) fn start(
        service: &'static str,
        endpoint: &Url,
        ratio: Ratio,
    ) -> Result<Self, TracesError> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(collector::client()?)
            .with_endpoint(collector::address(endpoint, "traces"))
            .with_timeout(PATIENCE)
            .build()?;
        let queue = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let processor = BatchSpanProcessor::builder(Calm::new(exporter))
            .with_batch_config(queue)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(collector::resource(service))
            .with_sampler(Choice::new(ratio))
            .with_span_processor(processor)
            .build();
        Ok(Self(provider))
    }

    /// Makes spans of what [`super::spans`] makes, whatever is logged.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.0.tracer("platen");
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            // Nobody asks OpenTelemetry for the current span, and telling it costs at every poll.
            .with_context_activation(false)
            .with_filter(Targets::new().with_target(TARGET, LevelFilter::INFO))
    }

    /// Sends what is left, and ends.
    pub(super) fn flush(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Chooses the traces that are made. What comes from outside is chosen anew: a caller's mark must neither
/// fill the collector nor hide its work from who runs the installation. Within it one choice holds throughout.
#[derive(Debug, Clone)]
struct Choice {
    ratio: f64,
    inside: Sampler,
}

impl Choice {
    fn new(ratio: Ratio) -> Self {
        let ratio = ratio.get();
        let inside = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)));
        Self { ratio, inside }
    }
}

impl ShouldSample for Choice {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let inside = || {
            self.inside
                .should_sample(parent, trace, name, kind, attributes, links)
        };
        match kind {
            // By chance and not by the id, which is the caller's too.
            SpanKind::Server if rand::random::<f64>() < self.ratio => {
                Sampler::AlwaysOn.should_sample(parent, trace, name, kind, attributes, links)
            }
            SpanKind::Server => {
                Sampler::AlwaysOff.should_sample(parent, trace, name, kind, attributes, links)
            }
            SpanKind::Client | SpanKind::Producer | SpanKind::Consumer | SpanKind::Internal => {
                inside()
            }
        }
    }
}

/// Says once that the collector is away, and once that it is back.
#[derive(Debug)]
struct Calm<E> {
    exporter: E,
    failing: AtomicBool,
}

impl<E> Calm<E> {
    fn new(exporter: E) -> Self {
        Self {
            exporter,
            failing: AtomicBool::new(false),
        }
    }
}

impl<E: SpanExporter> SpanExporter for Calm<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        match self.exporter.export(batch).await {
            Ok(()) => {
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes traces again");
                }
            }
            Err(error) => {
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "the collector takes no traces; they are lost until it does");
                }
            }
        }
        // Told already, and whoever asks would tell it for every batch.
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.exporter.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_sdk::trace::SamplingDecision;

    use super::*;

    #[test]
    fn no_id_of_a_callers_choice_decides_whether_it_is_traced() {
        let sampled = |ratio: &str, id: u128| {
            let choice = Choice::new(ratio.parse().unwrap());
            let (id, server) = (TraceId::from(id), SpanKind::Server);
            let chosen = choice.should_sample(None, id, "POST", &server, &[], &[]);
            chosen.decision == SamplingDecision::RecordAndSample
        };
        for id in [1, u128::MAX] {
            // That all of them come out alike is as likely as to guess a key.
            let half: Vec<bool> = (0..200).map(|_| sampled("0.5", id)).collect();
            assert!(half.contains(&true) && half.contains(&false), "{id:x}");
            assert!((0..200).all(|_| sampled("1", id)));
            assert!(!(0..200).any(|_| sampled("0", id)));
        }
    }
}
