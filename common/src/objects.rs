//! The object store: a local folder, or any S3-compatible service (next to come), behind one type.
//!
//! Objects are immutable: a key is written once and then read, possibly deleted. A folder or bucket
//! belongs to one installation: what none of its rows owns is swept.

mod list;

use std::fmt;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt as _};
use serde::{Deserialize, Serialize};

use crate::id::{JobId, RunId};

pub use self::list::Listed;

/// Where an object is: a relative path of plain segments, made by us alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "store", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// An artifact of one run of a job, such as `result.pdf`.
    pub fn artifact(job: JobId, run: RunId, name: &str) -> Self {
        Self(format!("jobs/{job}/{run}/{name}"))
    }

    /// A document that a job's caller sent.
    pub fn input(job: JobId, name: &str) -> Self {
        Self(format!("inputs/{job}/{name}"))
    }

    /// A key read from a row.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No such object.
    #[error("no object at {0}")]
    Missing(ObjectKey),
    /// Longer than the caller is ready to hold.
    #[error("the object at {key} is longer than {limit} bytes")]
    TooLong {
        /// Where it is.
        key: ObjectKey,
        /// The most that was asked for.
        limit: u64,
    },
    /// The store refused or is away; the same call may succeed later.
    #[error("the object store failed")]
    Store(#[source] object_store::Error),
    /// The folder of a local store can't be used.
    #[error("the folder {path} can't hold objects")]
    Folder {
        /// The folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

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

/// The object store.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Where a local store is.
    folder: Option<PathBuf>,
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
            folder: Some(folder.to_owned()),
        })
    }

    /// Writes a whole object; it is there whole or not at all.
    pub async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), ObjectError> {
        self.store
            .put(&path(key), bytes.into())
            .await
            .map_err(|error| translate(key, error))?;
        Ok(())
    }

    /// Starts an object that is written piece by piece; nothing is there until [`Writer::finish`].
    pub fn writer(&self, key: ObjectKey) -> Writer {
        Writer {
            objects: self.clone(),
            key,
            buffer: Vec::new(),
            upload: None,
            size: 0,
        }
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
            .get_opts(&path(key), options)
            .await
            .map_err(|error| translate(key, error))?;
        let (size, range) = (found.meta.size, found.range.clone());
        let stream = found.into_stream().map_err(ObjectError::Store).boxed();
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
            .get(&path(key))
            .await
            .map_err(|error| translate(key, error))?;
        if found.meta.size > limit {
            return Err(ObjectError::TooLong {
                key: key.clone(),
                limit,
            });
        }
        found.bytes().await.map_err(|error| translate(key, error))
    }

    /// Deletes an object; one that is gone already is no error.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        match self.store.delete(&path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ObjectError::Store(error)),
        }
    }

    /// Deletes everything that a run of a job has stored.
    pub async fn delete_run(&self, job: JobId, run: RunId) -> Result<(), ObjectError> {
        let folder = Path::from(format!("jobs/{job}/{run}"));
        let found: Vec<_> = self
            .store
            .list(Some(&folder))
            .try_collect()
            .await
            .map_err(ObjectError::Store)?;
        for object in found {
            self.delete(&ObjectKey(object.location.to_string())).await?;
        }
        Ok(())
    }
}

/// An object being written piece by piece, in parts of 8 MiB; a short one is a single put.
pub struct Writer {
    objects: Objects,
    key: ObjectKey,
    buffer: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
    size: u64,
}

/// Bytes of one part of a long upload; S3 wants at least 5 MiB.
const PART: usize = 8 * 1024 * 1024;

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("key", &self.key)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Adds bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectError> {
        self.size += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < PART {
            return Ok(());
        }
        let part = std::mem::take(&mut self.buffer);
        self.put_part(part).await
    }

    /// Makes the object appear and gives its size in bytes.
    pub async fn finish(mut self) -> Result<u64, ObjectError> {
        let rest = std::mem::take(&mut self.buffer);
        if self.upload.is_none() {
            self.objects.put(&self.key, rest.into()).await?;
            return Ok(self.size);
        }
        if !rest.is_empty() {
            self.put_part(rest).await?;
        }
        if let Some(upload) = &mut self.upload {
            upload
                .complete()
                .await
                .map_err(|error| translate(&self.key, error))?;
        }
        Ok(self.size)
    }

    /// Gives the upload up; what was sent so far is removed.
    pub async fn abort(mut self) -> Result<(), ObjectError> {
        if let Some(upload) = &mut self.upload {
            upload
                .abort()
                .await
                .map_err(|error| translate(&self.key, error))?;
            self.objects.delete_empty_folders(&self.key).await;
        }
        Ok(())
    }

    async fn put_part(&mut self, part: Vec<u8>) -> Result<(), ObjectError> {
        if self.upload.is_none() {
            let started = self.objects.store.put_multipart(&path(&self.key)).await;
            self.upload = Some(started.map_err(|error| translate(&self.key, error))?);
        }
        if let Some(upload) = &mut self.upload {
            upload
                .put_part(part.into())
                .await
                .map_err(|error| translate(&self.key, error))?;
        }
        Ok(())
    }
}

fn path(key: &ObjectKey) -> Path {
    Path::from(key.as_str())
}

fn translate(key: &ObjectKey, error: object_store::Error) -> ObjectError {
    if matches!(error, object_store::Error::NotFound { .. }) {
        return ObjectError::Missing(key.clone());
    }
    ObjectError::Store(error)
}

#[cfg(test)]
mod tests;
