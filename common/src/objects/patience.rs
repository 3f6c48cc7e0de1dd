//! The client that a bucket is called by: it waits for a store that is silent so long and no longer.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use tokio::time::{Sleep, sleep, timeout};

/// Calls a store. Only what is waited for is timed: whoever reads an answer may do so slowly, which a
/// timeout of the HTTP library would count as the store's silence.
#[derive(Debug, Clone)]
pub(super) struct Patient {
    pub(super) client: reqwest::Client,
    /// The longest that the store may say nothing: from the start of a request, a part's upload
    /// included, to its answer, and then to each piece of it that is wanted.
    pub(super) silence: Duration,
}

/// That the store said nothing.
#[derive(Debug, thiserror::Error)]
#[error("the store said nothing for {} ms", .0.as_millis())]
struct Silent(Duration);

impl Silent {
    fn error(silence: Duration) -> HttpError {
        HttpError::new(HttpErrorKind::Timeout, Self(silence))
    }
}

impl HttpConnector for Patient {
    /// Gives the S3 library our client, whose TLS it could not set up itself.
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Patient {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let called = timeout(self.silence, HttpService::call(&self.client, request)).await;
        let answer = called.map_err(|_| Silent::error(self.silence))??;
        Ok(answer.map(|body| {
            HttpResponseBody::new(Awaited {
                body,
                silence: self.silence,
                waiting: None,
            })
        }))
    }
}

/// An answer's body, whose silence ends it.
struct Awaited {
    body: HttpResponseBody,
    silence: Duration,
    /// There is one while somebody waits for a piece.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Body for Awaited {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.waiting = None;
            return Poll::Ready(frame);
        }
        let silence = this.silence;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(sleep(silence)));
        ready!(waiting.as_mut().poll(context));
        this.waiting = None;
        Poll::Ready(Some(Err(Silent::error(silence))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
