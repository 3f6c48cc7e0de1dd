//! The guarded HTTP client: calls hosts that customers name, and only at addresses that the egress
//! policy allows.
//!
//! No proxy, no retries, no decompression, HTTP/1.1 only, and redirects only for a file. A name is resolved once and
//! the connection goes to an address that was checked. What comes of a call is a value.

pub mod bucket;
mod classify;
mod get;
mod resolver;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use futures::stream::BoxStream;
use reqwest::{Method, Request, Response, header};
use tokio::time::Instant;
use url::{Host, Url};

use crate::egress::Policy;
use resolver::{Guarded, Resolver};

pub use get::{Credentials, GetError, REDIRECTS, Step};

/// The most bytes of an answer that are read off the wire; a longer one is cut there.
const READ_LIMIT: usize = 64 * 1024;

/// The most bytes of an answer that are kept.
pub const EXCERPT_LIMIT: usize = 4 * 1024;

/// The longest that connecting (name, TCP and TLS) may take, within the caller's deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the client can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS library refused its settings.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("the HTTP client can't be made")]
    Http(#[from] reqwest::Error),
}

/// A POST to make.
#[derive(Debug)]
pub struct Post {
    /// Where to; http or https.
    pub url: Url,
    /// Headers beside those of HTTP itself.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Body,
}

/// What a POST sends.
pub enum Body {
    /// Bytes that are there.
    Whole(Bytes),
    /// Bytes that come piece by piece, so that a long body takes little memory. An error breaks the call
    /// off, and shows as a broken connection.
    Streamed {
        /// How many there are in all.
        length: u64,
        /// The pieces.
        pieces: BoxStream<'static, io::Result<Bytes>>,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Streamed { length, .. } => write!(f, "Streamed({length} bytes)"),
        }
    }
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The host answered.
    Answered(Answer),
    /// The host did not answer in time.
    Timeout,
    /// No connection, or one that broke before an answer; the text says how.
    Connection(String),
    /// The address may not be called; the text says why.
    Refused(String),
}

/// A host's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The `Retry-After` header, as it was sent.
    pub retry_after: Option<String>,
    /// The first [`EXCERPT_LIMIT`] bytes of the body; what is not UTF-8 is replaced, and so are
    /// zeros, which PostgreSQL takes in no text.
    pub excerpt: String,
}

/// The client; clones share it.
#[derive(Debug, Clone)]
pub struct Client {
    policy: Policy,
    https: reqwest::Client,
    http: reqwest::Client,
}

impl Client {
    /// A client that calls what `policy` allows, and names itself `user_agent`.
    ///
    /// The certificates of the machine are trusted; if it has none, every https call fails, and a
    /// line in the log says why.
    pub fn new(policy: &Policy, user_agent: &str) -> Result<Self, ClientError> {
        let tls = crate::tls::config()?;
        let client = |plain: bool| {
            let guard = Guarded {
                policy: policy.clone(),
                plain,
            };
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(Resolver(guard)))
                .https_only(!plain)
                .http1_only()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .user_agent(user_agent)
                .connect_timeout(CONNECT_TIMEOUT)
                // A kept connection may have been closed by the other side; a fresh one never is.
                .pool_max_idle_per_host(0)
                .build()
        };
        Ok(Self {
            policy: policy.clone(),
            https: client(false)?,
            http: client(true)?,
        })
    }

    /// Makes the call; everything, from the name to the end of the answer, happens `within` this time.
    pub async fn post(&self, post: Post, within: Duration) -> Fetched {
        let deadline = Instant::now() + within;
        let plain = post.url.scheme() == "http";
        if let Err(refused) = self.check_literal(&post.url, plain) {
            return Fetched::Refused(refused);
        }
        let client = if plain { &self.http } else { &self.https };
        let request = match request(post) {
            Ok(request) => request,
            Err(problem) => return Fetched::Connection(problem),
        };
        let answered = tokio::time::timeout_at(deadline, client.execute(request)).await;
        match answered {
            Ok(Ok(response)) => Fetched::Answered(answer(response, deadline).await),
            Ok(Err(error)) => classify::failure(&error),
            Err(_) => Fetched::Timeout,
        }
    }

    /// The resolver never sees a literal address, so it is judged here.
    fn check_literal(&self, url: &Url, plain: bool) -> Result<(), String> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        let guard = Guarded {
            policy: self.policy.clone(),
            plain,
        };
        guard.check(address).map_err(|refused| refused.to_string())
    }
}

fn request(post: Post) -> Result<Request, String> {
    let mut request = Request::new(Method::POST, post.url);
    for (name, value) in post.headers {
        let value = header::HeaderValue::from_str(&value)
            .map_err(|_| format!("the value of the header {name} can't be sent"))?;
        request.headers_mut().insert(name, value);
    }
    let body = match post.body {
        Body::Whole(bytes) => bytes.into(),
        Body::Streamed { length, pieces } => {
            // Said, since receivers that know no chunks are many.
            let length = header::HeaderValue::from(length);
            request.headers_mut().insert(header::CONTENT_LENGTH, length);
            reqwest::Body::wrap_stream(pieces)
        }
    };
    *request.body_mut() = Some(body);
    Ok(request)
}

/// Reads the answer. The status is what counts, so a body that stalls or breaks only ends the excerpt.
async fn answer(mut response: Response, deadline: Instant) -> Answer {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut kept = Vec::new();
    let mut read = 0;
    while read < READ_LIMIT {
        let chunk = tokio::time::timeout_at(deadline, response.chunk()).await;
        let Ok(Ok(Some(chunk))) = chunk else {
            break;
        };
        read += chunk.len();
        keep(&mut kept, &chunk);
    }
    Answer {
        status,
        retry_after,
        excerpt: String::from_utf8_lossy(&kept).replace('\0', "\u{fffd}"),
    }
}

fn keep(kept: &mut Vec<u8>, chunk: &Bytes) {
    let room = EXCERPT_LIMIT - kept.len();
    kept.extend(chunk.iter().take(room));
}

#[cfg(test)]
mod tests;
