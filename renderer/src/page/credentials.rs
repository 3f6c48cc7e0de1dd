//! HTTP Basic credentials: given to the page's own origin when it asks, to nobody else. Requests to
//! other origins are not even looked at, so an image host elsewhere can't collect them.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use common::task::Basic;
use headless_chrome::protocol::cdp::Fetch;
use serde::Deserialize;
use url::Url;

use super::PageError;
use crate::cdp::{Event, Session};

/// A user's name and password for one origin.
pub(super) struct Credentials {
    origin: url::Origin,
    basic: Basic,
    /// The requests that got them; one that asks again was not satisfied, and would ask for ever.
    given: Mutex<HashSet<String>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.origin.ascii_serialization())
    }
}

impl Credentials {
    pub(super) fn new(page: &Url, basic: &Basic) -> Self {
        Self {
            origin: page.origin(),
            basic: basic.clone(),
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
                handle_auth_requests: Some(true),
            })
            .await?;
        Ok(())
    }

    /// The credentials, once for each request of this origin.
    fn give(&self, request: &str, challenge: &Challenge) -> Option<&Basic> {
        let asked = Url::parse(&challenge.origin).map(|url| url.origin());
        let fits = challenge.source != "Proxy" && asked.is_ok_and(|origin| origin == self.origin);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        (fits && given.insert(request.to_owned())).then_some(&self.basic)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paused {
    request_id: String,
    auth_challenge: Option<Challenge>,
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
        None => session.tell(&proceed(paused.request_id)),
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

fn proceed(request_id: String) -> Fetch::ContinueRequest {
    Fetch::ContinueRequest {
        request_id,
        url: None,
        method: None,
        post_data: None,
        headers: None,
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
