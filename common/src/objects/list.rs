//! What is in the store, for whoever looks for objects that no row owns.

use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::path::Path as Folder;

use super::{ObjectError, ObjectKey, Objects};
use crate::clock::Timestamp;

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub key: ObjectKey,
    /// When it was written, by the store's clock.
    pub written_at: Timestamp,
}

impl Objects {
    /// Every object, in no particular order, read bit by bit.
    pub fn list(&self) -> BoxStream<'static, Result<Listed, ObjectError>> {
        self.list_in(&self.prefix)
    }

    /// The objects in a folder of the store.
    pub(super) fn list_in(
        &self,
        folder: &Folder,
    ) -> BoxStream<'static, Result<Listed, ObjectError>> {
        let prefix = self.prefix.clone();
        let found = self.store.list(Some(folder));
        found
            .map(move |object| {
                let object = object.map_err(ObjectError::new)?;
                Ok(Listed {
                    key: key_of(&object.location, &prefix),
                    written_at: Timestamp::from_micros(object.last_modified.timestamp_micros()),
                })
            })
            .boxed()
    }

    /// Deletes the halves of objects that a killed process left in a local folder before `before`,
    /// and says how many; a listing does not show them. A bucket is left alone: the parts of an upload
    /// that nobody finished are the store's to clear, by a lifecycle rule of the bucket
    /// (`AbortIncompleteMultipartUpload`).
    pub async fn delete_halves(&self, before: Timestamp) -> Result<u64, ObjectError> {
        let Some(folder) = self.folder() else {
            return Ok(0);
        };
        let refused = |source| ObjectError::Folder {
            path: folder.display().to_string(),
            source,
        };
        delete_halves(folder, before).await.map_err(refused)
    }

    /// Deletes the folders that a local store has made for an object which never came, as far as
    /// nothing else is in them.
    pub(super) async fn delete_empty_folders(&self, key: &ObjectKey) {
        let Some(folder) = self.folder() else {
            return;
        };
        for parent in Path::new(key.as_str()).ancestors().skip(1) {
            let is_folder = parent != Path::new("");
            if !is_folder || tokio::fs::remove_dir(folder.join(parent)).await.is_err() {
                return;
            }
        }
    }
}

/// The key without what the store puts before it.
fn key_of(location: &Folder, prefix: &Folder) -> ObjectKey {
    let text = location.as_ref();
    let key = text.strip_prefix(prefix.as_ref()).unwrap_or(text);
    ObjectKey(key.trim_start_matches('/').to_owned())
}

async fn delete_halves(folder: &Path, before: Timestamp) -> std::io::Result<u64> {
    let (mut folders, mut deleted) = (vec![PathBuf::from(folder)], 0);
    while let Some(folder) = folders.pop() {
        let mut entries = match tokio::fs::read_dir(&folder).await {
            Ok(entries) => entries,
            // The last object of a folder takes the folder with it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        while let Some(entry) = entries.next_entry().await? {
            if entry.file_type().await?.is_dir() {
                folders.push(entry.path());
            } else if is_half(&entry.file_name().to_string_lossy()) {
                match delete_old(&entry, before).await {
                    Ok(is_gone) => deleted += u64::from(is_gone),
                    // The others must not wait for it.
                    Err(error) => {
                        let path = entry.path();
                        tracing::warn!(%error, path = %path.display(), "half an object could not be deleted");
                    }
                }
            }
        }
    }
    Ok(deleted)
}

/// Deletes a file that was last written before `before`; one that is gone by now is no error.
async fn delete_old(entry: &tokio::fs::DirEntry, before: Timestamp) -> std::io::Result<bool> {
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    let written = match entry.metadata().await {
        Ok(about) => about.modified()?,
        Err(error) if gone(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    let age = written.duration_since(std::time::UNIX_EPOCH);
    if Timestamp::from_micros(0) + age.unwrap_or_default() >= before {
        return Ok(false);
    }
    match tokio::fs::remove_file(entry.path()).await {
        Ok(()) => Ok(true),
        Err(error) if gone(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The local store writes `name#1` and renames it to `name`.
fn is_half(name: &str) -> bool {
    name.split_once('#').is_some_and(|(_, suffix)| {
        !suffix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::TryStreamExt as _;

    use super::*;
    use crate::id::{JobId, RunId};

    #[tokio::test]
    async fn a_half_is_deleted_once_it_is_old_and_a_whole_one_never() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::local(folder.path()).unwrap();
        let whole = ObjectKey::artifact(JobId::new(), RunId::new(), "result.pdf");
        objects.put(&whole, "x".into()).await.unwrap();
        let half = folder.path().join(format!("{whole}#1"));
        std::fs::write(&half, "half").unwrap();
        let written = objects.list().try_next().await.unwrap().unwrap().written_at;
        let hour = Duration::from_hours(1);
        assert_eq!(objects.delete_halves(written - hour).await.unwrap(), 0);
        assert!(half.exists());
        assert_eq!(objects.delete_halves(written + hour).await.unwrap(), 1);
        assert!(!half.exists());
        assert_eq!(objects.read(&whole, 1).await.unwrap(), "x");
    }
}
