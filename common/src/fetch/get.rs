//! Fetching a file that a customer names: as guarded as every other call, but whole.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderValue;
use reqwest::{Method, Request, Response, StatusCode, header};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;
use url::Url;

use super::{Client, Fetched, classify};
use crate::egress::{Policy, check_address};

/// The most redirects that are followed.
pub const REDIRECTS: usize = 5;

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
    /// A file of ours could not be written.
    #[error("could not be kept: {0}")]
    Kept(String),
}

/// What is shown to the host that a file is asked of, and to no other that it sends us to.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `Cookie` header.
    pub cookie: Option<String>,
}

/// What came of asking one address.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The file.
    File(Vec<u8>),
    /// It is elsewhere, at an address that was judged like the first.
    Elsewhere(Url),
}

/// Where the bytes of a file go.
enum Sink<'a> {
    Memory(&'a mut Vec<u8>),
    File(&'a mut File),
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
        let mut bytes = Vec::new();
        let nothing = Credentials::default();
        let fetching = self.follow(url, &nothing, limit, Sink::Memory(&mut bytes));
        in_time(fetching, within).await?;
        Ok(bytes)
    }

    /// The same of this one address: who follows a redirect is asked first.
    pub async fn step(&self, url: &Url, limit: usize, within: Duration) -> Result<Step, GetError> {
        let asking = async {
            let response = self.ask(url, None).await?;
            if let Some(there) = next(url, &response, &self.policy)? {
                return Ok(Step::Elsewhere(there));
            }
            let mut bytes = Vec::new();
            whole(response, limit, Sink::Memory(&mut bytes)).await?;
            Ok(Step::File(bytes))
        };
        in_time(asking, within).await
    }

    /// The same into a file, at whose place the bytes are written, and with credentials for the
    /// address's own origin. Gives the number of bytes.
    pub async fn get_into(
        &self,
        file: &mut File,
        url: &Url,
        credentials: &Credentials,
        (limit, within): (usize, Duration),
    ) -> Result<usize, GetError> {
        let fetching = self.follow(url, credentials, limit, Sink::File(&mut *file));
        let length = in_time(fetching, within).await?;
        file.flush().await.map_err(|error| kept(&error))?;
        Ok(length)
    }

    async fn follow(
        &self,
        from: &Url,
        credentials: &Credentials,
        limit: usize,
        sink: Sink<'_>,
    ) -> Result<usize, GetError> {
        let mut url = from.clone();
        for _ in 0..=REDIRECTS {
            let shown = (url.origin() == from.origin()).then_some(credentials);
            let response = self.ask(&url, shown).await?;
            match next(&url, &response, &self.policy)? {
                Some(there) => url = there,
                None => return whole(response, limit, sink).await,
            }
        }
        Err(GetError::Redirects)
    }

    async fn ask(
        &self,
        url: &Url,
        credentials: Option<&Credentials>,
    ) -> Result<Response, GetError> {
        let plain = url.scheme() == "http";
        self.check_literal(url, plain).map_err(GetError::Refused)?;
        let client = if plain { &self.http } else { &self.https };
        let mut request = Request::new(Method::GET, url.clone());
        if let Some(Credentials {
            authorization,
            cookie,
        }) = credentials
        {
            let shown = [
                (header::AUTHORIZATION, authorization),
                (header::COOKIE, cookie),
            ];
            for (name, value) in shown {
                let Some(value) = value else { continue };
                let mut value = HeaderValue::from_str(value).map_err(|_| {
                    GetError::Connection(format!("the header {name} can't be sent"))
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert(name, value);
            }
        }
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

async fn in_time<T>(
    fetching: impl Future<Output = Result<T, GetError>>,
    within: Duration,
) -> Result<T, GetError> {
    let fetched = tokio::time::timeout_at(Instant::now() + within, fetching).await;
    fetched.unwrap_or(Err(GetError::Timeout))
}

async fn whole(
    mut response: Response,
    limit: usize,
    mut sink: Sink<'_>,
) -> Result<usize, GetError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(GetError::TooLong(limit));
    }
    let mut length = 0;
    while let Some(piece) = response.chunk().await.map_err(|error| failed(&error))? {
        length += piece.len();
        if length > limit {
            return Err(GetError::TooLong(limit));
        }
        sink.take(&piece).await?;
    }
    Ok(length)
}

impl Sink<'_> {
    async fn take(&mut self, piece: &Bytes) -> Result<(), GetError> {
        match self {
            Self::Memory(bytes) => bytes.extend_from_slice(piece),
            Self::File(file) => file.write_all(piece).await.map_err(|error| kept(&error))?,
        }
        Ok(())
    }
}

fn kept(error: &std::io::Error) -> GetError {
    GetError::Kept(error.to_string())
}

fn failed(error: &reqwest::Error) -> GetError {
    match classify::failure(error) {
        Fetched::Timeout => GetError::Timeout,
        Fetched::Connection(why) => GetError::Connection(why),
        Fetched::Refused(why) => GetError::Refused(why),
        Fetched::Answered(answer) => GetError::Status(answer.status),
    }
}
