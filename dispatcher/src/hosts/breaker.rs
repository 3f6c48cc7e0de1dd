//! A breaker for each host: one that has not been reached many times in a row is called less often, one
//! call at a time, until it is reached again. Local to this process, and only about time: no attempt is
//! lost by it.

use std::collections::HashMap;
use std::time::Duration;

use common::clock::Timestamp;

/// So many calls in a row that reach nobody open it.
const FAILURES: u32 = 10;

/// How long it stays open before one call tries; doubles from one try to the next.
const FIRST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_mins(5);

/// How long the try is waited for; longer than any call takes.
const TRY: Duration = Duration::from_mins(2);

/// Hosts that are remembered; beyond that the longest forgotten ones are dropped.
const REMEMBERED: usize = 10_000;

/// The breakers of hosts that have not been reached lately.
#[derive(Debug, Default)]
pub(super) struct Breakers(HashMap<String, Breaker>);

#[derive(Debug, Clone, Copy)]
struct Breaker {
    /// Calls in a row that reached nobody.
    failures: u32,
    /// The next call may be made then.
    closed_at: Timestamp,
    /// How long it was open the last time.
    pause: Duration,
}

impl Breakers {
    /// Whether a call may be made, or when to ask again. After a pause one caller may, and the others
    /// wait for what comes of it.
    pub(super) fn ask(&mut self, host: &str, now: Timestamp) -> Result<(), Timestamp> {
        let Some(breaker) = self.0.get_mut(host) else {
            return Ok(());
        };
        if breaker.failures < FAILURES {
            return Ok(());
        }
        if now < breaker.closed_at {
            // While one tries, the others ask again soon.
            return Err(breaker.closed_at.min(now + breaker.pause));
        }
        breaker.closed_at = now + TRY;
        Ok(())
    }

    /// Lets another try at once: the call that was let through was not made.
    pub(super) fn give_back(&mut self, host: &str, now: Timestamp) {
        if let Some(breaker) = self.0.get_mut(host)
            && breaker.closed_at > now + breaker.pause
        {
            breaker.closed_at = now;
        }
    }

    /// How many are open, or have one call that tries.
    pub(super) fn open(&self) -> usize {
        let open = self
            .0
            .values()
            .filter(|breaker| breaker.failures >= FAILURES);
        open.count()
    }

    /// Notes whether a call reached the host.
    pub(super) fn note(&mut self, host: &str, reached: bool, now: Timestamp) {
        if reached {
            self.0.remove(host);
            return;
        }
        if self.0.len() >= REMEMBERED && !self.0.contains_key(host) {
            self.forget();
        }
        let breaker = self.0.entry(host.to_owned()).or_insert(Breaker {
            failures: 0,
            closed_at: now,
            pause: Duration::ZERO,
        });
        breaker.failures = breaker.failures.saturating_add(1);
        if breaker.failures >= FAILURES {
            breaker.pause = (breaker.pause * 2).clamp(FIRST, LONGEST);
            breaker.closed_at = now + breaker.pause;
        }
    }

    /// Drops the older half: what is forgotten is found out again by ten calls.
    fn forget(&mut self) {
        let mut times: Vec<_> = self.0.values().map(|breaker| breaker.closed_at).collect();
        let middle = times.len() / 2;
        let (_, &mut middle, _) = times.select_nth_unstable(middle);
        self.0.retain(|_, breaker| breaker.closed_at > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    #[test]
    fn ten_misses_in_a_row_open_it_and_one_hit_closes_it() {
        let mut breakers = Breakers::default();
        for _ in 0..9 {
            breakers.note("x", false, NOW);
        }
        assert_eq!(breakers.ask("x", NOW), Ok(()));
        breakers.note("x", true, NOW);
        for _ in 0..9 {
            breakers.note("x", false, NOW);
        }
        assert_eq!(breakers.ask("x", NOW), Ok(()));
        breakers.note("x", false, NOW);
        assert_eq!(breakers.ask("x", NOW), Err(NOW + FIRST));
        assert_eq!(breakers.ask("y", NOW), Ok(()));
    }

    #[test]
    fn half_open_lets_one_try_and_waits_longer_after_each_that_fails() {
        let mut breakers = Breakers::default();
        let mut now = NOW;
        for _ in 0..10 {
            breakers.note("x", false, now);
        }
        for pause in [15, 30, 60, 120, 240, 300, 300] {
            let pause = Duration::from_secs(pause);
            assert_eq!(breakers.ask("x", now), Err(now + pause));
            now = now + pause;
            assert_eq!(breakers.ask("x", now), Ok(()));
            let soon = now + pause.min(TRY);
            assert_eq!(breakers.ask("x", now), Err(soon), "one at a time");
            breakers.note("x", false, now);
        }
        now = now + LONGEST;
        assert_eq!(breakers.ask("x", now), Ok(()));
        breakers.note("x", true, now);
        assert_eq!(breakers.ask("x", now), Ok(()));
        assert_eq!(breakers.ask("x", now), Ok(()));
    }

    #[test]
    fn a_try_of_which_nothing_is_heard_is_followed_by_another() {
        let mut breakers = Breakers::default();
        for _ in 0..10 {
            breakers.note("x", false, NOW);
        }
        assert_eq!(breakers.ask("x", NOW + FIRST), Ok(()));
        assert!(breakers.ask("x", NOW + FIRST).is_err());
        breakers.give_back("x", NOW + FIRST);
        assert_eq!(breakers.ask("x", NOW + FIRST), Ok(()));
        assert_eq!(breakers.ask("x", NOW + FIRST + TRY), Ok(()));
    }

    #[test]
    fn memory_does_not_grow_with_the_hosts() {
        let mut breakers = Breakers::default();
        for number in 0..3 * REMEMBERED {
            let now = NOW + Duration::from_secs(number as u64);
            breakers.note(&number.to_string(), false, now);
        }
        assert!(breakers.0.len() <= REMEMBERED);
        assert!(breakers.0.contains_key(&(3 * REMEMBERED - 1).to_string()));
    }
}
