//! The forward proxy: the only way by which a page reaches the network. One loopback listener for
//! each browser context, so that what a job asked for is known to be that job's.
//!
//! A name is resolved once, and only addresses that the egress policy allows are dialled, so nothing
//! that a page does (redirects, frames, sockets, a name that changes its address) gets around it.

mod answer;
mod dial;
mod exchange;
mod headers;
mod origin;
mod own;
mod record;
mod stream;
mod target;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use common::egress::Policy;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};

use dial::{Connector, Dialer};
use own::OwnPort;
use record::Record;

pub(crate) use answer::MARK;
pub(crate) use origin::Origin;
pub(crate) use record::{Failure, Refusal};

/// The most connections of one proxy at a time, tunnels included; more wait to be accepted.
const CONNECTIONS: usize = 128;

/// The most bytes of the headers of one request or response.
const HEADER_LIMIT: usize = 256 * 1024;

/// The most headers of one request or response.
const HEADER_COUNT: usize = 256;

/// How long an unused connection to a host is kept for the next request.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// The pause after a failed accept, which is most often a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a proxy lets through.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Which addresses may be dialled.
    pub(crate) policy: Policy,
    /// A made-up host that the proxy answers for by itself.
    pub(crate) origin: Option<Origin>,
}

/// A running proxy; dropping it closes its listener and every connection through it.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _port: OwnPort,
    _closing: DropGuard,
}

/// What every connection of a proxy works with.
#[derive(Debug)]
struct Shared {
    origin: RwLock<Option<Arc<Origin>>>,
    record: Record,
    dialer: Arc<Dialer>,
    client: Client<Connector, Incoming>,
    closing: CancellationToken,
}

impl Proxy {
    /// Starts a proxy on a free loopback port.
    pub(crate) async fn bind(rules: Rules) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let port = OwnPort::register(address.port());
        let closing = CancellationToken::new();
        let dialer = Arc::new(Dialer::new(rules.policy));
        let shared = Arc::new(Shared {
            origin: RwLock::new(rules.origin.map(Arc::new)),
            record: Record::default(),
            client: client(&dialer, &closing),
            dialer,
            closing: closing.clone(),
        });
        let accepting = accept(listener, Arc::clone(&shared));
        tokio::spawn(closing.clone().run_until_cancelled_owned(accepting));
        Ok(Self {
            address,
            shared,
            _port: port,
            _closing: closing.drop_guard(),
        })
    }

    /// Ends every connection, and takes no more: whatever a page still waits for fails at once.
    pub(crate) fn hang_up(&self) {
        self.shared.closing.cancel();
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the made-up host that the proxy answers for by itself.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documents are still written into blank pages")
    )]
    pub(crate) fn set_origin(&self, origin: Option<Origin>) {
        *self
            .shared
            .origin
            .write()
            .unwrap_or_else(PoisonError::into_inner) = origin.map(Arc::new);
    }

    /// The hosts that policy kept from being called, oldest first; a bounded list without repetitions.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.shared.record.refusals()
    }

    /// The hosts that could be called but not reached, oldest first; a bounded list without repetitions.
    pub(crate) fn failures(&self) -> Vec<Failure> {
        self.shared.record.failures()
    }
}

impl Shared {
    fn origin(&self) -> Option<Arc<Origin>> {
        self.origin
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The client for plain http, whose every connection comes from the dialer.
fn client(dialer: &Arc<Dialer>, closing: &CancellationToken) -> Client<Connector, Incoming> {
    Client::builder(Tasks(closing.clone()))
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(POOL_IDLE)
        .http1_preserve_header_case(true)
        .http1_max_buf_size(HEADER_LIMIT)
        .http1_max_headers(HEADER_COUNT)
        .build(Connector::new(Arc::clone(dialer)))
}

/// Runs the client's background tasks until the proxy closes.
#[derive(Debug, Clone)]
struct Tasks(CancellationToken);

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, task: F) {
        tokio::spawn(self.0.clone().run_until_cancelled_owned(task));
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(seat) = Arc::clone(&seats).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let closing = shared.closing.clone();
                let serving = serve(stream, Arc::clone(&shared), Arc::new(seat));
                tokio::spawn(closing.run_until_cancelled_owned(serving));
            }
            Err(error) => {
                tracing::warn!(%error, "A page's connection could not be accepted.");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>, seat: Arc<OwnedSemaphorePermit>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "A connection's delay could not be switched off.");
    }
    let service = service_fn(move |request| {
        let (shared, seat) = (Arc::clone(&shared), Arc::clone(&seat));
        async move { Ok::<_, Infallible>(exchange::answer(request, &shared, seat).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .preserve_header_case(true)
        .auto_date_header(false)
        .max_buf_size(HEADER_LIMIT)
        .max_headers(HEADER_COUNT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "A page's connection ended early.");
    }
}
