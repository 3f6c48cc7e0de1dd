//! Where an S3-compatible store is. The secret is never printed, and complaints name settings, not
//! their values.

use std::convert::Infallible;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use url::{Host, Url};

/// How long a store may be said to be silent at most. Renderers know by the longest how long a job can take.
const SILENCE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(1);

/// Options of an S3-compatible object store; an empty text counts as absent.
#[derive(Clone, Args)]
#[group(skip)]
pub struct Config {
    /// Address of the S3-compatible store, such as `https://minio.internal:9000`; without it, Amazon S3 itself
    #[arg(long, env = "PLATEN_S3_ENDPOINT", value_name = "URL")]
    pub s3_endpoint: Option<String>,

    /// Address under which customers reach the store, for links to results; without it, the endpoint
    #[arg(long, env = "PLATEN_S3_PUBLIC_ENDPOINT", value_name = "URL")]
    pub s3_public_endpoint: Option<String>,

    /// Region of the bucket
    #[arg(
        long,
        env = "PLATEN_S3_REGION",
        value_name = "NAME",
        default_value = "us-east-1"
    )]
    pub s3_region: String,

    /// Bucket that holds the objects; it must exist
    #[arg(long, env = "PLATEN_S3_BUCKET", value_name = "NAME")]
    pub s3_bucket: Option<String>,

    /// What every key begins with, such as `platen/production`, where several installations share a bucket
    #[arg(long, env = "PLATEN_S3_PREFIX", value_name = "PATH")]
    pub s3_prefix: Option<String>,

    /// Id of the access key; without keys, the machine's role or the usual AWS variables give them
    #[arg(
        long,
        env = "PLATEN_S3_ACCESS_KEY_ID",
        hide_env_values = true,
        value_name = "ID"
    )]
    pub s3_access_key_id: Option<String>,

    /// Secret of the access key
    #[arg(
        long,
        env = "PLATEN_S3_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    pub s3_secret_access_key: Option<SecretKey>,

    /// Name the bucket in the host (`bucket.host`) instead of the path
    #[arg(long, env = "PLATEN_S3_VIRTUAL_HOSTED")]
    pub s3_virtual_hosted: bool,

    /// Longest that the store may stay silent, 1s to 1m; the sending of a part of 8 MiB counts. A request that has no answer by then is tried again over another connection, a deletion is not
    #[arg(long, env = "PLATEN_S3_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = crate::duration::parse_positive)]
    pub s3_timeout: Duration,
}

/// A secret access key; nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

/// What is wrong with the settings, a sentence for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidConfig(pub Vec<String>);

impl Config {
    /// Complains about everything that can't work, at once.
    pub fn check(&self) -> Result<(), InvalidConfig> {
        let half = match (self.access_key_id(), self.secret_access_key()) {
            (Some(_), None) => Some(
                "--s3-access-key-id (PLATEN_S3_ACCESS_KEY_ID) is given without --s3-secret-access-key (PLATEN_S3_SECRET_ACCESS_KEY): give both or none",
            ),
            (None, Some(_)) => Some(
                "--s3-secret-access-key (PLATEN_S3_SECRET_ACCESS_KEY) is given without --s3-access-key-id (PLATEN_S3_ACCESS_KEY_ID): give both or none",
            ),
            (Some(_), Some(_)) | (None, None) => None,
        };
        let problems: Vec<String> = [
            bucket_problem(self.bucket()).map(str::to_owned),
            half.map(str::to_owned),
            self.prefix().and_then(prefix_problem).map(str::to_owned),
            self.endpoint_problem(self.endpoint(), "--s3-endpoint (PLATEN_S3_ENDPOINT)"),
            self.endpoint_problem(
                given(self.s3_public_endpoint.as_ref()),
                "--s3-public-endpoint (PLATEN_S3_PUBLIC_ENDPOINT)",
            ),
            self.s3_region.is_empty().then(|| {
                "--s3-region (PLATEN_S3_REGION) is empty: leave it out or name a region".to_owned()
            }),
            (!SILENCE.contains(&self.s3_timeout)).then(|| {
                "--s3-timeout (PLATEN_S3_TIMEOUT) is not between 1s and 1m: no store always answers sooner, and jobs could not end in time with one that takes longer for a part of 8 MiB"
                    .to_owned()
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(InvalidConfig(problems))
    }

    pub(super) fn bucket(&self) -> Option<&str> {
        given(self.s3_bucket.as_ref())
    }

    pub(super) fn prefix(&self) -> Option<&str> {
        given(self.s3_prefix.as_ref())
    }

    pub(super) fn endpoint(&self) -> Option<&str> {
        given(self.s3_endpoint.as_ref())
    }

    pub(super) fn public_endpoint(&self) -> Option<&str> {
        given(self.s3_public_endpoint.as_ref()).or(self.endpoint())
    }

    pub(super) fn access_key_id(&self) -> Option<&str> {
        given(self.s3_access_key_id.as_ref())
    }

    pub(super) fn secret_access_key(&self) -> Option<&str> {
        given(self.s3_secret_access_key.as_ref().map(|key| &key.0))
    }

    fn endpoint_problem(&self, text: Option<&str>, setting: &str) -> Option<String> {
        let text = text?;
        let Some(url) = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        else {
            return Some(format!(
                "{setting} is not an http or https URL: write it like https://minio.internal:9000"
            ));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Some(format!(
                "{setting} holds a login: the keys are settings of their own"
            ));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Some(format!(
                "{setting} has a path or a query: it names the host alone, and the bucket is a setting of its own"
            ));
        }
        let is_address = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
        (is_address && self.s3_virtual_hosted).then(|| {
            format!("{setting} is an address, which no bucket's name can be put before: give a host name, or leave --s3-virtual-hosted out")
        })
    }
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn bucket_problem(bucket: Option<&str>) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match bucket {
        None => Some(
            "--s3-bucket (PLATEN_S3_BUCKET) is missing: name the bucket that holds the objects",
        ),
        Some(name) if !name.chars().all(plain) => Some(
            "--s3-bucket (PLATEN_S3_BUCKET) is not a bucket's name: letters, digits, dots and hyphens; a folder in it goes into --s3-prefix",
        ),
        Some(_) => None,
    }
}

fn prefix_problem(prefix: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let good = |segment: &str| {
        !segment.is_empty() && !matches!(segment, "." | "..") && segment.chars().all(plain)
    };
    (!prefix.split('/').all(good)).then_some(
        "--s3-prefix (PLATEN_S3_PREFIX) must be segments of letters, digits, dots, hyphens and underscores with single slashes between them, such as platen/production",
    )
}

impl FromStr for SecretKey {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl fmt::Debug for Config {
    /// Without the endpoints: one that is wrong may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("s3_bucket", &self.s3_bucket)
            .field("s3_prefix", &self.s3_prefix)
            .field("s3_region", &self.s3_region)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
