//! When a delivery is tried again, and when it is given up. Pure.

use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

use common::clock::Timestamp;
use common::duration::{self, ParseDurationError};
use common::store::Next;

/// The part of a step by which an attempt may come earlier or later.
const JITTER: f64 = 0.2;

/// The most steps, and the longest, that an operator may choose.
const MOST_STEPS: usize = 20;
const LONGEST_STEP: Duration = Duration::from_hours(30 * 24);

/// The pauses between attempts: as many as there are retries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

/// A text that is not a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseScheduleError {
    /// A step can't be read.
    #[error(transparent)]
    Step(#[from] ParseDurationError),
    /// Too many steps, or one that is too long.
    #[error("a schedule has at most {MOST_STEPS} steps of at most 30d each, such as {default}", default = Schedule::DEFAULT)]
    TooLong,
}

/// What an attempt came to, as far as the next one is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The endpoint has it.
    Accepted,
    /// It has not; it may have asked for a pause.
    Failed { retry_after: Option<Duration> },
    /// It answered 410: it wants no more.
    Gone,
    /// A failure of ours; the attempt counts for nothing.
    Ours,
}

/// How soon an attempt is made once more that failed for a reason of ours.
const SOON: Duration = Duration::from_secs(15);

impl Schedule {
    /// Three retries with growing pauses.
    pub const DEFAULT: &str = "15s,5m,1h";

    /// What follows an attempt; `failures` counts those that failed so far, this one among them,
    /// and `jitter` is a random number from -1 to 1.
    pub(crate) fn after(
        &self,
        failures: u32,
        verdict: Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Next {
        let retry_after = match verdict {
            Verdict::Accepted => return Next::Delivered,
            Verdict::Ours => return Next::AgainAt(now + SOON),
            Verdict::Failed { retry_after } => retry_after,
            Verdict::Gone => None,
        };
        let step = usize::try_from(failures.saturating_sub(1)).ok();
        let Some(&step) = step.and_then(|step| self.0.get(step)) else {
            return Next::Failed;
        };
        let pause = match retry_after {
            // Whoever asks for a pause is not called before it is over.
            Some(asked) => asked
                .clamp(step, step * 2)
                .mul_f64(1.0 + JITTER * jitter.abs())
                .min(step * 2),
            None => step.mul_f64(1.0 + JITTER * jitter),
        };
        Next::RetryAt(now + pause)
    }
}

impl Default for Schedule {
    fn default() -> Self {
        let steps = [15, 5 * 60, 60 * 60];
        Self(steps.map(Duration::from_secs).to_vec())
    }
}

impl FromStr for Schedule {
    type Err = ParseScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let steps = text
            .split(',')
            .map(|step| duration::parse_positive(step.trim()));
        let steps: Vec<Duration> = steps.collect::<Result<_, _>>()?;
        if steps.len() > MOST_STEPS || steps.iter().any(|&step| step > LONGEST_STEP) {
            return Err(ParseScheduleError::TooLong);
        }
        Ok(Self(steps))
    }
}

/// Reads a `Retry-After` header: seconds, or a date. One that can't be read counts as absent.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(header).ok()?;
    let at = at.duration_since(UNIX_EPOCH).ok()?;
    Some((Timestamp::from_micros(0) + at).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn check(failures: u32, asked: Option<u64>, jitter: f64, seconds: Option<f64>) {
        let retry_after = asked.map(Duration::from_secs);
        let next =
            Schedule::default().after(failures, Verdict::Failed { retry_after }, NOW, jitter);
        let expected = match seconds {
            Some(seconds) => Next::RetryAt(NOW + Duration::from_secs_f64(seconds)),
            None => Next::Failed,
        };
        assert_eq!(next, expected, "{failures} {asked:?} {jitter}");
    }

    #[test]
    fn three_retries_with_growing_jittered_pauses_and_then_no_more() {
        check(1, None, 0.0, Some(15.0));
        check(1, None, 1.0, Some(18.0));
        check(1, None, -1.0, Some(12.0));
        check(2, None, 0.0, Some(300.0));
        check(3, None, 0.5, Some(3960.0));
        check(4, None, 0.0, None);
        check(400, None, 0.0, None);
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept_within_one_and_two_steps() {
        check(1, Some(0), 0.0, Some(15.0));
        check(1, Some(20), 0.0, Some(20.0));
        check(1, Some(20), -1.0, Some(24.0));
        check(1, Some(29), 1.0, Some(30.0));
        check(1, Some(u64::MAX), -1.0, Some(30.0));
        check(4, Some(20), 0.0, None);
    }

    #[test]
    fn an_accepted_delivery_is_delivered_whenever_that_is() {
        for failures in [0, 3, 9] {
            let next = Schedule::default().after(failures, Verdict::Accepted, NOW, 0.0);
            assert_eq!(next, Next::Delivered);
        }
    }

    #[test]
    fn a_schedule_is_read_from_its_text() {
        assert_eq!(Schedule::DEFAULT.parse(), Ok(Schedule::default()));
        let short = Schedule(vec![Duration::from_millis(100), Duration::from_hours(24)]);
        assert_eq!("100ms, 1d".parse(), Ok(short));
        for text in ["", "15", "15s,", "15s,0s", "31d", &["1s"; 21].join(",")] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (header, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Tue, 14 Nov 2023 22:14:20 GMT", Some(60)),
            ("Tue, 14 Nov 2000 22:14:20 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
        ] {
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(header, NOW), expected, "{header}");
        }
    }
}
