//! One browser process: started with its pipe, drained of its words, killed when it goes.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use command_fds::{CommandFdExt as _, FdMapping};
use headless_chrome::protocol::cdp::Browser;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::profile::Profile;
use super::{Options, Profiles, binary, flags};
use crate::cdp::{CallError, Connection};

/// Why no browser runs.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// None is installed.
    #[error(
        "no browser is installed; install chromium-headless-shell (Debian: apt-get install chromium-headless-shell) or chromium, or name one with --browser"
    )]
    Missing,
    /// The operator named one that is not there.
    #[error("--browser {0}: there is no such file")]
    NoSuchFile(PathBuf),
    /// The operating system refused.
    #[error("{binary} can't be started")]
    Refused {
        /// The program.
        binary: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It started and ended, or does not speak the protocol.
    #[error("{binary} started but did not answer ({source}); its last words: {stderr}")]
    Mute {
        /// The program.
        binary: PathBuf,
        /// What was answered instead.
        source: CallError,
        /// What it wrote.
        stderr: String,
    },
    /// It started and says nothing.
    #[error("{binary} did not answer within {} s; its last words: {stderr}", .after.as_secs())]
    Slow {
        /// The program.
        binary: PathBuf,
        /// How long it was waited for.
        after: Duration,
        /// What it wrote.
        stderr: String,
    },
    /// The debugging pipe could not be made.
    #[error("a pipe to the browser can't be made")]
    Pipe(#[source] io::Error),
}

/// The longest time from the start of a process to its first answer.
const PREFLIGHT: Duration = Duration::from_secs(30);

/// Lines of standard error that are kept, and bytes of each.
const KEPT: usize = 20;
const LONGEST_LINE: u64 = 4096;

type Words = Arc<Mutex<VecDeque<String>>>;

/// A browser's process; dropping it kills it and removes its profile.
#[derive(Debug)]
pub(super) struct Process {
    binary: PathBuf,
    id: u32,
    end: CancellationToken,
    words: Words,
}

impl Process {
    pub(super) async fn launch(
        options: &Options,
        profiles: &Profiles,
    ) -> Result<(Self, Connection), LaunchError> {
        let binary = match (binary::find(options.binary.as_deref()), &options.binary) {
            (Some(binary), _) => binary,
            (None, Some(named)) => return Err(LaunchError::NoSuchFile(named.clone())),
            (None, None) => return Err(LaunchError::Missing),
        };
        let profile = profiles.profile().map_err(LaunchError::Pipe)?;
        let (mut command, connection) = command(&binary, profile.path(), options.no_sandbox)?;
        let mut child = command.spawn().map_err(|source| LaunchError::Refused {
            binary: binary.clone(),
            source,
        })?;
        // The child's ends of the pipe live in the command; while they are open here, its end is unseen.
        drop(command);
        let process = Self {
            binary,
            id: child.id().unwrap_or_default(),
            end: CancellationToken::new(),
            words: Words::default(),
        };
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(drain(stderr, Arc::clone(&process.words)));
        }
        tokio::spawn(supervise(child, process.end.clone(), profile));
        process.preflight(&connection).await?;
        Ok((process, connection))
    }

    pub(super) fn binary(&self) -> &Path {
        &self.binary
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn kill(&self) {
        self.end.cancel();
    }

    /// The last lines that the process wrote, in one.
    pub(super) fn stderr(&self) -> String {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = words.iter().map(String::as_str).collect();
        if lines.is_empty() {
            "(none)".to_owned()
        } else {
            lines.join(" | ")
        }
    }

    async fn preflight(&self, connection: &Connection) -> Result<(), LaunchError> {
        let version = connection.call(Browser::GetVersion(None));
        match tokio::time::timeout(PREFLIGHT, version).await {
            Ok(Ok(version)) => {
                tracing::debug!(product = version.product, pid = self.id, "a browser is up");
                Ok(())
            }
            Ok(Err(source)) => Err(LaunchError::Mute {
                binary: self.binary.clone(),
                source,
                stderr: self.stderr(),
            }),
            Err(_) => Err(LaunchError::Slow {
                binary: self.binary.clone(),
                after: PREFLIGHT,
                stderr: self.stderr(),
            }),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// A command whose child speaks the protocol on its descriptors 3 (calls) and 4 (answers).
fn command(
    binary: &Path,
    profile: &Path,
    no_sandbox: bool,
) -> Result<(Command, Connection), LaunchError> {
    let (calls, to_browser) = io::pipe().map_err(LaunchError::Pipe)?;
    let (from_browser, answers) = io::pipe().map_err(LaunchError::Pipe)?;
    let sender = pipe::Sender::from_owned_fd(to_browser.into()).map_err(LaunchError::Pipe)?;
    let receiver = pipe::Receiver::from_owned_fd(from_browser.into()).map_err(LaunchError::Pipe)?;
    let mut command = Command::new(binary);
    command
        .args(flags::all(profile, binary::is_full(binary), no_sandbox))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A terminal's Ctrl+C goes to us alone, so that pages in hand can be finished.
        .process_group(0)
        .kill_on_drop(true);
    let mappings = vec![
        FdMapping {
            parent_fd: calls.into(),
            child_fd: 3,
        },
        FdMapping {
            parent_fd: answers.into(),
            child_fd: 4,
        },
    ];
    command
        .fd_mappings(mappings)
        .map_err(|error| LaunchError::Pipe(io::Error::other(error)))?;
    Ok((command, Connection::new(sender, receiver)))
}

/// Reaps the process, killing it when its time has come, and removes its profile.
async fn supervise(mut child: Child, end: CancellationToken, profile: Profile) {
    let group = child.id();
    tokio::select! {
        () = end.cancelled() => {
            kill_group(group);
            if let Err(error) = child.kill().await {
                tracing::warn!(%error, "a browser can't be killed");
            }
        }
        status = child.wait() => {
            kill_group(group);
            match status {
                Ok(status) => tracing::debug!(%status, "a browser has ended by itself"),
                Err(error) => tracing::warn!(%error, "a browser's end can't be awaited"),
            }
        }
    }
    profile.remove().await;
}

/// Ends everything that the process has started: Debian's program is a shell script, and the browser
/// itself its child.
fn kill_group(leader: Option<u32>) {
    let group = leader.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(Err(error)) = group.map(|group| kill_process_group(group, Signal::KILL)) {
        tracing::debug!(%error, "nothing is left of a browser's process group");
    }
}

async fn drain<R: AsyncRead + Unpin>(stderr: R, words: Words) {
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut reader)
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .await
    {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        line.clear();
        tracing::trace!(text, "browser");
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.len() == KEPT {
            words.pop_front();
        }
        words.push_back(text);
    }
}
