//! An object that is written piece by piece.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use object_store::{Attributes, MultipartUpload, PutMultipartOptions};

use super::{Label, ObjectError, ObjectKey, Objects};

/// Bytes of one part of a long upload, of every one but the last: some stores want them equal, S3
/// wants at least 5 MiB.
pub(super) const PART: usize = 8 * 1024 * 1024;

/// How long a store that has just failed is given to forget an upload.
const ABORT_TIME: Duration = Duration::from_secs(5);

/// An object being written piece by piece, in parts of 8 MiB; a short one is a single put.
///
/// An error ends it: what was sent is given up, and a new writer starts from the beginning. A writer
/// that is dropped half way leaves its parts to the store (see [`Objects::delete_halves`]).
pub struct Writer {
    objects: Objects,
    key: ObjectKey,
    label: Label,
    buffer: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
    size: u64,
    /// After an error nothing more is written, or the object would lack what came before.
    failed: bool,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("key", &self.key)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn new(objects: Objects, key: ObjectKey) -> Self {
        Self {
            objects,
            key,
            label: Label::default(),
            buffer: Vec::new(),
            upload: None,
            size: 0,
            failed: false,
        }
    }

    /// Says what the object is; a bucket keeps that beside it.
    #[must_use]
    pub fn typed(self, content_type: &str) -> Self {
        self.labelled(Label::typed(content_type))
    }

    /// Says all that a bucket keeps beside an object.
    #[must_use]
    pub fn labelled(self, label: Label) -> Self {
        Self { label, ..self }
    }

    /// Adds bytes.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), ObjectError> {
        self.check()?;
        self.size += bytes.len() as u64;
        while let Some((fits, rest)) = bytes.split_at_checked(PART - self.buffer.len()) {
            self.buffer.extend_from_slice(fits);
            bytes = rest;
            let part = std::mem::take(&mut self.buffer);
            self.put_part(part.into()).await?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Makes the object appear and gives its size in bytes.
    pub async fn finish(mut self) -> Result<u64, ObjectError> {
        self.check()?;
        let rest = std::mem::take(&mut self.buffer);
        if self.upload.is_none() {
            self.objects
                .put_once(&self.key, rest.into(), &self.label)
                .await?;
            return Ok(self.size);
        }
        if !rest.is_empty() {
            self.put_part(rest.into()).await?;
        }
        self.complete().await?;
        Ok(self.size)
    }

    /// Gives the upload up; what was sent so far is removed.
    pub async fn abort(mut self) -> Result<(), ObjectError> {
        let Some(mut upload) = self.upload.take() else {
            return Ok(());
        };
        upload.abort().await.map_err(ObjectError::new)?;
        self.objects.delete_empty_folders(&self.key).await;
        Ok(())
    }

    /// Writes bytes that are at hand already.
    pub(super) async fn write_all(mut self, mut bytes: Bytes) -> Result<(), ObjectError> {
        while !bytes.is_empty() {
            let part = bytes.split_to(PART.min(bytes.len()));
            self.put_part(part).await?;
        }
        self.complete().await
    }

    fn check(&self) -> Result<(), ObjectError> {
        if !self.failed {
            return Ok(());
        }
        Err(ObjectError::Store(object_store::Error::Generic {
            store: "upload",
            source: "it has failed before, and starts again with a new writer".into(),
        }))
    }

    async fn put_part(&mut self, part: Bytes) -> Result<(), ObjectError> {
        if self.upload.is_none() {
            let started = self.objects.start(&self.key, &self.label).await;
            self.failed = started.is_err();
            self.upload = Some(started?);
        }
        let Some(upload) = &mut self.upload else {
            return Ok(());
        };
        let put = upload.put_part(part.into()).await;
        self.or_give_up(put).await
    }

    async fn complete(&mut self) -> Result<(), ObjectError> {
        let Some(upload) = &mut self.upload else {
            return Ok(());
        };
        let completed = upload.complete().await.map(drop);
        self.or_give_up(completed).await
    }

    /// After an error, tells the store that the parts are not wanted.
    async fn or_give_up(&mut self, done: object_store::Result<()>) -> Result<(), ObjectError> {
        let Err(error) = done else {
            return Ok(());
        };
        self.failed = true;
        if let Some(mut upload) = self.upload.take() {
            match tokio::time::timeout(ABORT_TIME, upload.abort()).await {
                Ok(Ok(())) => self.objects.delete_empty_folders(&self.key).await,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "a broken upload is left to the store");
                }
                Err(_) => tracing::debug!("a broken upload is left to the store"),
            }
        }
        Err(ObjectError::new(error))
    }
}

impl Objects {
    async fn start(
        &self,
        key: &ObjectKey,
        label: &Label,
    ) -> Result<Box<dyn MultipartUpload>, ObjectError> {
        let options = PutMultipartOptions {
            attributes: self.attributes(label),
            ..PutMultipartOptions::default()
        };
        self.store
            .put_multipart_opts(&self.path(key), options)
            .await
            .map_err(ObjectError::new)
    }

    /// What is kept beside an object; a local folder keeps nothing.
    pub(super) fn attributes(&self, label: &Label) -> Attributes {
        if self.folder().is_some() {
            return Attributes::new();
        }
        label.attributes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{JobId, RunId};

    #[tokio::test]
    async fn a_long_object_is_never_in_memory_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::local(folder.path()).unwrap();
        let key = ObjectKey::artifact(JobId::new(), RunId::new(), "result.pdf");
        let mut writer = objects.writer(key);
        let piece = vec![7_u8; 3 * PART + 1];
        for _ in 0..3 {
            writer.write(&piece).await.unwrap();
            assert!(writer.buffer.capacity() <= 2 * PART);
        }
        assert_eq!(writer.finish().await.unwrap(), 3 * piece.len() as u64);
    }
}
