//! What only the page's own origin gets: HTTP Basic credentials when it asks, and the caller's headers. Requests
//! to other origins are not even looked at, so an image host elsewhere can't collect them; each hop of a
//! redirect is a request of its own.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use common::task::{Basic, Header};
use headless_chrome::protocol::cdp::Fetch;
use serde::Deserialize;
use url::Url;

use super::PageError;
use crate::cdp::{Event, Session};

/// A user's name and password, and headers, for one origin.
pub(super) struct Credentials {
    origin: url::Origin,
    basic: Option<Basic>,
    headers: Vec<Header>,
    /// The requests that got them; one that asks again was not satisfied, and would ask for ever.
    given: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.origin.ascii_serialization())
    }
}

impl Credentials {
    pub(super) fn new(page: &Url, basic: Option<&Basic>, headers: &[Header]) -> Self {
        Self {
            origin: page.origin(),
            basic: basic.cloned(),
            headers: headers.to_vec(),
            given: Mutex::default(),
        }
    }

    /// Has the browser ask about requests to this origin.
    pub(super) async fn enable(&self, session: &Session) -> Result<(), PageError> {
        let pattern = Fetch::RequestPattern {
            url_pattern: Some(format!("{}/*", self.origin.ascii_serialization())),
            resource_Type: None,
            request_stage: None,
        };
        session
            .call(Fetch::Enable {
                patterns: Some(vec![pattern]),
                handle_auth_requests: Some(self.basic.is_some()),
            })
            .await?;
        Ok(())
    }

    /// The credentials, once for each request of this origin.
    fn give(&self, request: &str, challenge: &Challenge) -> Option<&Basic> {
        let asked = Url::parse(&challenge.origin).map(|url| url.origin());
        let fits = challenge.source != "Proxy" && asked.is_ok_and(|origin| origin == self.origin);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let basic = self.basic.as_ref().filter(|_| fits)?;
        given.insert(request.to_owned()).then_some(basic)
    }

    /// The headers of a request with the caller's own among them; none if it goes elsewhere.
    fn with_headers(&self, request: &Request) -> Option<Vec<Fetch::HeaderEntry>> {
        let to = Url::parse(&request.url).ok()?.origin();
        if self.headers.is_empty() || to != self.origin {
            return None;
        }
        let is_own = |name: &str| {
            let mut own = self.headers.iter();
            own.any(|header| header.name.eq_ignore_ascii_case(name))
        };
        let kept = request.headers.iter().filter(|(name, _)| !is_own(name));
        let kept = kept.map(|(name, value)| entry(name, value));
        let own = self.headers.iter();
        let own = own.map(|header| entry(&header.name, &header.value));
        Some(kept.chain(own).collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paused {
    request_id: String,
    request: Request,
    auth_challenge: Option<Challenge>,
}

#[derive(Deserialize)]
struct Request {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Challenge {
    #[serde(default)]
    source: String,
    #[serde(default)]
    origin: String,
}

/// Answers a paused request or a challenge.
pub(super) fn answer(
    session: &Session,
    event: &Event,
    credentials: Option<&Credentials>,
) -> Result<(), serde_json::Error> {
    let paused: Paused = event.params()?;
    let told = match &paused.auth_challenge {
        None => {
            let headers = credentials.and_then(|known| known.with_headers(&paused.request));
            session.tell(&proceed(paused.request_id, headers))
        }
        Some(challenge) => {
            let basic = credentials.and_then(|known| known.give(&paused.request_id, challenge));
            session.tell(&reply(paused.request_id.clone(), basic))
        }
    };
    if let Err(error) = told {
        tracing::debug!(%error, "a request stays paused");
    }
    Ok(())
}

fn entry(name: &str, value: &str) -> Fetch::HeaderEntry {
    Fetch::HeaderEntry {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn proceed(request_id: String, headers: Option<Vec<Fetch::HeaderEntry>>) -> Fetch::ContinueRequest {
    Fetch::ContinueRequest {
        request_id,
        url: None,
        method: None,
        post_data: None,
        headers,
        intercept_response: None,
    }
}

/// Without credentials the challenge is cancelled, and the page shows the host's own refusal.
fn reply(request_id: String, basic: Option<&Basic>) -> Fetch::ContinueWithAuth {
    use Fetch::AuthChallengeResponseResponse::{CancelAuth, ProvideCredentials};
    Fetch::ContinueWithAuth {
        request_id,
        auth_challenge_response: Fetch::AuthChallengeResponse {
            response: if basic.is_some() {
                ProvideCredentials
            } else {
                CancelAuth
            },
            username: basic.map(|basic| basic.username.clone()),
            password: basic.map(|basic| basic.password.clone()),
        },
    }
}
