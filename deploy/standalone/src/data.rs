//! The data folder: who may use it, and the installation's secrets in it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use common::key::random_bytes;
use common::store::Store;

/// The database's file in the folder.
const DATABASE: &str = "platen.db";

/// An opened data folder.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

/// Held while a server runs on the folder; the system lets go of it when the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl DataDir {
    /// Opens the folder, which is made (for its owner alone) if it is missing.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path);
        made.with_context(|| {
            format!(
                "the data folder {} can't be made; choose another with --data-dir",
                path.display()
            )
        })?;
        let path = path
            .canonicalize()
            .with_context(|| format!("the data folder {} can't be read", path.display()))?;
        Ok(Self { path })
    }

    /// Opens a folder that a server or `platen account create` has made.
    pub(crate) fn existing(path: &Path) -> anyhow::Result<Self> {
        if !path.join(DATABASE).exists() {
            bail!(
                "there is no database in the data folder {}; name the server's folder with --data-dir, or start `platen serve` first",
                path.display()
            );
        }
        Self::open(path)
    }

    /// Keeps a second server away.
    pub(crate) fn lock(&self) -> anyhow::Result<Lock> {
        let path = self.path.join("lock");
        let options = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        let file =
            options.with_context(|| format!("the lock {} can't be opened", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "another `platen serve` uses the data folder {}; stop it, or choose another folder with --data-dir",
                    self.path.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} can't be locked", path.display()))
            }
        }
    }

    /// The database in the folder, brought to this version's tables.
    pub(crate) async fn store(&self) -> anyhow::Result<Store> {
        let path = self.path.join(DATABASE);
        let store = Store::sqlite(&path)
            .await
            .with_context(|| format!("the database {} can't be opened", path.display()))?;
        store.migrate().await.with_context(|| {
            format!(
                "the database {} can't be brought to this version",
                path.display()
            )
        })?;
        Ok(store)
    }

    /// Where results and long inputs are kept.
    pub(crate) fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    /// A secret of the installation: 32 random bytes in a file for its owner alone, made at first use.
    pub(crate) fn secret(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let path = self.path.join(name);
        if !path.exists() {
            self.write_secret(name, &path)?;
        }
        let secret = fs::read(&path)
            .with_context(|| format!("the secret {} can't be read", path.display()))?;
        if secret.len() < 32 {
            bail!(
                "the secret {} is shorter than 32 bytes; restore it from a backup (what was signed or sealed with it depends on it)",
                path.display()
            );
        }
        Ok(secret)
    }

    /// Written beside its place and renamed, so that a crash leaves no half of a secret; what an
    /// earlier crash has left there is written over. Whoever makes secrets holds the lock.
    fn write_secret(&self, name: &str, path: &Path) -> anyhow::Result<()> {
        let fresh = self.path.join(format!(".{name}.new"));
        let context = || format!("the secret {} can't be written", path.display());
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)
            .with_context(context)?;
        file.write_all(&random_bytes::<32>())
            .with_context(context)?;
        file.sync_all().with_context(context)?;
        fs::rename(&fresh, path).with_context(context)?;
        File::open(&self.path)
            .and_then(|folder| folder.sync_all())
            .with_context(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_while_a_secret_was_written_does_not_keep_the_next_start_away() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        fs::write(folder.path().join(".seal.key.new"), "half").unwrap();
        let secret = data.secret("seal.key").unwrap();
        assert_eq!(secret.len(), 32);
        assert_eq!(data.secret("seal.key").unwrap(), secret);
    }

    #[test]
    fn a_folder_without_a_database_is_told_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let typo = folder.path().join("typo");
        let refused = DataDir::existing(&typo).unwrap_err().to_string();
        assert!(
            refused.contains("typo") && refused.contains("--data-dir"),
            "{refused}"
        );
        assert!(!typo.exists());
    }
}
