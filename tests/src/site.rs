//! A web server on the loopback that serves what a test tells it to and remembers every request.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::within;

type Route = Arc<dyn Fn(&Seen, usize) -> Reply + Send + Sync>;

/// The server; it ends with its value.
#[derive(Debug)]
pub struct Site {
    origin: String,
    state: Arc<State>,
    task: AbortHandle,
}

#[derive(Default)]
struct State {
    routes: Mutex<HashMap<String, Route>>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    changed: Notify,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// Its query, without the question mark.
    pub query: String,
    /// Its headers.
    pub headers: Arc<HeaderMap>,
    /// Its body.
    pub body: Bytes,
    /// When it was there as a whole.
    pub at: Instant,
}

impl Seen {
    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// What a request gets.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    when: When,
}

#[derive(Debug, Clone)]
enum When {
    Now,
    After(Duration),
    Opened(Gate),
    Never,
}

/// Holds replies back until a test opens it.
#[derive(Debug, Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Gate {
    /// Lets go of everything that is held, and of all that comes later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    async fn passed(&self) {
        let mut opened = self.0.subscribe();
        let waited = opened.wait_for(|open| *open).await;
        waited.expect("the gate itself holds the sender");
    }
}

impl Reply {
    /// A body of some type, with status 200.
    pub fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self {
            status: 200,
            headers,
            body: body.into(),
            when: When::Now,
        }
    }

    /// A page with this body.
    pub fn page(body: &str) -> Self {
        Self::new("text/html; charset=utf-8", crate::html::document(body))
    }

    /// A green picture of 40 × 40 pixels.
    pub fn picture() -> Self {
        Self::new(
            "image/svg+xml",
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#00ff00"/></svg>"##,
        )
    }

    /// A green picture of one pixel that needs no process to be read, as in tests that hold a renderer.
    pub fn pixels() -> Self {
        let mut file = std::io::Cursor::new(Vec::new());
        let pixel = image::RgbImage::from_pixel(1, 1, image::Rgb([0, 255, 0]));
        pixel
            .write_to(&mut file, image::ImageFormat::Png)
            .expect("a picture of one pixel");
        Self::new("image/png", file.into_inner())
    }

    /// Nothing but a status.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::new("text/plain", "")
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Sends the caller elsewhere.
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::status(302).header("location", to)
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Not before some time has passed.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self {
            when: When::After(delay),
            ..self
        }
    }

    /// Not before the gate is open.
    #[must_use]
    pub fn behind(self, gate: &Gate) -> Self {
        Self {
            when: When::Opened(gate.clone()),
            ..self
        }
    }

    /// No answer at all; the connection stays open.
    pub fn never() -> Self {
        Self {
            when: When::Never,
            ..Self::status(200)
        }
    }

    async fn send(self) -> Response<Full<Bytes>> {
        match &self.when {
            When::Now => {}
            When::After(delay) => tokio::time::sleep(*delay).await,
            When::Opened(gate) => gate.passed().await,
            When::Never => std::future::pending().await,
        }
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response
            .body(Full::new(self.body))
            .expect("a test's reply is well-formed")
    }
}

impl Site {
    /// Starts a server on 127.0.0.1.
    pub async fn start() -> Self {
        Self::on("127.0.0.1").await
    }

    /// Starts a server on this loopback address.
    ///
    /// # Panics
    ///
    /// When the address can't be used.
    pub async fn on(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0))
            .await
            .expect("a loopback port is free");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = Arc::new(State::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle();
        Self {
            origin,
            state,
            task,
        }
    }

    /// Its scheme, address and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its port.
    pub fn port(&self) -> &str {
        self.origin.rsplit(':').next().unwrap_or_default()
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Always the same reply.
    pub fn reply(&self, path: &str, reply: Reply) -> &Self {
        self.on_request(path, move |_, _| reply.clone())
    }

    /// A page with this body.
    pub fn page(&self, path: &str, body: &str) -> &Self {
        self.reply(path, Reply::page(body))
    }

    /// One reply after the other; the last one stays.
    pub fn script(&self, path: &str, replies: Vec<Reply>) -> &Self {
        self.on_request(path, move |_, number| {
            replies[number.min(replies.len() - 1)].clone()
        })
    }

    /// A reply made of the request and of how many came before it to the same path.
    pub fn on_request(
        &self,
        path: &str,
        route: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> &Self {
        lock(&self.state.routes).insert(path.to_owned(), Arc::new(route));
        self
    }

    /// What has arrived at a path.
    pub fn seen(&self, path: &str) -> Vec<Seen> {
        self.seen_that(path, |_| true)
    }

    /// What has arrived at a path and fits.
    pub fn seen_that(&self, path: &str, fits: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        lock(&self.state.seen)
            .iter()
            .filter(|seen| seen.path == path && fits(seen))
            .cloned()
            .collect()
    }

    /// How many have arrived at a path.
    pub fn count(&self, path: &str) -> usize {
        let seen = lock(&self.state.seen);
        seen.iter().filter(|seen| seen.path == path).count()
    }

    /// Everything that has arrived.
    pub fn all_seen(&self) -> Vec<Seen> {
        lock(&self.state.seen).clone()
    }

    /// How many connections were opened, with or without a request.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many requests have arrived at a path, and gives all of them.
    pub async fn wait_for(&self, path: &str, count: usize) -> Vec<Seen> {
        within(&format!("{count} requests to {path}"), async {
            loop {
                let changed = self.state.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if self.count(path) >= count {
                    return self.seen(path);
                }
                changed.await;
            }
        })
        .await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(move |request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, Infallible>(answer(request, &state).await) }
    });
    // A peer that hangs up early is part of the tests.
    let served = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    drop(served);
}

async fn answer(request: Request<Incoming>, state: &State) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: Arc::new(parts.headers),
        body,
        at: Instant::now(),
    };
    let route = lock(&state.routes).get(&seen.path).cloned();
    let before = {
        let mut all = lock(&state.seen);
        let before = all.iter().filter(|other| other.path == seen.path).count();
        all.push(seen.clone());
        before
    };
    state.changed.notify_waiters();
    match route {
        Some(route) => route(&seen, before).send().await,
        None => Reply::status(404).send().await,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
