//! The part of an address's judgement that needs its name looked up.

use std::time::Duration;

use url::{Host, Url};

use super::{AddressRefused, Policy};

/// The longest time that a look-up may take while a caller waits.
const LOOKUP: Duration = Duration::from_secs(3);

/// Judges, when it is registered, a plain http address by name: every address behind the name must be
/// opened by the operator. Others were judged without a look-up by [`super::check_address`]. The name
/// is looked up and judged again whenever it is called.
pub async fn confirm_address(url: &Url, policy: &Policy) -> Result<(), AddressRefused> {
    let Some(Host::Domain(name)) = url.host().filter(|_| url.scheme() == "http") else {
        return Ok(());
    };
    let port = url.port_or_known_default().unwrap_or(80);
    let found = tokio::time::timeout(LOOKUP, tokio::net::lookup_host((name, port))).await;
    let Ok(Ok(addresses)) = found else {
        return Err(AddressRefused::NotHttps);
    };
    let mut addresses = addresses.peekable();
    let known = addresses.peek().is_some();
    if known && addresses.all(|address| policy.is_opened(address.ip())) {
        return Ok(());
    }
    Err(AddressRefused::NotHttps)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn confirmed(url: &str, range: &str) -> bool {
        let policy = Policy::new(vec![range.parse().unwrap(), "::1/128".parse().unwrap()]);
        confirm_address(&Url::parse(url).unwrap(), &policy)
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_plain_http_name_must_lead_into_an_opened_range() {
        assert!(confirmed("http://localhost:9/hook", "127.0.0.0/8").await);
        assert!(!confirmed("http://localhost:9/hook", "10.0.0.0/8").await);
        assert!(!confirmed("http://no-such-name.invalid/", "127.0.0.0/8").await);
        assert!(confirmed("https://no-such-name.invalid/", "127.0.0.0/8").await);
    }
}
