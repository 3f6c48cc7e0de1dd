//! What a process says of itself: log lines on standard error, one for each event, as text or as JSON;
//! and traces for a collector, where one is named.

mod collector;
mod config;
mod context;
mod filter;
pub mod metrics;
pub mod spans;
mod traces;

use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, registry};

use self::filter::quieted;
use self::traces::Traces;

pub use self::collector::CollectorError;
pub use self::config::{Config, ParseRatioError, Ratio};
pub use self::context::{ParseTraceError, TRACEPARENT, TraceContext};
pub use self::filter::{InvalidFilter, check_filter};
pub use self::traces::TracesError;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

/// Why a process can't say anything of itself.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter of log lines is none.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    /// No traces can be made.
    #[error(transparent)]
    Traces(#[from] TracesError),
}

/// What a process says of itself; its end is [`Self::flush`].
#[derive(Debug)]
#[must_use = "what is dropped without a flush may leave traces unsent"]
pub struct Telemetry {
    traces: Option<Traces>,
}

impl Telemetry {
    /// Installs the log writer of the process `service`, whose `filter` is as in `info,platen=debug`,
    /// and starts its traces. To be called outside of a runtime. Where a log writer is installed already,
    /// that one stays.
    pub fn install(
        service: &'static str,
        (format, filter): (LogFormat, &str),
        config: &Config,
    ) -> Result<Self, TelemetryError> {
        let filter = quieted(filter)?;
        let endpoint = config.otlp_endpoint.as_ref();
        let traces = endpoint
            .map(|endpoint| Traces::start(service, endpoint, config.trace_ratio))
            .transpose()?;
        let layer = traces.as_ref().map(Traces::layer);
        let lines = lines(format).with_filter(filter);
        if registry().with(layer).with(lines).try_init().is_err() {
            tracing::debug!("a log writer is installed already");
        }
        Ok(Self { traces })
    }

    /// Sends what is left, which takes some seconds at most. To be called outside of a runtime, when
    /// all work has ended.
    pub fn flush(self) {
        if let Some(traces) = self.traces {
            traces.flush();
        }
    }
}

fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match format {
        LogFormat::Text => layer
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            // It is the last of the list of spans.
            .with_current_span(false)
            .boxed(),
    }
}

#[cfg(test)]
mod tests;
