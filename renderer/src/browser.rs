//! Browser processes: found, started, watched, replaced. A page always gets a browser context of its
//! own, whose network goes through a proxy of its own.

mod binary;
mod fill;
mod flags;
mod memory;
mod pool;
mod process;
mod profile;
mod targets;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::egress::Policy;
use headless_chrome::protocol::cdp::Target;

pub use pool::Pool;
pub use process::LaunchError;
pub use profile::Profiles;

use crate::cdp::Connection;
use crate::folder::Folder;
use crate::proxy::{Origin, Rules};
use process::Process;
use targets::Targets;

/// How browser processes are started and when they are replaced.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program; `None` looks for headless-shell, then for Chromium.
    pub binary: Option<PathBuf>,
    /// Run without Chromium's sandbox; always so as root, where it can't work.
    pub no_sandbox: bool,
    /// Processes that run at the same time.
    pub browsers: usize,
    /// Pages prepared ahead of demand.
    pub ready_pages: usize,
    /// Replace a process after so many pages.
    pub recycle_after: u32,
    /// Replace a process after this time.
    pub recycle_age: Duration,
    /// Replace a process whose tree holds more than this, bytes.
    pub recycle_memory: u64,
    /// What pages may reach.
    pub network: Network,
}

/// What pages may reach.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// The addresses that may be dialled.
    pub policy: Policy,
    /// A made-up host, and the folder that it serves.
    pub(crate) folder: Option<(String, Folder)>,
}

impl Network {
    /// The rules for one page's proxy.
    pub(crate) fn rules(&self) -> Rules {
        let origin = self
            .folder
            .clone()
            .map(|(host, folder)| Origin::Folder { host, folder });
        Rules {
            policy: self.policy.clone(),
            origin,
        }
    }
}

/// A running browser process; the last handle to go ends it.
#[derive(Debug, Clone)]
pub struct Browser(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    process: Process,
    targets: Targets,
    born: Instant,
    /// Whether it was ended from here.
    killed: AtomicBool,
}

/// The longest time that closing a context may take before the process counts as hung.
const CLOSING: Duration = Duration::from_secs(5);

impl Browser {
    /// Starts a browser and waits until it answers.
    pub async fn launch(options: &Options, profiles: &Profiles) -> Result<Self, LaunchError> {
        let (process, connection) = Process::launch(options, profiles).await?;
        let targets = Targets::watch(&connection)
            .await
            .map_err(|error| LaunchError::Mute {
                binary: process.binary().to_owned(),
                source: error,
                stderr: process.stderr(),
            })?;
        Ok(Self(Arc::new(Inner {
            connection,
            process,
            targets,
            born: Instant::now(),
            killed: AtomicBool::new(false),
        })))
    }

    /// The browser's debugging pipe.
    pub fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// Whether the process has ended or was ended.
    pub fn is_gone(&self) -> bool {
        self.0.connection.is_closed()
    }

    /// Whether [`Self::kill`] has ended it.
    pub(crate) fn was_killed(&self) -> bool {
        self.0.killed.load(Ordering::Relaxed)
    }

    /// How long the process has run.
    pub fn age(&self) -> Duration {
        self.0.born.elapsed()
    }

    /// Memory of the process and its children, bytes.
    pub fn memory(&self) -> u64 {
        memory::of_tree(self.0.process.id())
    }

    /// The program that runs.
    pub fn binary(&self) -> &Path {
        self.0.process.binary()
    }

    /// The last lines of what the process wrote to its standard error.
    pub fn stderr(&self) -> String {
        self.0.process.stderr()
    }

    /// Ends the process at once, with everything in it.
    pub fn kill(&self) {
        self.0.killed.store(true, Ordering::Relaxed);
        self.0.process.kill();
    }

    pub(crate) fn targets(&self) -> &Targets {
        &self.0.targets
    }

    /// Closes a context with all its pages; a browser that does not do so in time is killed.
    pub(crate) async fn dispose(&self, context: String) {
        self.0.targets.forget(&context);
        let call = self.0.connection.call(Target::DisposeBrowserContext {
            browser_context_id: context,
        });
        match tokio::time::timeout(CLOSING, call).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a browser context was gone already"),
            Err(_) => {
                tracing::warn!("a browser did not close a page in time; it is replaced");
                self.kill();
            }
        }
    }
}

#[cfg(test)]
mod tests;
