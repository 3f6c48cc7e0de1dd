//! Options of every process.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use super::Problems;
use crate::telemetry::{self, LogFormat};

/// Options of every process.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Config {
    /// What to log, such as `warn` or `info,renderer=debug`; logs go to standard error
    #[arg(
        long,
        env = "PLATEN_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub log: String,

    /// How log lines look
    #[arg(long, env = "PLATEN_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Address that answers GET /health/live and /health/ready, also while the servers are waited for; without it nobody is answered
    #[arg(long, env = "PLATEN_HEALTH_LISTEN", value_name = "ADDRESS")]
    pub health_listen: Option<SocketAddr>,

    /// Where traces and metrics go.
    #[command(flatten)]
    pub telemetry: telemetry::Config,

    /// How long what is in hand may take after the first signal to stop; the default lets the longest page end: a minute until a browser is free, 5 minutes of its own, and 2 in which its result can be stored
    #[arg(long, env = "PLATEN_STOP_TIMEOUT", default_value = "8m", value_parser = crate::duration::parse_positive)]
    pub stop_timeout: Duration,
}

impl Config {
    /// Notes what can't work.
    pub fn check(&self, problems: &mut Problems) {
        problems.note(telemetry::check_filter(&self.log));
        self.telemetry.check(problems);
        // Each with port 0 takes a free one of its own.
        if let Some(address) = self.health_listen
            && self.telemetry.metrics_listen == Some(address)
            && address.port() != 0
        {
            problems.add(format!(
                "--health-listen (PLATEN_HEALTH_LISTEN) and --metrics-listen (PLATEN_METRICS_LISTEN) are both {address}: give each a port of its own, such as 9090 and 9464"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    fn report(args: &[&str]) -> Option<String> {
        let args = std::iter::once("platen").chain(args.iter().copied());
        let config = Command::parse_from(args).config;
        let mut problems = Problems::default();
        config.check(&mut problems);
        problems.report()
    }

    #[test]
    fn what_can_not_work_is_told_at_once() {
        let said = report(&[
            "--log=inof",
            "--otlp-endpoint=ftp://collector",
            "--health-listen=127.0.0.1:9090",
            "--metrics-listen=127.0.0.1:9090",
        ]);
        let said = said.unwrap();
        for option in [
            "3 options",
            "--log (PLATEN_LOG)",
            "--otlp-endpoint (PLATEN_OTLP_ENDPOINT)",
            "--health-listen (PLATEN_HEALTH_LISTEN)",
            "--metrics-listen (PLATEN_METRICS_LISTEN)",
        ] {
            assert!(said.contains(option), "{option} is not in: {said}");
        }
    }

    #[test]
    fn health_and_metrics_have_an_address_each() {
        let both = |health: &str, metrics: &str| {
            report(&["--health-listen", health, "--metrics-listen", metrics])
        };
        assert_eq!(both("127.0.0.1:9090", "127.0.0.1:9464"), None);
        assert_eq!(both("127.0.0.1:0", "127.0.0.1:0"), None);
        assert!(both("[::]:9090", "[::]:9090").is_some());
        assert_eq!(report(&[]), None);
    }
}
