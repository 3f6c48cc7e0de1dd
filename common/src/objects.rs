//! The object store: a local folder, or a bucket of any S3-compatible service, behind one type.
//!
//! Objects are immutable: a key is written once and then read, possibly deleted. A folder, or a prefix
//! of a bucket, belongs to one installation: what none of its rows owns is swept.

mod bucket;
mod config;
mod connect;
mod error;
mod key;
mod label;
mod list;
mod own;
mod patience;
mod writer;

use std::fmt;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutOptions};
use url::Url;

use self::bucket::Bucket;
use crate::id::{JobId, RunId};

pub use self::bucket::S3Error;
pub use self::config::Config;
pub use self::error::ObjectError;
pub use self::key::ObjectKey;
pub use self::label::Label;
pub use self::list::Listed;
pub use self::writer::Writer;

/// An object being read.
pub struct Reading {
    /// Bytes of the whole object.
    pub size: u64,
    /// Which of them follow.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: BoxStream<'static, Result<Bytes, ObjectError>>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("size", &self.size)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// The object store; clones share it.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    place: Place,
    /// What every key begins with in the store.
    prefix: Path,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Bucket(Bucket),
}

impl Objects {
    /// Keeps objects in a local folder, which is made if it is missing; every write is synced.
    pub fn local(folder: &FilePath) -> Result<Self, ObjectError> {
        let refused = |source| ObjectError::Folder {
            path: folder.display().to_string(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(refused)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(ObjectError::Store)?;
        let store = store.with_automatic_cleanup(true).with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            place: Place::Folder(folder.to_owned()),
            prefix: Path::default(),
        })
    }

    /// Keeps objects in a bucket, which must exist. Calls nobody: [`Self::ping`] tells whether the
    /// store is there.
    pub fn s3(config: &Config) -> Result<Self, S3Error> {
        let bucket = Bucket::new(config)?;
        Ok(Self {
            store: Arc::new(bucket.store.clone()),
            place: Place::Bucket(bucket),
            prefix: Path::from(config.prefix().unwrap_or_default()),
        })
    }

    /// Asks whether the store answers, lets us in, and has the bucket or folder.
    pub async fn ping(&self) -> Result<(), ObjectError> {
        match &self.place {
            Place::Bucket(bucket) => bucket.ping(&self.prefix).await.map_err(ObjectError::new),
            Place::Folder(folder) => {
                let found = tokio::fs::read_dir(folder).await;
                found.map(drop).map_err(|source| ObjectError::Folder {
                    path: folder.display().to_string(),
                    source,
                })
            }
        }
    }

    /// Writes a whole object; it is there whole or not at all.
    pub async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), ObjectError> {
        self.put_as(key, bytes, Label::default()).await
    }

    /// The same, and says what the object is; a bucket keeps that beside it.
    pub async fn put_typed(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        content_type: &str,
    ) -> Result<(), ObjectError> {
        self.put_as(key, bytes, Label::typed(content_type)).await
    }

    /// Starts an object that is written piece by piece; nothing is there until [`Writer::finish`].
    pub fn writer(&self, key: ObjectKey) -> Writer {
        Writer::new(self.clone(), key)
    }

    /// Opens an object for reading; `range` picks bytes, cut to what is there.
    pub async fn open(
        &self,
        key: &ObjectKey,
        range: Option<Range<u64>>,
    ) -> Result<Reading, ObjectError> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self
            .store
            .get_opts(&self.path(key), options)
            .await
            .map_err(|error| ObjectError::not_read(key, error))?;
        let (size, range) = (found.meta.size, found.range.clone());
        let stream = found.into_stream().map_err(ObjectError::new).boxed();
        Ok(Reading {
            size,
            range,
            stream,
        })
    }

    /// Reads a whole object of at most `limit` bytes.
    pub async fn read(&self, key: &ObjectKey, limit: u64) -> Result<Bytes, ObjectError> {
        let found = self
            .store
            .get(&self.path(key))
            .await
            .map_err(|error| ObjectError::not_read(key, error))?;
        if found.meta.size > limit {
            return Err(ObjectError::TooLong {
                key: key.clone(),
                limit,
            });
        }
        found
            .bytes()
            .await
            .map_err(|error| ObjectError::not_read(key, error))
    }

    /// How many bytes an object has.
    pub async fn size(&self, key: &ObjectKey) -> Result<u64, ObjectError> {
        let found = self.store.head(&self.path(key)).await;
        let found = found.map_err(|error| ObjectError::not_read(key, error))?;
        Ok(found.size)
    }

    /// A link under which whoever has it may GET the object for `valid_for`, without coming through
    /// us; it answers with these headers, whatever is kept beside the object. `None` for a local folder.
    /// Calls nobody: a link to a missing object is made like any other.
    pub async fn presigned(
        &self,
        key: &ObjectKey,
        disposition: &str,
        content_type: &str,
        valid_for: Duration,
    ) -> Result<Option<Url>, ObjectError> {
        let Place::Bucket(bucket) = &self.place else {
            return Ok(None);
        };
        let headers = [
            ("response-content-disposition", disposition),
            ("response-content-type", content_type),
        ];
        let link = bucket.presigned(&self.path(key), headers, valid_for).await;
        link.map(Some).map_err(ObjectError::new)
    }

    /// Deletes an object; one that is gone already is no error.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ObjectError::new(error)),
        }
    }

    /// Deletes everything that a run of a job has stored.
    pub async fn delete_run(&self, job: JobId, run: RunId) -> Result<(), ObjectError> {
        let folder = self.path(&ObjectKey(format!("jobs/{job}/{run}")));
        let found: Vec<_> = self.list_in(&folder).try_collect().await?;
        for object in found {
            self.delete(&object.key).await?;
        }
        Ok(())
    }

    async fn put_as(&self, key: &ObjectKey, bytes: Bytes, label: Label) -> Result<(), ObjectError> {
        if bytes.len() <= writer::PART {
            return self.put_once(key, bytes, &label).await;
        }
        let writer = self.writer(key.clone()).labelled(label);
        writer.write_all(bytes).await
    }

    async fn put_once(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        label: &Label,
    ) -> Result<(), ObjectError> {
        let options = PutOptions {
            attributes: self.attributes(label),
            ..PutOptions::default()
        };
        self.store
            .put_opts(&self.path(key), bytes.into(), options)
            .await
            .map_err(ObjectError::new)?;
        Ok(())
    }

    fn path(&self, key: &ObjectKey) -> Path {
        if self.prefix.as_ref().is_empty() {
            return Path::from(key.as_str());
        }
        Path::from(format!("{}/{key}", self.prefix))
    }

    /// Where a local store is.
    fn folder(&self) -> Option<&FilePath> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::Bucket(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
