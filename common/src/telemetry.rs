//! Logs: one line per event on standard error, as text or as JSON.

mod config;
pub mod metrics;

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use self::config::Config;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

/// The AMQP library writes a message that comes back out in full.
const SILENT: &str = "lapin::returned_messages=off";

/// Installs the process's log writer; `filter` is as in `info,platen=debug`. A second call changes nothing.
pub fn install(format: LogFormat, filter: &str) {
    let with = |filter: &str| EnvFilter::try_new(format!("{filter},{SILENT}"));
    let filter = with(filter).unwrap_or_else(|_| EnvFilter::new(format!("info,{SILENT}")));
    let registry = tracing_subscriber::registry().with(filter);
    let installed = match format {
        LogFormat::Text => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_writer(io::stderr)
                    .with_ansi(io::stderr().is_terminal())
                    .with_target(false),
            )
            .try_init(),
        LogFormat::Json => {
            let layer = tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(io::stderr);
            registry.with(layer).try_init()
        }
    };
    if installed.is_err() {
        tracing::debug!("a log writer is installed already");
    }
}
