//! Who may have how many webhook calls in hand, so that endpoints that are slow, or the one account
//! behind many of them, never take every place. What has no place, or leads to a host that is not
//! reached (`breaker`), is put off, never waited for.

mod breaker;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::clock::{Clock, Timestamp};
use common::id::AccountId;
use url::{Position, Url};

use self::breaker::Breakers;

/// What a call is thought to take before one has ended.
const GUESS: Duration = Duration::from_millis(250);

/// The shortest and the longest that a delivery is put off at a time.
const SOONEST: Duration = Duration::from_millis(250);
const LATEST: Duration = Duration::from_mins(15);

/// Who shares places.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Crowd {
    /// Deliveries of one account to one host and port; a 64th of all places.
    Endpoint(AccountId, String),
    /// Deliveries of all accounts to one host and port; an eighth of all places.
    Host(String),
    /// Deliveries of one account; an eighth of all places.
    Account(AccountId),
}

/// The calls in hand, and the hosts that are not reached.
#[derive(Debug)]
pub(crate) struct Hosts {
    places: usize,
    clock: Clock,
    crowds: Mutex<HashMap<Crowd, Standing>>,
    breakers: Mutex<Breakers>,
}

/// What an open breaker says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaker {
    /// It is put off.
    Heeded,
    /// It is made all the same: it has waited long, and every delivery must come to its end.
    Passed,
}

/// How a crowd stands; forgotten when it has nothing in hand.
#[derive(Debug)]
struct Standing {
    in_hand: usize,
    /// What its calls take, lately.
    takes: Duration,
    /// When the last delivery that was put off comes again: the end of the queue.
    queue_ends: Timestamp,
}

/// A place of a call; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    hosts: Arc<Hosts>,
    host: String,
    crowds: [Crowd; 3],
    /// Whether it was noted what came of the call.
    noted: AtomicBool,
    since: Timestamp,
}

impl Hosts {
    pub(crate) fn new(places: NonZeroUsize, clock: Clock) -> Self {
        Self {
            places: places.get(),
            clock,
            crowds: Mutex::default(),
            breakers: Mutex::default(),
        }
    }

    /// A place for a call to `url`, or when to ask again.
    pub(crate) fn enter(
        self: &Arc<Self>,
        url: &str,
        account: AccountId,
        breaker: Breaker,
    ) -> Result<Place, Timestamp> {
        let now = self.clock.now();
        let host = host(url);
        let crowds = [
            Crowd::Endpoint(account, host.clone()),
            Crowd::Host(host.clone()),
            Crowd::Account(account),
        ];
        let mut standings = self.lock();
        for crowd in &crowds {
            let most = self.most(crowd);
            let full = standings
                .get_mut(crowd)
                .filter(|crowd| crowd.in_hand >= most);
            if let Some(standing) = full {
                return Err(standing.put_off(most, now));
            }
        }
        // Asked last: whoever is let through to try a host must have a place.
        if breaker == Breaker::Heeded {
            self.breakers().ask(&host, now)?;
        }
        for crowd in &crowds {
            let standing = standings.entry(crowd.clone()).or_insert(Standing {
                in_hand: 0,
                takes: GUESS,
                queue_ends: now,
            });
            standing.in_hand += 1;
        }
        drop(standings);
        Ok(Place {
            hosts: Arc::clone(self),
            host,
            crowds,
            noted: AtomicBool::new(false),
            since: now,
        })
    }

    /// How many hosts are called less often at present.
    pub(crate) fn open_breakers(&self) -> usize {
        self.breakers().open()
    }

