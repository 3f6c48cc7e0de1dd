//! Where a process's traces and metrics go.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use url::Url;

use crate::process::Problems;

/// Options of every process that serves.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(skip)]
pub struct Config {
    /// Collector that traces and metrics are sent to by OTLP over HTTP, such as `http://collector:4318`; without it none are sent
    #[arg(long, env = "PLATEN_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<Url>,

    /// Part of the traces that is sent, from 0 (none) to 1 (all); what a caller says of its own trace does not count
    #[arg(
        long,
        env = "PLATEN_TRACE_RATIO",
        value_name = "RATIO",
        default_value_t
    )]
    pub trace_ratio: Ratio,

    /// Address that answers GET /metrics in Prometheus's format; without it nobody is answered
    #[arg(long, env = "PLATEN_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
}

impl Config {
    /// Notes what can't work.
    pub fn check(&self, problems: &mut Problems) {
        let endpoint = self.otlp_endpoint.as_ref();
        if endpoint.is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
            problems.add(
                "--otlp-endpoint (PLATEN_OTLP_ENDPOINT) is not an http or https address, such as http://collector:4318",
            );
        }
    }
}

/// A part of a whole, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(f64);

/// A text that is no [`Ratio`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must be a number from 0 to 1, such as 0.1")]
pub struct ParseRatioError;

impl Ratio {
    pub(super) fn get(self) -> f64 {
        self.0
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self(1.0)
    }
}

impl FromStr for Ratio {
    type Err = ParseRatioError;

    fn from_str(text: &str) -> Result<Self, ParseRatioError> {
        let number: f64 = text.parse().map_err(|_| ParseRatioError)?;
        let fits = (0.0..=1.0).contains(&number);
        fits.then_some(Self(number)).ok_or(ParseRatioError)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_that_can_not_be_one_is_refused() {
        let said = |endpoint: &str| {
            let mut problems = Problems::default();
            let config = Config {
                otlp_endpoint: Some(endpoint.parse().unwrap()),
                ..Config::default()
            };
            config.check(&mut problems);
            problems.report()
        };
        assert_eq!(said("http://collector:4318"), None);
        let refused = said("ftp://collector").unwrap();
        assert!(
            refused.contains("--otlp-endpoint (PLATEN_OTLP_ENDPOINT)"),
            "{refused}"
        );
    }

    #[test]
    fn a_ratio_is_a_number_from_0_to_1() {
        for (text, number) in [("0", 0.0), ("0.25", 0.25), ("1", 1.0)] {
            assert_eq!(text.parse(), Ok(Ratio(number)));
        }
        for text in ["", "-0.1", "1.1", "NaN", "inf", "10%"] {
            assert_eq!(text.parse::<Ratio>(), Err(ParseRatioError), "{text}");
        }
    }
}
