//! Runs a program on something that may be hostile: without our environment, in a group of its own, within bounds of
//! memory, processor and of what it writes, and killed with all that it started when time is over.

pub(crate) mod lifeline;
pub(crate) mod talk;

use std::ffi::OsStr;
use std::io;
use std::process::Stdio;

use common::process::again;
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::Instant;

/// The most threads of a program that compute at the same time, as far as its bound of a processor's time goes.
const THREADS: u64 = 4;

/// The most bytes that are read of what a program says, on each of its two ways.
const WORDS: u64 = 16 * 1024;

/// What a program may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of address space.
    pub(crate) memory: u64,
    /// Bytes of any one file that it writes.
    pub(crate) file: u64,
    /// When it is killed. Whoever does that may be killed before, so that each of its processes also gets no more of a
    /// processor than it could use until then.
    pub(crate) until: Instant,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The beginning of its standard output.
    pub(crate) output: String,
    /// The beginning of its standard error.
    pub(crate) complaints: String,
}

/// Why a program did not end by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChildError {
    /// It could not be run.
    #[error("it can't be run: {0}")]
    Refused(#[from] io::Error),
    /// It was killed when its time was over.
    #[error("its time was over")]
    Late,
}

/// A group of processes that is killed when this is dropped, unless its first one has been waited for.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0.take()
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::debug!(%error, "a group of processes had ended");
        }
    }
}

/// A program that knows nothing of our environment and, unless it is given something else, reads nothing.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// This program again, as what an argument makes of it (see [`again::told`]). That of the tests has nothing but tests, so
/// the one of this name is asked for, which finds what follows behind `--`.
pub(crate) fn again(argument: &str, test: &str) -> Command {
    let mut command = command(again::PROGRAM);
    if cfg!(test) {
        command.args(["--exact", test, "--nocapture", "--"]);
    } else {
        command.arg(argument);
    }
    command
}

/// Runs a program to its end.
pub(crate) async fn run(mut command: Command, bounds: Bounds) -> Result<Ended, ChildError> {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn()?;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let id = id.and_then(Pid::from_raw);
    let id = id.ok_or_else(|| io::Error::other("it has no number"))?;
    let mut group = Group(Some(id));
    limit(id, Resource::As, bounds.memory)?;
    limit(id, Resource::Fsize, bounds.file)?;
    limit(id, Resource::Cpu, processor(bounds.until))?;
    // Held until the end: waiting for it would close it.
    let _lifeline = match child.stdin.take() {
        Some(input) => Some(lifeline::begin(input).await?),
        None => None,
    };
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let running = async { tokio::join!(child.wait(), beginning(stdout), beginning(stderr)) };
    let Ok((status, output, complaints)) = tokio::time::timeout_at(bounds.until, running).await
    else {
        return Err(ChildError::Late);
    };
    let status = status?;
    group.0 = None;
    Ok(Ended {
        code: status.code(),
        output,
        complaints,
    })
}

/// The most seconds of a processor that a program can use until then.
fn processor(until: Instant) -> u64 {
    let left = until.saturating_duration_since(Instant::now());
    left.as_secs().saturating_add(1).saturating_mul(THREADS)
}

/// Bounds a program that runs, whose bounds so far are ours.
fn limit(id: Pid, resource: Resource, most: u64) -> io::Result<()> {
    let most = Some(again::least(resource, most));
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    match prlimit(Some(id), resource, limit) {
        // One that has ended already needs none.
        Ok(_) | Err(Errno::SRCH) => Ok(()),
        // Nor does one that has bounded itself closer by now, which only the privileged may undo. That it is ours to
        // bound, its other bounds have shown.
        Err(Errno::PERM) if resource == Resource::Cpu => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Reads the beginning, and the rest to its end, so that whoever writes is not held up.
async fn beginning(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else {
        return String::new();
    };
    let mut words = Vec::new();
    let read = (&mut from).take(WORDS).read_to_end(&mut words).await;
    if let Err(error) = read.and(tokio::io::copy(&mut from, &mut tokio::io::sink()).await) {
        tracing::debug!(%error, "a program's words could not be read");
    }
    String::from_utf8_lossy(&words).into_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command("sh");
        command.args(["-c", script]);
        command
    }

    fn bounds(within: Duration) -> Bounds {
        Bounds {
            memory: 512 << 20,
            file: 1 << 20,
            until: Instant::now() + within,
        }
    }

    #[tokio::test]
    async fn a_program_is_heard_and_knows_nothing_of_our_environment() {
        let long = Duration::from_secs(20);
        let script = "env; echo wrong >&2; yes | head -c 100000; exit 3";
        let ended = run(shell(script), bounds(long)).await.unwrap();
        assert_eq!(
            (ended.code, ended.complaints.as_str()),
            (Some(3), "wrong\n")
        );
        assert!(ended.output.contains("LC_ALL=C.UTF-8") && !ended.output.contains("CARGO"));
        assert_eq!(ended.output.len() as u64, WORDS);
    }

    #[tokio::test]
    async fn a_program_that_takes_too_much_is_ended() {
        let long = Duration::from_secs(20);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("large");
        let script = format!(
            "sleep 0.2; exec head -c 3000000 /dev/zero > {}",
            file.display()
        );
        let ended = run(shell(&script), bounds(long)).await.unwrap();
        assert_ne!(ended.code, Some(0));
        assert!(std::fs::metadata(file).unwrap().len() <= 1 << 20);
    }

    #[tokio::test]
    async fn a_program_may_have_bounded_itself_closer() {
        let mut command = shell("ulimit -t 1; echo bounded; sleep 20");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = [0; 8];
        let mut output = child.stdout.take().unwrap();
        output.read_exact(&mut said).await.unwrap();
        let id = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
        limit(id, Resource::Cpu, 100).unwrap();
        child.kill().await.unwrap();
    }

    #[tokio::test]
    async fn a_late_program_is_killed_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {}; wait", pid.display());
        let late = run(shell(&script), bounds(Duration::from_millis(300))).await;
        assert!(matches!(late, Err(ChildError::Late)), "{late:?}");
        let pid = std::fs::read_to_string(pid).unwrap();
        gone(pid.trim()).await;
    }

    /// Waits for the end of a process that is no child of ours.
    pub(crate) async fn gone(pid: &str) {
        let stat = format!("/proc/{pid}/stat");
        // Killed is either gone, or a corpse that nobody has buried yet.
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    }
}
