//! Resolves a name once and lets only checked addresses through; the connector dials exactly those.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::egress::{Policy, Refused};

/// The policy as one scheme sees it.
#[derive(Debug, Clone)]
pub(super) struct Guarded {
    pub(super) policy: Policy,
    /// Whether the call is plain http, which goes to opened ranges only.
    pub(super) plain: bool,
}

/// Why nothing was dialled.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDialled {
    #[error(transparent)]
    Closed(#[from] Refused),
    #[error("{0} is not in a range opened by --allow-network, and plain http goes only there")]
    Plain(IpAddr),
}

impl Guarded {
    pub(super) fn check(&self, address: IpAddr) -> Result<(), NotDialled> {
        self.policy.check(address)?;
        if self.plain && !self.policy.is_opened(address) {
            return Err(NotDialled::Plain(address));
        }
        Ok(())
    }

    /// The addresses that may be dialled; if there are none, why the last one may not.
    fn filter(
        &self,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, NotDialled> {
        let mut open = Vec::new();
        let mut refused = None;
        for address in found {
            match self.check(address.ip()) {
                Ok(()) => open.push(address),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if open.is_empty() => Err(error),
            _ => Ok(open),
        }
    }
}

/// The resolver that the HTTP library is given.
pub(super) struct Resolver(pub(super) Guarded);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(guard.filter(found)?.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(plain: bool, found: &[&str], dialled: &[&str]) {
        let policy = Policy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let sockets = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|t| t.parse().unwrap()).collect()
        };
        let open = Guarded { policy, plain }.filter(sockets(found).into_iter());
        assert_eq!(open.unwrap_or_default(), sockets(dialled), "{found:?}");
    }

    #[test]
    fn only_checked_addresses_are_left() {
        let mixed = ["127.0.0.1:0", "[::1]:0", "10.0.0.1:0", "1.1.1.1:0"];
        check(false, &mixed, &["127.0.0.1:0", "1.1.1.1:0"]);
        check(true, &mixed, &["127.0.0.1:0"]);
        check(false, &["10.0.0.1:0", "169.254.169.254:0"], &[]);
    }

    #[test]
    fn plain_http_does_not_go_to_the_public_network() {
        let guard = Guarded {
            policy: Policy::default(),
            plain: true,
        };
        let error = guard.check("1.1.1.1".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("--allow-network"), "{error}");
    }
}
