//! An S3-compatible server over a folder, by `s3s`: with the answers' headers that a link asks for,
//! which the library leaves out, and with bad days on demand.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, RANGE,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};
use s3s_fs::FileSystem;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::form_urlencoded;

/// Query parameters of a signed GET that set a header of its answer.
const OVERRIDES: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// The most requests that are remembered; of more, the older half is forgotten.
const REMEMBERED: usize = 100_000;

/// An access key.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its secret.
    pub secret: &'a str,
}

/// How the server treats requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Serves,
    /// Answers 503.
    Refuses,
    /// Closes connections.
    Cuts,
}

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its method.
    pub method: String,
    /// Its path: the bucket and the key.
    pub path: String,
    /// Its query, without the question mark.
    pub query: String,
    /// What it says that its body is.
    pub content_type: String,
    /// The `Content-Disposition` that is to be kept beside its body.
    pub disposition: String,
}

impl Call {
    /// The bucket that it is about.
    pub fn bucket(&self) -> &str {
        let path = self.path.trim_start_matches('/');
        path.split('/').next().unwrap_or_default()
    }
}

/// The server; folders in its folder are buckets.
pub struct Server {
    folder: PathBuf,
    service: S3Service,
    mood: watch::Sender<Mood>,
    calls: watch::Sender<Vec<Call>>,
    connections: Mutex<JoinSet<()>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// A server of what is in a folder, for whoever has the keys.
    pub fn new(folder: &Path, keys: Keys<'_>) -> anyhow::Result<Self> {
        let files = FileSystem::new(folder)
            .map_err(|error| anyhow::anyhow!("no such folder: {error:?}"))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(keys.id, keys.secret));
        Ok(Self {
            folder: folder.to_owned(),
            service: builder.build(),
            mood: watch::Sender::new(Mood::Serves),
            calls: watch::Sender::new(Vec::new()),
            connections: Mutex::default(),
        })
    }

    /// Serves until it is dropped.
    pub async fn serve(self: &Arc<Self>, listener: TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let server = Arc::clone(self);
            let mut open = self
                .connections
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            while open.try_join_next().is_some() {}
            open.spawn(async move { server.connection(stream).await });
        }
    }

    /// Changes how requests are treated from now on.
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// The requests so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    /// Waits until something holds of the requests so far.
    pub async fn wait_for(&self, enough: impl Fn(&[Call]) -> bool) {
        let mut calls = self.calls.subscribe();
        let waited = calls.wait_for(|calls| enough(calls)).await;
        waited.expect("the server itself holds the sender");
    }

    fn remember(&self, call: Call) {
        self.calls.send_modify(|calls| {
            if calls.len() == REMEMBERED {
                calls.drain(..REMEMBERED / 2);
            }
            calls.push(call);
        });
    }

    async fn connection(&self, stream: TcpStream) {
        let mut mood = self.mood.subscribe();
        let serving = hyper::server::conn::http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(|request| self.call(request)),
        );
        // The caller's connection may break at any time; what it asked for shows in the answers.
        tokio::select! {
            biased;
            _ = mood.wait_for(|mood| *mood == Mood::Cuts) => {}
            _ = serving => {}
        }
    }

    async fn call(&self, mut request: Request<Incoming>) -> Result<Response<Body>, HttpError> {
        let header = |name: HeaderName| {
            let value = request.headers().get(name);
            let text = value.and_then(|value| value.to_str().ok());
            text.unwrap_or_default().to_owned()
        };
        let call = Call {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            content_type: header(CONTENT_TYPE),
            disposition: header(CONTENT_DISPOSITION),
        };
        self.remember(call.clone());
        if *self.mood.borrow() == Mood::Refuses {
            // Read to its end, so that the answer is seen and not a broken connection.
            let _unread = request.into_body().collect().await;
            return Ok(refused(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"));
        }
        // The library would make the bucket of a put.
        if call.method == "PUT" && !self.folder.join(call.bucket()).is_dir() {
            let _unread = request.into_body().collect().await;
            return Ok(refused(StatusCode::NOT_FOUND, "NoSuchBucket"));
        }
        if request
            .headers()
            .get(RANGE)
            .is_some_and(|range| !is_one_range(range))
        {
            request.headers_mut().remove(RANGE);
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let response = self.service.call(request.map(Body::from)).await?;
        if reads && response.status().is_success() {
            return Ok(overridden(response, &call.query));
        }
        if response.status() == StatusCode::FORBIDDEN && call.query.contains("uploadId=") {
            return Ok(upload_refused(response).await);
        }
        Ok(response)
    }
}

/// Whether a `Range` header is one that S3 understands; it ignores others, and the library answers 400.
fn is_one_range(header: &HeaderValue) -> bool {
    let text = header.to_str().unwrap_or_default();
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return false;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => first <= last,
        (Ok(_), Err(_)) => last.is_empty(),
        (Err(_), Ok(_)) => first.is_empty(),
        (Err(_), Err(_)) => false,
    }
}

/// Sets the headers that the query asks for, and the one that S3 always sends with an object.
fn overridden(mut response: Response<Body>, query: &str) -> Response<Body> {
    let ranges = HeaderValue::from_static("bytes");
    response.headers_mut().insert(ACCEPT_RANGES, ranges);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let header = name.strip_prefix("response-").unwrap_or_default();
        if !OVERRIDES.contains(&header) {
            continue;
        }
        if let (Ok(header), Ok(value)) = (
            HeaderName::try_from(header),
            HeaderValue::try_from(value.as_ref()),
        ) {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

/// Of an upload that is unknown, or complete already, the library says that it may not be touched; S3
/// says that there is none.
async fn upload_refused(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let bytes = bytes.unwrap_or_default();
    if String::from_utf8_lossy(&bytes).contains("<Code>AccessDenied</Code>") {
        return refused(StatusCode::NOT_FOUND, "NoSuchUpload");
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn refused(status: StatusCode, code: &str) -> Response<Body> {
    let body = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
}