    fn most(&self, crowd: &Crowd) -> usize {
        match crowd {
            Crowd::Endpoint(..) => self.places.div_ceil(64),
            Crowd::Host(_) | Crowd::Account(_) => self.places.div_ceil(8),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Crowd, Standing>> {
        self.crowds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breakers(&self) -> MutexGuard<'_, Breakers> {
        self.breakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Notes whether the call reached the host.
    pub(crate) fn note(&self, reached: bool) {
        let now = self.hosts.clock.now();
        self.noted.store(true, Ordering::Relaxed);
        self.hosts.breakers().note(&self.host, reached, now);
    }
}

impl Standing {
    /// One more joins the end of the queue, which moves as fast as places come free.
    fn put_off(&mut self, most: usize, now: Timestamp) -> Timestamp {
        let step = self.takes / u32::try_from(most).unwrap_or(u32::MAX).max(1);
        let end = self.queue_ends.max(now) + step;
        self.queue_ends = end.clamp(now + SOONEST, now + LATEST);
        self.queue_ends
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = self.hosts.clock.now();
        if !*self.noted.get_mut() {
            self.hosts.breakers().give_back(&self.host, now);
        }
        let took = now.since(self.since);
        let mut standings = self.hosts.lock();
        for crowd in &self.crowds {
            let Some(standing) = standings.get_mut(crowd) else {
                continue;
            };
            standing.in_hand -= 1;
            standing.takes = (standing.takes * 3 + took) / 4;
            if standing.in_hand == 0 {
                standings.remove(crowd);
            }
        }
    }
}

/// Host and port; an address that can't be read is refused later, without a call.
fn host(url: &str) -> String {
    Url::parse(url).map_or_else(
        |_| String::new(),
        |url| url[Position::BeforeHost..Position::AfterPort].to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn hosts(places: usize) -> (Arc<Hosts>, Clock) {
        let clock = Clock::manual(NOW);
        let places = NonZeroUsize::new(places).unwrap();
        (Arc::new(Hosts::new(places, clock.clone())), clock)
    }

    #[test]
    fn an_endpoint_takes_a_64th_and_a_host_or_an_account_an_eighth_of_the_places() {
        let (hosts, _) = hosts(32);
        let enter = |url: &str, account| hosts.enter(url, account, Breaker::Heeded);
        let (one, other) = (AccountId::new(), AccountId::new());
        let first = enter("https://slow.test/a", one).unwrap();
        assert!(enter("https://slow.test/b", one).is_err(), "its endpoint");
        let others: Vec<_> = (0..3)
            .map(|_| enter("https://slow.test/c", AccountId::new()).unwrap())
            .collect();
        assert!(enter("https://slow.test/d", other).is_err(), "the host");
        let more = [
            "https://slow.test:8443/",
            "https://x.test/",
            "https://y.test/",
        ];
        let more: Vec<_> = more.iter().map(|url| enter(url, one).unwrap()).collect();
        assert!(enter("https://z.test/", one).is_err(), "the account");
        assert!(enter("https://z.test/", other).is_ok());
        drop(first);
        assert!(enter("https://slow.test/d", other).is_ok());
        assert!(enter("https://z.test/", one).is_ok());
        assert_eq!((others.len(), more.len()), (3, 3));
    }

    #[test]
    fn those_put_off_come_again_one_after_the_other_as_fast_as_the_calls_end() {
        let (hosts, clock) = hosts(128);
        let account = AccountId::new();
        let enter = || hosts.enter("https://slow.test/", account, Breaker::Heeded);
        let places = [enter().unwrap(), enter().unwrap()];
        clock.advance(Duration::from_secs(15));
        let [ended, _kept] = places;
        drop(ended);
        let _again = enter().unwrap();
        let now = clock.now();
        let first = enter().unwrap_err();
        let second = enter().unwrap_err();
        assert!(first > now + Duration::from_secs(1), "{first}");
        assert_eq!(second.since(first), first.since(now));
        let last = (0..10_000).fold(second, |_, _| enter().unwrap_err());
        assert_eq!(last, now + LATEST);
    }

    #[test]
    fn a_host_that_is_not_reached_is_left_alone_but_for_what_has_waited_long() {
        let (hosts, clock) = hosts(64);
        let enter = |breaker| hosts.enter("https://gone.test/", AccountId::new(), breaker);
        for _ in 0..10 {
            enter(Breaker::Heeded).unwrap().note(false);
        }
        let again = enter(Breaker::Heeded).unwrap_err();
        assert!(again > clock.now());
        enter(Breaker::Passed).unwrap().note(true);
        assert!(enter(Breaker::Heeded).is_ok());
    }

    #[test]
    fn nothing_is_remembered_of_who_has_nothing_in_hand() {
        let (hosts, _) = hosts(1);
        let account = AccountId::new();
        let enter = || hosts.enter("https://x.test/", account, Breaker::Heeded);
        let place = enter().unwrap();
        assert_eq!(enter().unwrap_err(), NOW + SOONEST);
        drop(place);
        assert!(hosts.lock().is_empty());
        assert!(enter().is_ok());
    }
}
