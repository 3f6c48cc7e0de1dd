//! The HTTP server: connections within bounds, and an end in good order.

mod patient;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::patient::Patient;
use crate::config::Config;

/// The longest that a request's head may take to arrive, and that a connection may idle.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// The longest that a caller may take nothing of what it is sent.
const STALL_TIME: Duration = Duration::from_mins(1);

/// Bytes of a connection's read buffer; a request's head must fit into it.
const BUFFER: usize = 64 * 1024;

/// Pause after an accept that failed for want of file descriptors or memory.
const BREATH: Duration = Duration::from_millis(500);

/// Accepts connections and serves them.
pub(crate) struct Server {
    listener: TcpListener,
    slots: Arc<Semaphore>,
    draining: CancellationToken,
    drain_wait: Duration,
}

impl Server {
    pub(crate) fn new(config: &Config, listener: TcpListener, draining: CancellationToken) -> Self {
        let slots = usize::try_from(config.max_connections.get()).unwrap_or(usize::MAX);
        Self {
            listener,
            slots: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            draining,
            drain_wait: config.drain_wait,
        }
    }

    /// Serves until `done` ends, cuts what is left, and gives the listener back: who comes meanwhile waits
    /// in its queue.
    pub(crate) async fn until<T>(
        self,
        router: Router,
        done: impl Future<Output = T>,
    ) -> (TcpListener, T) {
        let (connections, cut) = (TaskTracker::new(), CancellationToken::new());
        let done = tokio::select! {
            never = self.accept(router, &connections, &cut) => match never {},
            done = done => done,
        };
        cut.cancel();
        connections.close();
        connections.wait().await;
        (self.listener, done)
    }

    /// Serves until draining begins; then lets requests in hand end, and cuts what takes too long.
    pub(crate) async fn run(self, router: Router) {
        let (connections, cut) = (TaskTracker::new(), CancellationToken::new());
        let accepting = self.accept(router, &connections, &cut);
        if self.draining.run_until_cancelled(accepting).await.is_some() {
            return;
        }
        drop(self.listener);
        connections.close();
        let ended = tokio::time::timeout(self.drain_wait, connections.wait()).await;
        if ended.is_err() {
            tracing::warn!(
                connections = connections.len(),
                "requests that took too long are cut"
            );
            cut.cancel();
            connections.wait().await;
        }
    }

    async fn accept(
        &self,
        router: Router,
        connections: &TaskTracker,
        cut: &CancellationToken,
    ) -> Infallible {
        loop {
            let slot = Arc::clone(&self.slots).acquire_owned().await;
            let socket = match self.listener.accept().await {
                Ok((socket, _)) => socket,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            let (router, draining, cut) = (router.clone(), self.draining.clone(), cut.clone());
            connections.spawn(async move {
                cut.run_until_cancelled(connection(socket, router, draining))
                    .await;
                drop(slot);
            });
        }
    }
}

async fn connection(socket: TcpStream, router: Router, draining: CancellationToken) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delays");
    }
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(BUFFER);
    let service = TowerToHyperService::new(router);
    let socket = TokioIo::new(Patient::new(socket, STALL_TIME));
    let mut serving = pin!(builder.serve_connection(socket, service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = draining.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        // Callers hang up as they please.
        tracing::debug!(%error, "a connection broke");
    }
}
