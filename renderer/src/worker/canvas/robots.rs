//! Whether a host lets its pictures be fetched: its robots.txt is asked first (RFC 9309; reference iterationlayer,
//! section 1.8). What it says is remembered for a while, since pictures of one host are often asked for together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::fetch::{Client, GetError};
use robotxt::{AccessResult, Robots, robots_url};
use tokio::time::Instant;
use url::Url;

/// By which a robots.txt calls us: the product in `USER_AGENT`.
const AGENT: &str = "platen";

/// The most bytes of a robots.txt; what lies beyond the first 500 KiB is not read, as the RFC allows.
const LIMIT: usize = 1024 * 1024;

/// The longest that one may take.
const WITHIN: Duration = Duration::from_secs(10);

/// How long it is remembered; the RFC's most is a day.
const REMEMBERED: Duration = Duration::from_mins(10);

/// The most hosts that are remembered.
const MOST: usize = 1000;

/// What hosts have said.
#[derive(Debug, Default)]
pub(in crate::worker) struct Hosts {
    known: Mutex<HashMap<String, Said>>,
}

#[derive(Debug, Clone)]
struct Said {
    rules: Arc<Robots>,
    until: Instant,
}

/// Why a picture is not fetched. The text goes on after the name of its field.
#[derive(Debug, thiserror::Error)]
pub(super) enum Kept {
    /// The host has said so.
    #[error("could not be fetched: the robots.txt of its host forbids it to {AGENT}")]
    Forbidden,
    /// The host can't say, which forbids all of it.
    #[error("could not be fetched: the robots.txt of its host could not be read (it answered {0})")]
    Unreadable(u16),
    /// A robots.txt that nobody can read.
    #[error("could not be fetched: the robots.txt of its host has more than {LIMIT} bytes")]
    Long,
    /// The host is not there.
    #[error(transparent)]
    Absent(GetError),
}

impl Hosts {
    /// Whether a host lets this be fetched.
    pub(super) async fn check(&self, url: &Url, client: &Client) -> Result<(), Kept> {
        let Ok(place) = robots_url(url) else {
            // Whoever fetches it says what is wrong with it.
            return Ok(());
        };
        let rules = if let Some(rules) = self.remembered(place.as_str()) {
            rules
        } else {
            let rules = Arc::new(ask(&place, client).await?);
            self.remember(place.into(), &rules);
            rules
        };
        if rules.is_url_allowed(url) {
            return Ok(());
        }
        Err(Kept::Forbidden)
    }

    fn remembered(&self, place: &str) -> Option<Arc<Robots>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let said = known.get(place)?;
        (said.until > Instant::now()).then(|| Arc::clone(&said.rules))
    }

    fn remember(&self, place: String, rules: &Arc<Robots>) {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, said| said.until > now);
        }
        if known.len() >= MOST {
            known.clear();
        }
        let said = Said {
            rules: Arc::clone(rules),
            until: now + REMEMBERED,
        };
        known.insert(place, said);
    }
}

/// What a host says (RFC 9309, section 2.3.1): one that has no robots.txt allows everything, one that fails nothing.
async fn ask(place: &Url, client: &Client) -> Result<Robots, Kept> {
    let access = match client.get(place, LIMIT, WITHIN).await {
        Ok(text) => return Ok(Robots::parse(&text, AGENT)),
        Err(GetError::Status(status)) if status >= 500 => return Err(Kept::Unreadable(status)),
        Err(GetError::TooLong(_)) => return Err(Kept::Long),
        Err(GetError::Redirects) => AccessResult::TooManyRedirects,
        // An address that may not be called is refused again, and by its own name, when the picture is fetched.
        Err(GetError::Status(_) | GetError::Refused(_)) => AccessResult::Unavailable,
        Err(error @ (GetError::Timeout | GetError::Connection(_) | GetError::Kept(_))) => {
            return Err(Kept::Absent(error));
        }
    };
    Ok(Robots::from_access(access, AGENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_hosts_are_remembered_as_there_is_room_for() {
        let hosts = Hosts::default();
        let rules = Arc::new(Robots::allow_all());
        for number in 0..=MOST {
            hosts.remember(number.to_string(), &rules);
        }
        assert!(hosts.known.lock().unwrap().len() <= MOST);
        assert!(hosts.remembered(&MOST.to_string()).is_some());
        assert!(hosts.remembered("elsewhere").is_none());
    }
}
