//! The dispatcher's options.

use std::num::NonZeroUsize;
use std::time::Duration;

use common::process::Problems;
use common::store::Retention;
use common::task::layers::MAX_RESULT;

use crate::schedule::Schedule;

/// The dispatcher's options.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Config {
    /// How long after each failed attempt a webhook is tried again; after the last of them it is given up
    #[arg(long, env = "PLATEN_WEBHOOK_RETRY_SCHEDULE", default_value = Schedule::DEFAULT)]
    pub webhook_retry_schedule: Schedule,

    /// The longest that an endpoint may take to answer a webhook
    #[arg(long, env = "PLATEN_WEBHOOK_TIMEOUT", default_value = "15s", value_parser = common::duration::parse_positive)]
    pub webhook_timeout: Duration,

    /// How many webhooks are sent at the same time; at most an eighth of them to one host or for one account, and a 64th for one account to one host
    #[arg(long, env = "PLATEN_WEBHOOK_CONCURRENCY", default_value = "512")]
    pub webhook_concurrency: NonZeroUsize,

    /// The longest result, in bytes, that travels inside of a webhook (Iteration Layer's); what is longer is told as an error
    #[arg(long, env = "PLATEN_WEBHOOK_INLINE_LIMIT", default_value_t = MAX_RESULT)]
    pub webhook_inline_limit: u64,

    /// How long every call to a stored endpoint must have failed before it is switched off
    #[arg(long, env = "PLATEN_WEBHOOK_PATIENCE", default_value = "5d", value_parser = common::duration::parse_positive)]
    pub webhook_patience: Duration,

    /// How long deliveries wait for an endpoint that is switched off, before they are given up
    #[arg(long, env = "PLATEN_WEBHOOK_PARKING", default_value = "7d", value_parser = common::duration::parse_positive)]
    pub webhook_parking: Duration,

    /// How many finished jobs are settled at the same time
    #[arg(long, env = "PLATEN_SETTLE_WORKERS", default_value = "4")]
    pub settle_workers: NonZeroUsize,

    /// How long stored assets are kept
    #[arg(long, env = "PLATEN_ASSET_RETENTION", default_value = "30d", value_parser = common::duration::parse_positive)]
    pub asset_retention: Duration,

    /// How long the results of jobs that asked for no storage are kept
    #[arg(long, env = "PLATEN_RESULT_RETENTION", default_value = "1h", value_parser = common::duration::parse_positive)]
    pub result_retention: Duration,

    /// How long a request that carries an Idempotency-Key can be repeated without being done again
    #[arg(long, env = "PLATEN_IDEMPOTENCY_RETENTION", default_value = "24h", value_parser = common::duration::parse_positive)]
    pub idempotency_retention: Duration,

    /// How long jobs are kept after their end, with their webhooks and attempts; longer if their result is
    #[arg(long, env = "PLATEN_JOB_RETENTION", default_value = "90d", value_parser = common::duration::parse_positive)]
    pub job_retention: Duration,

    /// How old an object that no job owns must be before it is deleted; longer than any upload takes
    #[arg(long, env = "PLATEN_ORPHAN_RETENTION", default_value = "24h", value_parser = common::duration::parse_positive)]
    pub orphan_retention: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            webhook_retry_schedule: Schedule::default(),
            webhook_timeout: Duration::from_secs(15),
            webhook_concurrency: NonZeroUsize::MIN.saturating_add(511),
            webhook_inline_limit: MAX_RESULT,
            webhook_patience: Duration::from_hours(5 * 24),
            webhook_parking: Duration::from_hours(7 * 24),
            settle_workers: NonZeroUsize::MIN.saturating_add(3),
            asset_retention: Duration::from_hours(30 * 24),
            result_retention: Duration::from_hours(1),
            idempotency_retention: Duration::from_hours(24),
            job_retention: Duration::from_hours(90 * 24),
            orphan_retention: Duration::from_hours(24),
        }
    }
}

impl Config {
    /// Notes what can't work.
    pub fn check(&self, problems: &mut Problems) {
        let (jobs, keys) = (self.job_retention, self.idempotency_retention);
        if jobs < keys {
            problems.add(format!(
                "--job-retention (PLATEN_JOB_RETENTION) is {jobs:?}, shorter than --idempotency-retention (PLATEN_IDEMPOTENCY_RETENTION), {keys:?}: repeats of a request would be answered 410, since its job is gone; make it at least as long"
            ));
        }
    }

    pub(crate) fn retention(&self) -> Retention {
        Retention {
            listed: self.asset_retention,
            unlisted: self.result_retention,
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

    #[test]
    fn nothing_said_gives_the_default() {
        let config = Command::parse_from(["platen"]).config;
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn jobs_are_kept_for_as_long_as_requests_are_known() {
        let said = |jobs: &str| {
            let args = ["platen", "--job-retention", jobs];
            let mut problems = Problems::default();
            Command::parse_from(args).config.check(&mut problems);
            problems.report()
        };
        assert_eq!(said("24h"), None);
        let refused = said("23h").unwrap();
        for option in [
            "--job-retention (PLATEN_JOB_RETENTION)",
            "--idempotency-retention (PLATEN_IDEMPOTENCY_RETENTION)",
        ] {
            assert!(refused.contains(option), "{refused}");
        }
    }

    #[test]
    fn a_schedule_that_can_not_be_read_is_refused() {
        let schedule = |text| Command::try_parse_from(["platen", "--webhook-retry-schedule", text]);
        assert!(schedule("100ms,1s").is_ok());
        assert!(schedule("soon").is_err());
    }
}
