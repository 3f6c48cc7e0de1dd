//! Whether a host lets its pictures be fetched: its robots.txt is asked first (RFC 9309; reference iterationlayer,
//! section 1.8). What it says is remembered for a while, since pictures of one host are often asked for together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::fetch::{Client, GetError};
use robotxt::{Robots, robots_url};
use tokio::time::Instant;
use url::Url;

/// By which a robots.txt calls us: the product in `USER_AGENT`.
const AGENT: &str = "platen";

/// The most bytes of a robots.txt; the first 500 KiB of it are read, as the RFC asks.
const LIMIT: usize = 1024 * 1024;

/// The longest that one may take.
const WITHIN: Duration = Duration::from_secs(10);

/// How long it is remembered; the RFC's most is a day.
const REMEMBERED: Duration = Duration::from_mins(10);

/// The most hosts that are remembered, and the most bytes of what one has said: its rules take some ten times as much.
/// Longer ones are asked for anew by each picture, and read off the runtime's threads.
const MOST: usize = 256;
const SHORT: usize = 8 * 1024;

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
    /// Nor can it be asked; a robots.txt may be too long, or elsewhere, where nobody may ask.
    #[error("could not be fetched, since the robots.txt of its host {0}")]
    Absent(GetError),
}

impl Hosts {
    /// Whether a host lets this be fetched.
    pub(super) async fn check(&self, url: &Url, client: &Client) -> Result<(), Kept> {
        let Ok(place) = robots_url(url) else {
            // Whoever fetches it says what is wrong with it.
            return Ok(());
        };
        if let Some(rules) = self.remembered(place.as_str()) {
            return allowed(rules.is_url_allowed(url));
        }
        let text = ask(&place, client).await?;
        if text.len() > SHORT {
            let url = url.clone();
            let reading = move || Robots::parse(&text, AGENT).is_url_allowed(&url);
            // One that can't be read to its end forbids.
            let read = tokio::task::spawn_blocking(reading).await;
            return allowed(read.unwrap_or(false));
        }
        let rules = Arc::new(Robots::parse(&text, AGENT));
        self.remember(place.into(), &rules);
        allowed(rules.is_url_allowed(url))
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

const fn allowed(is_allowed: bool) -> Result<(), Kept> {
    if is_allowed {
        Ok(())
    } else {
        Err(Kept::Forbidden)
    }
}

/// What a host says (RFC 9309, section 2.3.1): one that has no robots.txt, or leads nowhere, allows everything; one
/// that fails allows nothing.
async fn ask(place: &Url, client: &Client) -> Result<Vec<u8>, Kept> {
    match client.get(place, LIMIT, WITHIN).await {
        Ok(text) => Ok(text),
        Err(GetError::Status(status)) if status >= 500 => Err(Kept::Unreadable(status)),
        Err(GetError::Status(_) | GetError::Redirects) => Ok(Vec::new()),
        Err(
            error @ (GetError::Timeout
            | GetError::Connection(_)
            | GetError::Refused(_)
            | GetError::TooLong(_)
            | GetError::Kept(_)),
        ) => Err(Kept::Absent(error)),
    }
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
