//! The temporary folders that browsers and office suites write to, and PDFs are merged in: one home per engine,
//! removed at its end, and by the next renderer if this one is killed.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

const PREFIX: &str = "platen-browsers-";
const LOCK: &str = "lock";
const UNNAMED_LOCK: &str = "lock.new";

/// The home of all profiles of one engine; it goes with the last clone. Its lock tells other
/// renderers that it is in use.
#[derive(Debug, Clone)]
pub struct Profiles(Arc<Home>);

#[derive(Debug)]
struct Home {
    folder: TempDir,
    _lock: File,
}

/// A browser's folder; the home stays at least as long.
#[derive(Debug)]
pub(super) struct Profile {
    folder: TempDir,
    _home: Profiles,
}

/// How often, and how far apart, a folder is removed that somebody may still be writing to.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl Profiles {
    /// Makes a home below `folder` and removes homes there whose renderer is gone.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        remove_stale(folder);
        let home = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?;
        // It gets its name when it is locked: somebody who starts in the same moment would take a lock that
        // is free for a renderer that is gone.
        let unnamed = home.path().join(UNNAMED_LOCK);
        let lock = File::create(&unnamed)?;
        lock.lock()?;
        fs::rename(unnamed, home.path().join(LOCK))?;
        Ok(Self(Arc::new(Home {
            folder: home,
            _lock: lock,
        })))
    }

    /// A fresh, empty profile.
    pub(super) fn profile(&self) -> io::Result<Profile> {
        let folder = tempfile::Builder::new()
            .prefix("profile-")
            .tempdir_in(self.path())?;
        Ok(Profile {
            folder,
            _home: self.clone(),
        })
    }

    /// A folder for what does not fit into memory for a while.
    pub fn path(&self) -> &Path {
        self.0.folder.path()
    }
}

impl Profile {
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes the folder of a browser that was ended: its last processes may write a little longer.
    pub(super) async fn remove(self) {
        for _ in 0..TRIES {
            match fs::remove_dir_all(self.path()) {
                Ok(()) => return,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(error) => tracing::debug!(%error, "a browser still writes to its profile"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::warn!(folder = %self.path().display(), "a browser's profile can't be removed");
    }
}

fn remove_stale(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours && is_abandoned(&entry.path()) {
            match fs::remove_dir_all(entry.path()) {
                Ok(()) => {
                    tracing::info!(folder = %entry.path().display(), "removed what a renderer left behind");
                }
                Err(error) => {
                    tracing::warn!(%error, "what a renderer left behind can't be removed");
                }
            }
        }
    }
}

/// A home without a lock file is being made at this moment, so it is left alone.
fn is_abandoned(home: &Path) -> bool {
    File::open(home.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_in_use_stays_and_an_abandoned_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let living = Profiles::new(folder.path()).unwrap();
        let dead = folder.path().join("platen-browsers-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        fs::create_dir(folder.path().join("another")).unwrap();
        let next = Profiles::new(folder.path()).unwrap();
        assert!(!dead.exists());
        assert!(living.path().exists() && next.path().exists());
        assert!(folder.path().join("another").exists());
    }

    #[test]
    fn homes_that_are_made_at_the_same_time_stay() {
        const EACH: usize = 200;
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let home = Profiles::new(folder.path()).unwrap();
                        assert!(home.path().join(LOCK).exists());
                    }
                });
            }
        });
    }
}
