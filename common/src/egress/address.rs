//! Which addresses may be registered to be called later: webhooks, and files to fetch. Pure: names are
//! resolved and judged when they are called.

use std::net::IpAddr;

use url::{Host, Url};

use super::Policy;

/// Why an address is not taken. The text goes on after the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// Not an absolute URL.
    #[error("must be an absolute https address, such as https://example.com/hook")]
    NotUrl,
    /// Plain http towards an address that no operator has opened, or another scheme.
    #[error("must be https; http is accepted only towards a range opened by --allow-network")]
    NotHttps,
    /// An address that would not be called, whatever is asked.
    #[error(
        "names {0}, which this installation does not call; its operator can open it with --allow-network"
    )]
    Closed(&'static str),
}

/// Judges an address when it is registered, and gives it parsed.
///
/// https is accepted towards every name, and towards a literal address that may be called. http is accepted towards a literal address inside an opened range, and
/// towards a name while any range is open, which [`super::confirm_address`] then looks up.
pub fn check_address(url: &str, policy: &Policy) -> Result<Url, AddressRefused> {
    let url = Url::parse(url).map_err(|_| AddressRefused::NotUrl)?;
    match url.scheme() {
        "https" => match literal(&url).map(|address| policy.check(address)) {
            Some(Err(refused)) => Err(AddressRefused::Closed(refused.what)),
            Some(Ok(())) | None => Ok(url),
        },
        "http" if plain_http_allowed(&url, policy) => Ok(url),
        _ => Err(AddressRefused::NotHttps),
    }
}

fn plain_http_allowed(url: &Url, policy: &Policy) -> bool {
    match literal(url) {
        Some(address) => policy.is_opened(address),
        None => url.has_host() && !policy.open().is_empty(),
    }
}

/// The address that stands in the URL itself, in whatever spelling.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_always_and_http_only_towards_an_opened_range() {
        let closed = Policy::default();
        let opened = Policy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let cases = [
            ("https://example.com/hook", true, true),
            ("https://127.0.0.1/hook", false, true),
            ("https://2130706433/hook", false, true),
            ("https://[::ffff:a00:1]/", false, false),
            ("https://169.254.169.254/latest", false, false),
            ("http://127.0.0.1:9/hook", false, true),
            ("http://127.1:9/hook", false, true),
            ("http://[::ffff:127.0.0.1]/", false, true),
            ("http://localhost:9/hook", false, true),
            ("http://10.0.0.1/", false, false),
            ("http://1.1.1.1/", false, false),
            ("ftp://127.0.0.1/", false, false),
            ("javascript:alert(1)", false, false),
        ];
        for (url, when_closed, when_opened) in cases {
            assert_eq!(check_address(url, &closed).is_ok(), when_closed, "{url}");
            assert_eq!(check_address(url, &opened).is_ok(), when_opened, "{url}");
        }
        assert_eq!(check_address("/hook", &opened), Err(AddressRefused::NotUrl));
        let text = check_address("http://example.com", &closed)
            .unwrap_err()
            .to_string();
        assert!(
            text.starts_with("must") && text.contains("--allow-network"),
            "{text}"
        );
    }
}
