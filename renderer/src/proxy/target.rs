//! Which host and port a request names, however odd the spelling: `127.1`, `0x7f.1` and `2130706433`
//! are the address 127.0.0.1, as they are to a browser.

use std::fmt;

use hyper::Uri;
use hyper::http::uri::Authority;
use url::{Host, Url};

/// Ports that nothing is called on: none at all, and mail, where a request could be read as a letter.
const CLOSED_PORTS: [u16; 2] = [0, 25];

/// The authority is not a host and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not a host and a port")]
pub(super) struct NotAHost;

/// A host and a port, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    host: Host<String>,
    port: u16,
}

impl Target {
    /// Reads an authority; a port that is not there is 80. User names are dropped.
    pub(super) fn parse(authority: &Authority) -> Result<Self, NotAHost> {
        let url = Url::parse(&format!("http://{authority}/")).map_err(|_| NotAHost)?;
        let host = url.host().ok_or(NotAHost)?.to_owned();
        let port = url.port_or_known_default().ok_or(NotAHost)?;
        Ok(Self { host, port })
    }

    /// The host.
    pub(super) fn host(&self) -> &Host<String> {
        &self.host
    }

    /// The host, when it is a name; without the root's dot.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name.trim_end_matches('.')),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    /// The port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether nothing is called on its port.
    pub(super) fn has_closed_port(&self) -> bool {
        CLOSED_PORTS.contains(&self.port)
    }

    /// The address of a path on this target.
    pub(super) fn uri(&self, path_and_query: &str) -> Result<Uri, hyper::http::Error> {
        Uri::builder()
            .scheme("http")
            .authority(self.to_string())
            .path_and_query(path_and_query)
            .build()
    }
}

/// As in a `Host` header: without the port when it is 80.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            80 => write!(f, "{}", self.host),
            port => write!(f, "{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(authority: &str) -> Result<String, NotAHost> {
        let authority: Authority = authority.parse().map_err(|_| NotAHost)?;
        Target::parse(&authority).map(|target| target.to_string())
    }

    #[test]
    fn an_address_has_one_spelling() {
        for loopback in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0x7F000001",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.1.",
            "127.0.0.1:80",
            "user:word@127.0.0.1",
        ] {
            assert_eq!(parse(loopback).as_deref(), Ok("127.0.0.1"), "{loopback}");
        }
        assert_eq!(parse("[0:0::1]:8080").as_deref(), Ok("[::1]:8080"));
        assert_eq!(parse("EXAMPLE.com:443").as_deref(), Ok("example.com:443"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for odd in [
            "",
            "[::1",
            "1.2.3.4.5",
            "256.1.1.1",
            "[fe80::1%25eth0]",
            "a b",
            "%31.1",
            "x:99999",
            ":80",
        ] {
            assert_eq!(parse(odd), Err(NotAHost), "{odd}");
        }
    }
}
