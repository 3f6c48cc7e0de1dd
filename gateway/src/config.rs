//! The gateway's options.

mod price;

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use common::process::Problems;

use crate::cors::Origin;

pub(crate) use self::price::Prices;
pub use self::price::{ParsePriceError, Price};

/// The gateway's options.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Config {
    /// The longest that a synchronous caller is kept waiting; past it a conversion goes on and is answered 202, a picture is ended and answered 504
    #[arg(long, env = "PLATEN_SYNC_WAIT", default_value = "120s", value_parser = common::duration::parse_positive)]
    pub sync_wait: Duration,

    /// What a conversion costs, such as html-pdf=1 or url-image=0.5; 1 credit where nothing is said. A batch costs that for each address, and merge-pdf once; a merge costs merge-pdf for each file, and once more
    #[arg(
        long,
        env = "PLATEN_PRICE",
        value_name = "TYPE=CREDITS",
        value_delimiter = ','
    )]
    pub price: Vec<Price>,

    /// What renderers of this installation can do beside pages and pictures, with commas between: `office` (files, by LibreOffice),
    /// `models` (remove backgrounds, by a model in their --model-dir)
    #[arg(
        long,
        env = "PLATEN_FEATURES",
        value_name = "FEATURE",
        value_delimiter = ','
    )]
    pub features: Vec<Feature>,

    /// About how many jobs of all accounts may wait or be in work before more asynchronous ones are refused with 503
    #[arg(
        long,
        env = "PLATEN_BACKLOG_LIMIT",
        value_name = "JOBS",
        default_value = "100000"
    )]
    pub backlog_limit: NonZeroU32,

    /// How many connections are served at the same time; more wait to be accepted
    #[arg(long, env = "PLATEN_MAX_CONNECTIONS", default_value = "2048")]
    pub max_connections: NonZeroU32,

    /// A site whose pages may call from browsers, such as `https://app.example.com`, or `*` for every site; none unless set
    #[arg(
        long,
        env = "PLATEN_CORS_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub cors_origin: Vec<Origin>,

    /// How long requests in hand may still take once the server has been told to stop
    #[arg(long, env = "PLATEN_DRAIN_WAIT", default_value = "20s", value_parser = common::duration::parse)]
    pub drain_wait: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sync_wait: Duration::from_mins(2),
            price: Vec::new(),
            features: Vec::new(),
            backlog_limit: NonZeroU32::MIN.saturating_add(99_999),
            max_connections: NonZeroU32::MIN.saturating_add(2047),
            cors_origin: Vec::new(),
            drain_wait: Duration::from_secs(20),
        }
    }
}

impl Config {
    /// Notes what can't work in a process that drops everything `stop_timeout` after it was told to stop.
    pub fn check(&self, stop_timeout: Duration, problems: &mut Problems) {
        if self.drain_wait >= stop_timeout {
            problems.add(format!(
                "--drain-wait (PLATEN_DRAIN_WAIT) is {:?}, but --stop-timeout (PLATEN_STOP_TIMEOUT) cuts requests off after {stop_timeout:?}: make the first shorter than the second",
                self.drain_wait
            ));
        }
    }
}

/// What not every installation has; where it is lacking, it is refused before the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// An office suite: renderers of the lane `office`.
    Office,
    /// Renderers of the native lane have a model that removes backgrounds.
    Models,
}

/// A word that names no feature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a feature: write office or models, or both with a comma between them")]
pub struct ParseFeatureError(String);

impl FromStr for Feature {
    type Err = ParseFeatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "office" => Ok(Self::Office),
            "models" => Ok(Self::Models),
            _ => Err(ParseFeatureError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use common::credits::Credits;
    use common::job::JobKind;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn nothing_said_gives_the_default() {
        let config = Command::parse_from(["platen"]).config;
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn requests_have_their_time_before_everything_is_dropped() {
        let said = |wait: &str, stop: u64| {
            let config = Command::parse_from(["platen", "--drain-wait", wait]).config;
            let mut problems = Problems::default();
            config.check(Duration::from_secs(stop), &mut problems);
            problems.report()
        };
        assert_eq!(said("19s", 20), None);
        for wait in ["20s", "1m"] {
            let refused = said(wait, 20).unwrap();
            for option in [
                "--drain-wait (PLATEN_DRAIN_WAIT)",
                "--stop-timeout (PLATEN_STOP_TIMEOUT)",
            ] {
                assert!(refused.contains(option), "{refused}");
            }
        }
    }

    #[test]
    fn prices_are_set_one_by_one_and_cost_one_credit_otherwise() {
        let config = Command::parse_from(["platen", "--price", "html-pdf=0.5,url-pdf=2"]).config;
        let prices = Prices::new(&config.price);
        assert_eq!(prices.of(JobKind::HtmlPdf), Credits::from_thousandths(500));
        assert_eq!(prices.of(JobKind::UrlPdf), Credits::whole(2));
        assert_eq!(prices.of(JobKind::UrlImage), Credits::whole(1));
    }

    #[test]
    fn sites_are_a_list() {
        let sites = "https://a.example,http://localhost:3000";
        let config = Command::parse_from(["platen", "--cors-origin", sites]).config;
        let sites: Vec<_> = config.cors_origin.iter().map(Origin::to_string).collect();
        assert_eq!(sites, ["https://a.example", "http://localhost:3000"]);
    }

    #[test]
    fn features_are_named_with_commas_between_them() {
        let features = |text| Command::try_parse_from(["platen", "--features", text]);
        assert_eq!(
            features("models").unwrap().config.features,
            [Feature::Models]
        );
        assert_eq!(
            features("office,models").unwrap().config.features,
            [Feature::Office, Feature::Models]
        );
        let error = features("modals").unwrap_err().to_string();
        assert!(error.contains("`modals` is not a feature: write office or models"));
    }
}
