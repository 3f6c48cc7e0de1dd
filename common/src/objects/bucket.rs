//! A bucket of an S3-compatible store: how it is reached, and links that let others read from it.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::list::{PaginatedListOptions, PaginatedListStore as _};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer as _};
use object_store::{BackoffConfig, ObjectStoreExt as _, RetryConfig};
use url::Url;

use super::config::{Config, InvalidConfig};
use super::patience::Patient;

/// The longest that connecting (name, TCP and TLS) may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection is kept without use: shorter than what stores grant, and shorter than anybody waits for
/// an answer before trying again, who would meet the next of those that have gone in the same moment.
const IDLE: Duration = Duration::from_secs(4);

/// Who must be waited for longer tries by itself; this only bridges a hiccup.
const RETRIES: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How much more than one silence a request may have taken to be tried again. So one that met a silence is
/// tried again, since it may be that connection which has gone, and not the store.
const RETRY_MARGIN: Duration = Duration::from_secs(5);

/// Where the usual AWS variables keep what leads to keys.
const CREDENTIALS: [AmazonS3ConfigKey; 11] = [
    AmazonS3ConfigKey::AccessKeyId,
    AmazonS3ConfigKey::SecretAccessKey,
    AmazonS3ConfigKey::Token,
    AmazonS3ConfigKey::WebIdentityTokenFile,
    AmazonS3ConfigKey::RoleArn,
    AmazonS3ConfigKey::RoleSessionName,
    AmazonS3ConfigKey::StsEndpoint,
    AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    AmazonS3ConfigKey::ContainerCredentialsFullUri,
    AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
    AmazonS3ConfigKey::MetadataEndpoint,
];

/// Why a store can't be made of its settings.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    /// The TLS library refused its settings.
    #[error("TLS can't be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("the HTTP client can't be made")]
    Http(#[from] reqwest::Error),
    /// The S3 library refused its settings.
    #[error("the S3 client can't be made")]
    Client(#[source] object_store::Error),
}

/// A bucket under its two names; clones share the connections.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    /// As we reach it.
    pub(super) store: AmazonS3,
    /// As customers reach it; signs and never calls, since the host is part of a signature.
    public: AmazonS3,
}

impl Bucket {
    pub(super) fn new(config: &Config) -> Result<Self, S3Error> {
        config.check()?;
        let silence = config.s3_timeout;
        let client = client(silence)?;
        let http = Patient { client, silence };
        let store = with_keys(builder(config, config.endpoint(), http.clone()), config)
            .build()
            .map_err(S3Error::Client)?;
        let public = builder(config, config.public_endpoint(), http)
            .with_credentials(Arc::clone(store.credentials()))
            .build()
            .map_err(S3Error::Client)?;
        Ok(Self { store, public })
    }

    /// A bucket that has one name.
    pub(super) fn of(store: AmazonS3) -> Self {
        Self {
            public: store.clone(),
            store,
        }
    }

    /// Asks for a key that nobody has, which shows whether we are let in, and for one of those that
    /// are there, which shows whether the bucket is.
    pub(super) async fn ping(&self, prefix: &Path) -> object_store::Result<()> {
        match self.store.head(&prefix.clone().join("ping")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let options = PaginatedListOptions {
            max_keys: Some(1),
            ..PaginatedListOptions::default()
        };
        let prefix = Some(prefix.as_ref()).filter(|prefix| !prefix.is_empty());
        self.store.list_paginated(prefix, options).await?;
        Ok(())
    }

    /// A link that lets whoever has it read an object with GET.
    pub(super) async fn presigned(
        &self,
        path: &Path,
        headers: [(&str, &str); 2],
        valid_for: Duration,
    ) -> object_store::Result<Url> {
        let options = SignedUrlOptions::new().with_query(headers);
        self.public
            .signed_url_opts(Method::GET, path, valid_for, &options)
            .await
    }
}

fn builder(config: &Config, endpoint: Option<&str>, http: Patient) -> AmazonS3Builder {
    let bucket = config.bucket().unwrap_or_default();
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&config.s3_region)
        .with_virtual_hosted_style_request(config.s3_virtual_hosted)
        // One object at a time: not every store has bulk deletes.
        .with_disable_bulk_delete(true)
        .with_retry(retries(config.s3_timeout.saturating_add(RETRY_MARGIN)))
        .with_http_connector(http);
    if let Some(endpoint) = endpoint {
        let endpoint = if config.s3_virtual_hosted {
            // The library takes such an endpoint as it is.
            endpoint.replacen("://", &format!("://{bucket}."), 1)
        } else {
            endpoint.to_owned()
        };
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    builder
}

/// The keys that were given, or else what the machine has: the usual AWS variables, a role of the
/// workload, a role of the instance.
fn with_keys(mut builder: AmazonS3Builder, config: &Config) -> AmazonS3Builder {
    if let (Some(id), Some(secret)) = (config.access_key_id(), config.secret_access_key()) {
        return builder
            .with_access_key_id(id)
            .with_secret_access_key(secret);
    }
    let machine = AmazonS3Builder::from_env();
    for key in CREDENTIALS {
        if let Some(value) = machine.get_config_value(&key) {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

/// A request that took longer than this is not tried again.
pub(super) fn retries(retry_timeout: Duration) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: FIRST_PAUSE,
            max_backoff: LONGEST_PAUSE,
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout,
    }
}

fn client(silence: Duration) -> Result<reqwest::Client, S3Error> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(crate::tls::config()?)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent("platen")
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE.min(silence))
        .build()?;
    Ok(client)
}
