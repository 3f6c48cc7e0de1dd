//! Fetching a file that a customer names: as guarded as every other call, but whole.

use std::time::Duration;

use reqwest::{Method, Request, Response, StatusCode, header};
use tokio::time::Instant;
use url::Url;

use super::{Client, Fetched, classify};
use crate::egress::{Policy, check_address};

/// The most redirects that are followed.
const REDIRECTS: usize = 5;

/// Why a file was not fetched. The text goes on after the name of its field, and never repeats the
/// address, which may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// The host answered, but not with the file.
    #[error("could not be fetched: the server answered {0}")]
    Status(u16),
    /// More bytes than are wanted.
    #[error("must be a file of at most {0} bytes")]
    TooLong(usize),
    /// Not in time.
    #[error("could not be fetched in time")]
    Timeout,
    /// No connection, or one that broke.
    #[error("could not be fetched: {0}")]
    Connection(String),
    /// The address may not be called.
    #[error("could not be fetched: {0}")]
    Refused(String),
    /// Sent from one address to the next.
    #[error("could not be fetched: more than {REDIRECTS} redirects")]
    Redirects,
}

impl Client {
    /// Fetches a file of at most `limit` bytes; everything happens `within` this time. Redirects are
    /// followed, each of them judged like the address itself.
    pub async fn get(
        &self,
        url: &Url,
        limit: usize,
        within: Duration,
    ) -> Result<Vec<u8>, GetError> {
        let deadline = Instant::now() + within;
        let fetching = self.follow(url.clone(), limit);
        let fetched = tokio::time::timeout_at(deadline, fetching).await;
        fetched.unwrap_or(Err(GetError::Timeout))
    }

    async fn follow(&self, mut url: Url, limit: usize) -> Result<Vec<u8>, GetError> {
        for _ in 0..=REDIRECTS {
            let response = self.ask(&url).await?;
            match next(&url, &response, &self.policy)? {
                Some(there) => url = there,
                None => return whole(response, limit).await,
            }
        }
        Err(GetError::Redirects)
    }

    async fn ask(&self, url: &Url) -> Result<Response, GetError> {
        let plain = url.scheme() == "http";
        self.check_literal(url, plain).map_err(GetError::Refused)?;
        let client = if plain { &self.http } else { &self.https };
        let request = Request::new(Method::GET, url.clone());
        client
            .execute(request)
            .await
            .map_err(|error| failed(&error))
    }
}

/// Where the answer sends us; `None` when it is the file.
fn next(url: &Url, response: &Response, policy: &Policy) -> Result<Option<Url>, GetError> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(None);
    }
    let location = response.headers().get(header::LOCATION);
    let there = location
        .filter(|_| status.is_redirection())
        .and_then(|value| url.join(value.to_str().ok()?).ok())
        .ok_or(GetError::Status(status.as_u16()))?;
    let judged = check_address(there.as_str(), policy);
    judged
        .map(Some)
        .map_err(|refused| GetError::Refused(format!("the redirect's target {refused}")))
}

async fn whole(mut response: Response, limit: usize) -> Result<Vec<u8>, GetError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(GetError::TooLong(limit));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failed(&error))? {
        if bytes.len() + piece.len() > limit {
            return Err(GetError::TooLong(limit));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn failed(error: &reqwest::Error) -> GetError {
    match classify::failure(error) {
        Fetched::Timeout => GetError::Timeout,
        Fetched::Connection(why) => GetError::Connection(why),
        Fetched::Refused(why) => GetError::Refused(why),
        Fetched::Answered(answer) => GetError::Status(answer.status),
    }
}
