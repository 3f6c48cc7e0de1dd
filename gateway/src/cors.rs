//! Which sites' pages may call from browsers (CORS): none, unless the operator names some. The key of such a
//! caller is known to everybody who uses the page.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER,
};
use http::{HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use crate::idempotency;

/// How long a browser may remember what it was allowed; none remembers for longer.
const REMEMBERED: Duration = Duration::from_hours(2);

/// Headers of answers that a page may read, beside those that any may.
const EXPOSED: &[&str] = &[
    "cl-api-credit-cost",
    "cl-bandwidth",
    "cl-bandwidth-cost",
    "cl-calls-remaining",
    "cl-charged-time",
    "cl-cluster-id",
    "cl-process-time",
    "cl-process-time-cost",
    "cl-worker",
    "cl-worker-job-id",
    "idempotent-replayed",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
];

/// Sites that are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Every site.
    Any,
    /// One site, as browsers write it in the `Origin` header.
    Site(HeaderValue),
}

/// A text that is not an [`Origin`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a site: write its scheme and host, such as https://app.example.com, or *")]
pub struct ParseOriginError(String);

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Any);
        }
        let wrong = || ParseOriginError(text.to_owned());
        let url = Url::parse(text).map_err(|_| wrong())?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_web = matches!(url.scheme(), "http" | "https") && !text.contains('*');
        if !is_web || !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong());
        }
        let origin = HeaderValue::try_from(url.origin().ascii_serialization());
        origin.map(Self::Site).map_err(|_| wrong())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Site(origin) => f.write_str(&String::from_utf8_lossy(origin.as_bytes())),
        }
    }
}

/// Answers browsers that ask whether a page may call; none if no site is allowed. Keys travel in headers, so
/// cookies are never allowed.
pub(crate) fn layer(allowed: &[Origin]) -> Option<CorsLayer> {
    if allowed.is_empty() {
        return None;
    }
    let sites = allowed.iter().filter_map(|origin| match origin {
        Origin::Any => None,
        Origin::Site(origin) => Some(origin.clone()),
    });
    let origins = if allowed.contains(&Origin::Any) {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(sites)
    };
    let named = EXPOSED.iter().map(|name| HeaderName::from_static(name));
    let exposed = named.chain([CONTENT_DISPOSITION, LOCATION, RETRY_AFTER]);
    let key = HeaderName::from_static("x-api-key");
    let idempotency_key = HeaderName::from_static(idempotency::HEADER);
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, key, idempotency_key])
        .expose_headers(exposed.collect::<Vec<_>>())
        .max_age(REMEMBERED);
    Some(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_written_as_browsers_write_it() {
        for (text, expected) in [
            ("https://app.example.com", "https://app.example.com"),
            (" https://App.Example.com:443/ ", "https://app.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("*", "*"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_site_is_refused() {
        for text in [
            "",
            "app.example.com",
            "null",
            "https://a.example/path",
            "https://a.example/?x",
            "https://user@a.example",
            "file:///x",
            "https://*.example.com",
        ] {
            let error = text.parse::<Origin>().unwrap_err().to_string();
            assert!(error.contains("https://app.example.com"), "{error}");
        }
    }
}
