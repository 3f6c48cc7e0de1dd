//! A made-up host that a proxy answers for by itself: a document that a caller sent, or the folder of
//! a page on disk. Nothing of it touches the network.

use bytes::Bytes;
use futures::TryStreamExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, REFERRER_POLICY};
use hyper::{Method, Request, Response};

use super::answer::{self, Body, BoxError};
use super::target::Target;
use crate::folder::{Folder, Served};

/// What the made-up host serves, over plain http on port 80.
#[derive(Debug)]
pub(crate) enum Origin {
    /// The files of a folder.
    Folder {
        /// The host's name, in lower case.
        host: String,
        /// What is under it.
        folder: Folder,
    },
    /// One document, at `/`.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documents are still written into blank pages")
    )]
    Document {
        /// The host's name, in lower case.
        host: String,
        /// The media type.
        content_type: HeaderValue,
        /// The document.
        bytes: Bytes,
    },
}

impl Origin {
    /// Whether a target is this host, on any port.
    pub(super) fn is(&self, target: &Target) -> bool {
        match self {
            Self::Folder { host, .. } | Self::Document { host, .. } => target.name() == Some(host),
        }
    }

    /// Answers a request for this host.
    pub(super) async fn answer(&self, request: &Request<Incoming>) -> Response<Body> {
        if *request.method() != Method::GET && *request.method() != Method::HEAD {
            return answer::read_only();
        }
        let path = request.uri().path();
        match self {
            Self::Document {
                content_type,
                bytes,
                ..
            } if path == "/" => {
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                found(content_type, length, answer::whole(bytes.clone()))
            }
            Self::Document { .. } => answer::missing(),
            Self::Folder { folder, .. } => match folder.open(path).await {
                Ok(served) => {
                    let content_type = HeaderValue::from_static(served.content_type);
                    found(&content_type, served.length, streamed(served))
                }
                Err(error) => {
                    tracing::debug!(%error, "A file of the page's folder was not served.");
                    answer::missing()
                }
            },
        }
    }
}

fn found(content_type: &HeaderValue, length: u64, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type.clone());
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A made-up name means nothing to other hosts.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn streamed(served: Served) -> Body {
    let frames = served.stream().map_ok(Frame::data).map_err(BoxError::from);
    StreamBody::new(frames).boxed_unsync()
}
