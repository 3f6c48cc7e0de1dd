//! Connects to a target: resolves its name once, keeps the addresses that the policy allows, and
//! dials those.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use common::egress::Policy;
use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use url::Host;

use super::own;
use super::stream::Upstream;
use super::target::Target;

/// The longest that resolving and connecting may take together.
const DIAL_LIMIT: Duration = Duration::from_secs(10);

/// The longest for one address while there are others to try.
const ADDRESS_LIMIT: Duration = Duration::from_secs(2);

/// The longest that a connection may lie idle: as long as a job may take.
const IDLE_LIMIT: Duration = Duration::from_mins(5);

/// The most lookups at a time: each takes a thread that all of the process shares.
const LOOKUPS: usize = 8;

/// How long, and how many, names keep their addresses.
const CACHE_FOR: Duration = Duration::from_mins(1);
const CACHE_NAMES: usize = 512;

/// The most addresses of one name that are looked at.
const ADDRESSES: usize = 16;

/// Why there is no connection; the texts go on from the target's name, but for a refusal's, which is whole.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("{0}")]
    Refused(String),
    #[error("can't be resolved: no such name is known")]
    NoSuchName,
    #[error("did not answer within {} s", DIAL_LIMIT.as_secs())]
    TimedOut,
    #[error("can't be reached: {0}")]
    Unreachable(#[source] io::Error),
}

/// Dials what one proxy's rules allow.
#[derive(Debug)]
pub(super) struct Dialer {
    policy: Policy,
    lookups: Arc<Semaphore>,
    names: Mutex<HashMap<String, (Instant, Vec<IpAddr>)>>,
}

impl Dialer {
    /// A dialer under a policy.
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
            names: Mutex::default(),
        }
    }

    /// Connects to a target, if it may be called.
    pub(super) async fn dial(&self, target: &Target) -> Result<Upstream<TcpStream>, DialError> {
        timeout(DIAL_LIMIT, self.dial_slowly(target))
            .await
            .unwrap_or(Err(DialError::TimedOut))
    }

    async fn dial_slowly(&self, target: &Target) -> Result<Upstream<TcpStream>, DialError> {
        if target.has_closed_port() {
            let reason = format!("{target}: nothing is called on port {}", target.port());
            return Err(DialError::Refused(reason));
        }
        let addresses = self.vetted(target).await?;
        let mut failure = DialError::NoSuchName;
        for (others, address) in (0..addresses.len()).rev().zip(addresses) {
            let patience = if others == 0 {
                DIAL_LIMIT
            } else {
                ADDRESS_LIMIT
            };
            failure = match timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return self.connected(stream),
                Ok(Err(error)) => DialError::Unreachable(error),
                Err(_) => DialError::TimedOut,
            };
        }
        Err(failure)
    }

    /// The addresses of a target that may be dialled, at least one.
    async fn vetted(&self, target: &Target) -> Result<Vec<SocketAddr>, DialError> {
        let mut vetted = Vec::new();
        let mut refused = None;
        for ip in self.addresses(target).await? {
            let address = SocketAddr::new(ip, target.port());
            if own::is_own(address) {
                refused.get_or_insert_with(|| format!("{target} is the renderer's own proxy"));
            } else if let Err(reason) = self.policy.check(ip) {
                refused.get_or_insert_with(|| match target.name() {
                    Some(name) => format!("{name}: {reason}"),
                    None => reason.to_string(),
                });
            } else {
                vetted.push(address);
            }
        }
        match refused {
            Some(reason) if vetted.is_empty() => Err(DialError::Refused(reason)),
            Some(_) | None => Ok(vetted),
        }
    }

    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, DialError> {
        let name = match target.host() {
            Host::Ipv4(address) => return Ok(vec![IpAddr::V4(*address)]),
            Host::Ipv6(address) => return Ok(vec![IpAddr::V6(*address)]),
            Host::Domain(name) => name.trim_end_matches('.'),
        };
        if is_under(name, "localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        if is_under(name, "invalid") {
            return Err(DialError::NoSuchName);
        }
        if let Some(known) = self.known(name) {
            return Ok(known);
        }
        let found = self.look_up(name).await?;
        self.remember(name, &found);
        Ok(found)
    }

    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, DialError> {
        let Ok(permit) = Arc::clone(&self.lookups).acquire_owned().await else {
            return Err(DialError::NoSuchName);
        };
        let name = name.to_owned();
        // A task of its own, since a lookup can't be stopped: it keeps its permit to its end.
        let looking = tokio::spawn(async move {
            let found = lookup_host((name.as_str(), 0)).await;
            drop(permit);
            found.map(|found| found.map(|address| address.ip()).collect::<Vec<_>>())
        });
        let Ok(Ok(mut found)) = looking.await else {
            return Err(DialError::NoSuchName);
        };
        found.dedup();
        found.truncate(ADDRESSES);
        if found.is_empty() {
            return Err(DialError::NoSuchName);
        }
        Ok(found)
    }

    fn known(&self, name: &str) -> Option<Vec<IpAddr>> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, addresses) = names.get(name)?;
        (since.elapsed() < CACHE_FOR).then(|| addresses.clone())
    }

    fn remember(&self, name: &str, addresses: &[IpAddr]) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= CACHE_NAMES {
            names.clear();
        }
        names.insert(name.to_owned(), (Instant::now(), addresses.to_vec()));
    }

    /// Refuses this machine under a public address of its own: what listens there may be meant for
    /// its neighbours only.
    fn connected(&self, stream: TcpStream) -> Result<Upstream<TcpStream>, DialError> {
        let (near, far) = (stream.local_addr(), stream.peer_addr());
        let (near, far) =
            (near.and_then(|near| Ok((near.ip(), far?.ip())))).map_err(DialError::Unreachable)?;
        if near == far && !self.policy.is_opened(far) {
            let reason = format!("{far} is an address of the renderer's own machine");
            return Err(DialError::Refused(reason));
        }
        stream.set_nodelay(true).map_err(DialError::Unreachable)?;
        Ok(Upstream::new(stream, IDLE_LIMIT))
    }
}

/// Whether a name is a domain or a name in it.
fn is_under(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Gives the HTTP client its connections.
#[derive(Debug, Clone)]
pub(super) struct Connector(Arc<Dialer>);

impl Connector {
    /// Connections by this dialer.
    pub(super) fn new(dialer: Arc<Dialer>) -> Self {
        Self(dialer)
    }
}

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<Upstream<TcpStream>>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialer = Arc::clone(&self.0);
        Box::pin(async move {
            let target = uri.authority().map(Target::parse);
            let Some(Ok(target)) = target else {
                return Err(DialError::NoSuchName);
            };
            dialer.dial(&target).await.map(TokioIo::new)
        })
    }
}
