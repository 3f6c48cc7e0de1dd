//! What the process asks of the system: that its files are for its owner alone, and enough open ones.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

/// More open files than this do no good.
const MOST_FILES: u64 = 65_536;

/// Files that are open beside the connections: database, objects, browsers, webhooks.
const OTHER_FILES: u64 = 512;

/// Makes every file from now on private: results, inputs and the database hold customers' documents,
/// and a data folder that was there already may be open to all.
pub fn make_files_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

/// Raises the number of open files as far as the system allows: callers who hold connections must
/// not take those that jobs need.
pub fn raise_open_files(connections: u32) {
    let limits = getrlimit(Resource::Nofile);
    let wanted = limits
        .maximum
        .map_or(MOST_FILES, |most| most.min(MOST_FILES));
    if limits.current.is_none_or(|current| current >= wanted) {
        return warn_if_few(limits.current, connections);
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limits.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => warn_if_few(Some(wanted), connections),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files can't be raised");
            warn_if_few(limits.current, connections);
        }
    }
}

fn warn_if_few(files: Option<u64>, connections: u32) {
    let needed = u64::from(connections) + OTHER_FILES;
    if let Some(files) = files.filter(|files| *files < needed) {
        tracing::warn!(
            files,
            needed,
            "too few files may be open for so many connections; raise the limit (ulimit -n) or lower --max-connections"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn files_are_private_and_as_many_as_the_system_allows() {
        let before = getrlimit(Resource::Nofile);
        let low = Rlimit {
            current: Some(256),
            maximum: before.maximum,
        };
        setrlimit(Resource::Nofile, low).unwrap();
        raise_open_files(10);
        let after = getrlimit(Resource::Nofile);
        let most = before.maximum.unwrap_or(u64::MAX).min(MOST_FILES);
        assert_eq!(after.current, Some(most));

        make_files_private();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
