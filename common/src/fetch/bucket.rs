//! Writing into customers' buckets: the S3 library over the guarded client. Every request is dialled at
//! an address that was checked, follows no redirect, and takes a bounded time and memory.

mod trouble;

use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use url::Url;

use super::{Client, classify};
use crate::artifact::Artifact;
use crate::objects::{Label, ObjectKey, Objects, S3Error, Writer};
use crate::storage::Target;

pub use trouble::Trouble;

/// The longest that one request may take, a part's way included.
const CALL: Duration = Duration::from_secs(20);

/// The most bytes of an answer; those to writers are short.
const ANSWER_LIMIT: usize = 64 * 1024;

/// The object that shows whether a bucket takes results. One name, so that a key which may not delete
/// leaves no more than one behind.
const CHECK: &str = "platen-check.txt";
const CHECK_TEXT: &str =
    "Platen has written this file to see whether the bucket takes results. It may be deleted.\n";

/// A customer's bucket, opened for writing.
#[derive(Debug)]
pub struct OwnBucket {
    target: Target,
    objects: Objects,
    last: LastTrouble,
}

impl Client {
    /// Opens a customer's bucket; calls nobody yet.
    pub fn bucket(&self, target: &Target) -> Result<OwnBucket, S3Error> {
        let last = LastTrouble::default();
        let guard = Guard {
            client: self.clone(),
            last: last.clone(),
        };
        Ok(OwnBucket {
            target: target.clone(),
            objects: Objects::own(target, HttpClient::new(guard))?,
            last,
        })
    }
}

impl OwnBucket {
    /// Starts an object in the bucket. What goes wrong with it is [`Self::trouble`].
    pub fn writer(&self, key: &ObjectKey, label: Label) -> Writer {
        self.objects.writer(key.clone()).labelled(label)
    }

    /// Why the last call was of no avail.
    pub fn trouble(&self) -> Trouble {
        self.last.get()
    }

    /// Writes a small object, and deletes it if the key may do that.
    pub async fn check(&self) -> Result<Artifact, Trouble> {
        let key = ObjectKey::from_stored(CHECK.to_owned());
        let text = Bytes::from_static(CHECK_TEXT.as_bytes());
        let put = self.objects.put_typed(&key, text, "text/plain").await;
        put.map_err(|_| self.trouble())?;
        if self.objects.delete(&key).await.is_err() {
            tracing::debug!(trouble = %self.trouble(), "a customer's key can't delete");
        }
        Ok(Artifact {
            key: ObjectKey::in_storage(self.target.storage, &key),
            content_type: "text/plain".to_owned(),
            extension: "txt".to_owned(),
            size: u64::try_from(CHECK_TEXT.len()).unwrap_or(u64::MAX),
        })
    }
}

/// What was last seen to go wrong; the library's own errors don't tell it apart.
#[derive(Debug, Clone, Default)]
struct LastTrouble(Arc<Mutex<Option<Trouble>>>);

impl LastTrouble {
    fn set(&self, trouble: Trouble) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    fn get(&self) -> Trouble {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone().unwrap_or(Trouble::Unclear)
    }
}

/// The guarded client as the S3 library wants it.
struct Guard {
    client: Client,
    last: LastTrouble,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard(..)")
    }
}

/// What the library is told where it shall not try again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Final(Trouble);

#[async_trait]
impl HttpService for Guard {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let called = tokio::time::timeout(CALL, self.dial(request)).await;
        called.unwrap_or_else(|_| {
            self.last.set(Trouble::Timeout);
            Err(HttpError::new(
                HttpErrorKind::Timeout,
                Final(Trouble::Timeout),
            ))
        })
    }
}

impl Guard {
    async fn dial(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let Ok(url) = request.uri().to_string().parse::<Url>() else {
            return Err(self.end(Trouble::Unclear));
        };
        let plain = url.scheme() == "http";
        if let Err(refused) = self.client.check_literal(&url, plain) {
            return Err(self.end(Trouble::Refused(refused)));
        }
        let client = if plain {
            &self.client.http
        } else {
            &self.client.https
        };
        match HttpService::call(client, request).await {
            Ok(response) => self.answered(response).await,
            Err(error) => Err(self.unanswered(error)),
        }
    }

    async fn answered(&self, response: HttpResponse) -> Result<HttpResponse, HttpError> {
        let (parts, body) = response.into_parts();
        let read = Limited::new(body, ANSWER_LIMIT).collect().await;
        let Ok(bytes) = read.map(http_body_util::Collected::to_bytes) else {
            return Err(self.end(Trouble::Unclear));
        };
        if let Some(trouble) = Trouble::of(parts.status, &bytes) {
            self.last.set(trouble);
        }
        Ok(HttpResponse::from_parts(
            parts,
            HttpResponseBody::from(bytes),
        ))
    }

    fn unanswered(&self, error: HttpError) -> HttpError {
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        let trouble = cause.map_or(Trouble::Unclear, |cause| {
            Trouble::from(classify::failure(cause))
        });
        if matches!(trouble, Trouble::Refused(_)) {
            return self.end(trouble);
        }
        self.last.set(trouble);
        error
    }

    fn end(&self, trouble: Trouble) -> HttpError {
        self.last.set(trouble.clone());
        HttpError::new(HttpErrorKind::Unknown, Final(trouble))
    }
}
