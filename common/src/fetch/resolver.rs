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
    /// Without the address: whoever reads this does not run the network that the name leads into.
    #[error(
        "the host's name leads to an address that this installation does not call; its operator can open it with --allow-network"
    )]
    Name,
}

impl Guarded {
    pub(super) fn check(&self, address: IpAddr) -> Result<(), NotDialled> {
        self.policy.check(address)?;
        if self.plain && !self.policy.is_opened(address) {
            return Err(NotDialled::Plain(address));
        }
        Ok(())
    }

    /// The addresses that may be dialled: all that a name has, or none if one of them is closed, since
    /// such a name means no good.
    fn filter(
        &self,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, NotDialled> {
        let judge = |address: SocketAddr| match self.check(address.ip()) {
            Ok(()) => Ok(address),
            Err(error) => {
                tracing::info!(%error, "a host's name leads where nothing is called");
                Err(NotDialled::Name)
            }
        };
        found.map(judge).collect()
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
    fn a_name_with_one_closed_address_leads_nowhere() {
        let open = ["127.0.0.1:0", "1.1.1.1:0"];
        check(false, &open, &open);
        check(true, &open, &[]);
        check(true, &open[..1], &open[..1]);
        check(false, &["1.1.1.1:0", "[::1]:0"], &[]);
        check(false, &["10.0.0.1:0", "169.254.169.254:0"], &[]);
    }

    #[test]
    fn who_is_refused_does_not_learn_the_address() {
        let guard = Guarded {
            policy: Policy::default(),
            plain: false,
        };
        let found = ["10.0.3.4:0".parse().unwrap()];
        let error = guard.filter(found.into_iter()).unwrap_err().to_string();
        assert!(
            !error.contains("10.0.3.4") && error.contains("--allow-network"),
            "{error}"
        );
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
