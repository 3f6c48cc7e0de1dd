//! Where a process's traces and metrics go.

use std::net::SocketAddr;

use url::Url;

/// Options of every process that serves.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Config {
    /// Collector that traces and metrics are sent to by OTLP over HTTP, such as `http://collector:4318`; without it none are sent
    #[arg(long, env = "PLATEN_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<Url>,

    /// Address that answers GET /metrics in Prometheus's format; without it nobody is answered
    #[arg(long, env = "PLATEN_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
}
