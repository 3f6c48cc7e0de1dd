//! A customer's own bucket as an object store. Who only makes links to it calls nobody; who writes into
//! it does so over the guarded client (see `crate::fetch`).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::path::Path;

use super::bucket::{Bucket, S3Error, retries};
use super::{Objects, Place};
use crate::storage::Target;

/// A request that took longer than this is not tried again.
const RETRY_TIME: Duration = Duration::from_secs(20);

impl Objects {
    /// A customer's bucket for who makes links to what is in it: any other use is an error.
    pub fn own_for_links(target: &Target) -> Result<Self, S3Error> {
        Self::own(target, HttpClient::new(Nobody))
    }

    /// A customer's bucket, whose every request goes through this client.
    pub(crate) fn own(target: &Target, http: HttpClient) -> Result<Self, S3Error> {
        let (place, keys) = (&target.place, &target.keys);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&place.bucket)
            .with_region(&place.region)
            .with_access_key_id(&keys.id)
            .with_secret_access_key(&keys.secret)
            .with_retry(retries(RETRY_TIME))
            .with_http_connector(Through(http));
        if let Some(endpoint) = &place.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        let store = builder.build().map_err(S3Error::Client)?;
        Ok(Self {
            store: Arc::new(store.clone()),
            place: Place::Bucket(Bucket::of(store)),
            prefix: Path::default(),
        })
    }
}

/// Gives the S3 library a client that is there already.
#[derive(Debug)]
struct Through(HttpClient);

impl HttpConnector for Through {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

/// Calls nobody.
#[derive(Debug)]
struct Nobody;

/// That somebody would have been called.
#[derive(Debug, thiserror::Error)]
#[error("customers' buckets are not called from here")]
struct NotCalled;

#[async_trait]
impl HttpService for Nobody {
    async fn call(&self, _request: HttpRequest) -> Result<HttpResponse, HttpError> {
        Err(HttpError::new(HttpErrorKind::Unknown, NotCalled))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::id::StorageId;
    use crate::objects::ObjectKey;
    use crate::storage::{Keys, Place as BucketPlace};

    #[tokio::test]
    async fn links_are_made_without_a_call_and_without_the_secret() {
        for (endpoint, begins) in [
            (None, "https://s3.eu-west-1.amazonaws.com/mine/"),
            (Some("http://127.0.0.1:9"), "http://127.0.0.1:9/mine/"),
            (
                Some("https://s3.example/with/path/"),
                "https://s3.example/with/path/mine/",
            ),
        ] {
            let target = Target {
                storage: StorageId::new(),
                place: BucketPlace {
                    endpoint: endpoint.map(|url| url.parse().unwrap()),
                    region: "eu-west-1".into(),
                    bucket: "mine".into(),
                },
                keys: Keys {
                    id: "AKIA".into(),
                    secret: "very secret".into(),
                },
            };
            let bucket = Objects::own_for_links(&target).unwrap();
            let key = ObjectKey::from_stored("job_1/a.pdf".into());
            let minute = Duration::from_mins(1);
            let link = bucket.presigned(&key, "inline", "application/pdf", minute);
            let link = link.await.unwrap().unwrap().to_string();
            assert!(link.starts_with(&format!("{begins}job_1/a.pdf?")), "{link}");
            assert!(link.contains("X-Amz-Signature=") && !link.contains("very"));
            let written = bucket.put(&key, Bytes::from_static(b"x")).await;
            assert!(written.is_err());
        }
    }
}
