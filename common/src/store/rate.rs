//! The rate window: at most so many requests in any minute, estimated from two fixed minutes.
//!
//! The minute before counts by the share of it that a window of sixty seconds still covers.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::AccountId;

use super::account::Standing;
use super::engine::{from_row, on};
use super::{Store, StoreError};

/// Microseconds of a window.
const WINDOW: i64 = 60_000_000;

/// Where an account stands in its window, for the answer's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateWindow {
    /// Requests per minute.
    pub limit: u32,
    /// How many more would be let through now.
    pub remaining: u32,
    /// When the current minute ends.
    pub resets_at: Timestamp,
}

/// A request too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) retry_after: Duration,
    pub(super) window: RateWindow,
}

/// What is counted: requests of this minute and of the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Buckets {
    pub(super) bucket: i64,
    pub(super) count: i64,
    pub(super) previous: i64,
}

from_row!(Buckets, row => Buckets {
    bucket: row.try_get("rate_bucket")?,
    count: row.try_get("rate_count")?,
    previous: row.try_get("rate_previous")?,
});

impl Buckets {
    /// Counts one more request, unless it is one too many.
    pub(super) fn hit(self, limit: u32, now: Timestamp) -> Result<(Self, RateWindow), TooMany> {
        let current = self.at(now);
        if current.load(now) + WINDOW > i64::from(limit) * WINDOW {
            let wait = u64::try_from(current.wait(limit, now)).unwrap_or(0);
            return Err(TooMany {
                retry_after: Duration::from_micros(wait),
                window: current.window(limit, now),
            });
        }
        let after = Self {
            count: current.count + 1,
            ..current
        };
        Ok((after, after.window(limit, now)))
    }

    /// The same, moved to the minute of `now`. A clock that went back a few minutes changes
    /// nothing; one that was far ahead must not shut an account out until that time comes.
    fn at(self, now: Timestamp) -> Self {
        let bucket = now.as_micros().div_euclid(WINDOW);
        let (count, previous) = match bucket - self.bucket {
            -10..=0 => return self,
            1 => (0, self.count),
            ..=-11 | 2.. => (0, 0),
        };
        Self {
            bucket,
            count,
            previous,
        }
    }

    fn elapsed(self, now: Timestamp) -> i64 {
        (now.as_micros() - self.bucket * WINDOW).clamp(0, WINDOW)
    }

    /// The estimate, in requests times [`WINDOW`], so that it is exact.
    fn load(self, now: Timestamp) -> i64 {
        self.previous * (WINDOW - self.elapsed(now)) + self.count * WINDOW
    }

    /// Microseconds until one more request fits, if none comes in between.
    fn wait(self, limit: u32, now: Timestamp) -> i64 {
        let (limit, elapsed) = (i64::from(limit), self.elapsed(now));
        // How much of the older minute's share may remain for one more to fit beside `count`.
        let share =
            |older: i64, count: i64| ((limit - count - 1) * WINDOW / older.max(1)).min(WINDOW);
        if self.count < limit {
            return WINDOW - share(self.previous, self.count) - elapsed;
        }
        (WINDOW - elapsed) + (WINDOW - share(self.count, 0))
    }

    pub(super) fn window(self, limit: u32, now: Timestamp) -> RateWindow {
        let current = self.at(now);
        let left = (i64::from(limit) * WINDOW - current.load(now)) / WINDOW;
        RateWindow {
            limit,
            remaining: u32::try_from(left).unwrap_or(0),
            resets_at: Timestamp::from_micros((current.bucket + 1) * WINDOW),
        }
    }
}

impl Store {
    /// Reads where an account stands, without counting; `None` if it has no limit.
    pub async fn rate_window(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<RateWindow>, StoreError> {
        const SQL: &str = "select rate, in_flight, backlog, rate_bucket, rate_count, \
            rate_previous from accounts where id = $1";
        let standing: Option<Standing> =
            on!(self.reader(), db => sqlx::query_as(SQL).bind(account).fetch_optional(db).await)?;
        Ok(standing.and_then(|standing| {
            let limit = standing.limits.rate?;
            Some(standing.buckets.window(limit, now))
        }))
    }
}

#[cfg(test)]
mod tests;
