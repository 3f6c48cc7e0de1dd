//! A small HTTP server for whoever watches over the process, on a port of its own: few connections,
//! short lives, answers from memory.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// An orchestrator or a scraper asks on one or two; more wait to be accepted.
const CONNECTIONS: usize = 128;

/// The longest that a connection may last: answers are short, and whoever stays takes the place of one.
const LIFETIME: Duration = Duration::from_secs(5);

/// Pause after an accept that failed for want of file descriptors.
const BREATH: Duration = Duration::from_millis(500);

/// Answers every request on `listener` with what `answer` says, until `stop`.
pub(crate) async fn serve<A, F>(listener: TcpListener, stop: CancellationToken, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let accepting = async {
        loop {
            let slot = Arc::clone(&slots).acquire_owned().await;
            match listener.accept().await {
                Ok((socket, _)) => {
                    let answer = answer.clone();
                    tokio::spawn(async move {
                        connection(socket, answer).await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a probe's connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    };
    // `None` is the only way out.
    let _: Option<Infallible> = stop.run_until_cancelled(accepting).await;
}

async fn connection<A, F>(socket: TcpStream, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Send + Sync,
    F: Future<Output = Response<Full<Bytes>>> + Send,
{
    let service = service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(LIFETIME);
    let serving = builder.serve_connection(TokioIo::new(socket), service);
    if let Ok(Err(error)) = tokio::time::timeout(LIFETIME, serving).await {
        tracing::debug!(%error, "a probe's connection broke");
    }
}
