//! Endpoints that take webhooks as cheaply as can be, and count them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use platen_tests::process::thread_cpu_time;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Several hosts of one counter, since a dispatcher gives one host no more than a quarter of its places.
const HOSTS: usize = 8;

/// The thread that all endpoints live on, so that what they take can be told apart.
const THREAD: &str = "endpoints";

/// When something came first, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The first time.
    pub first: Instant,
    /// How often.
    pub times: usize,
}

/// Which have come, by the query of their address.
#[derive(Debug, Clone)]
pub struct Counter {
    urls: Vec<String>,
    seen: Arc<Mutex<HashMap<String, Seen>>>,
    count: watch::Sender<usize>,
}

impl Counter {
    /// Starts the hosts.
    pub fn start() -> anyhow::Result<Self> {
        let mut counter = Self {
            urls: Vec::new(),
            seen: Arc::default(),
            count: watch::channel(0).0,
        };
        let mut listeners = Vec::new();
        for _ in 0..HOSTS {
            let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            counter.urls.push(format!("http://{address}/hook"));
            listeners.push(listener);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let endpoints = counter.clone();
        // It ends with the process.
        std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || runtime.block_on(endpoints.serve_all(listeners)))?;
        Ok(counter)
    }

    /// The processor time that the endpoints have taken so far, in seconds.
    pub fn cpu(&self) -> f64 {
        thread_cpu_time(THREAD).as_secs_f64()
    }

    /// An address for the delivery of this number.
    pub fn url(&self, number: usize) -> String {
        format!("{}?{number}", self.urls[number % HOSTS])
    }

    /// Waits until so many different ones have come since [`Self::forget`].
    pub async fn wait_for(&self, count: usize) -> anyhow::Result<()> {
        self.count
            .subscribe()
            .wait_for(|seen| *seen >= count)
            .await?;
        Ok(())
    }

    /// What has come since [`Self::forget`], by its number.
    pub fn seen(&self) -> HashMap<String, Seen> {
        self.seen.lock().expect("nobody panics with it").clone()
    }

    /// Begins anew.
    pub fn forget(&self) {
        self.seen.lock().expect("nobody panics with it").clear();
        self.count.send_replace(0);
    }

    async fn serve_all(self, listeners: Vec<std::net::TcpListener>) {
        let serving = listeners.into_iter().map(|listener| {
            let listener = TcpListener::from_std(listener).expect("it does not block");
            self.clone().serve(listener)
        });
        futures::future::join_all(serving).await;
    }

    async fn serve(self, listener: TcpListener) {
        while let Ok((socket, _)) = listener.accept().await {
            let this = self.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| this.clone().take(request));
                let server = hyper::server::conn::http1::Builder::new();
                // A caller that hangs up has got its answer.
                drop(server.serve_connection(TokioIo::new(socket), service).await);
            });
        }
    }

    async fn take(self, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        // The whole body is read, as a receiver does.
        drop(request.into_body().collect().await);
        let mut seen = self.seen.lock().expect("nobody panics with it");
        let new = Seen {
            first: Instant::now(),
            times: 0,
        };
        seen.entry(query).or_insert(new).times += 1;
        let count = seen.len();
        drop(seen);
        self.count.send_replace(count);
        Ok(Response::new(Empty::new()))
    }
}
