//! How a service comes to its object store: it waits until the store answers and has the bucket.

use std::error::Error;

use super::{Config, Objects, S3Error};
use crate::retry::Pauses;

impl Objects {
    /// Opens the bucket and waits for it, however long that takes; says in the log for what.
    pub async fn connect(config: &Config) -> Result<Self, S3Error> {
        let objects = Self::s3(config)?;
        let bucket = config.bucket().unwrap_or_default();
        let mut pauses = Pauses::default();
        loop {
            tokio::time::sleep(pauses.next()).await;
            match objects.ping().await {
                Ok(()) => break,
                Err(error) => log(bucket, &error),
            }
        }
        tracing::info!(bucket, "connected to the object store");
        Ok(objects)
    }
}

fn log(bucket: &str, error: &(dyn Error + 'static)) {
    tracing::warn!(bucket, error, "waiting for the object store");
}
