//! How a service comes to its object store: it waits until the store answers and has the bucket.

use super::{Config, Objects, S3Error};
use crate::retry::insist;

impl Objects {
    /// Opens the bucket and waits for it, however long that takes; says in the log for what.
    pub async fn connect(config: &Config) -> Result<Self, S3Error> {
        let objects = Self::s3(config)?;
        let bucket = config.bucket().unwrap_or_default();
        let what = format!("use the bucket {bucket:?} of the object store");
        insist(&what, || objects.ping()).await;
        tracing::info!(bucket, "connected to the object store");
        Ok(objects)
    }
}
