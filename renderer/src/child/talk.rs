//! Talks to a program that reads all that it is sent before it says anything, from a thread that may wait.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use common::process::again::{least, limit};
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, pidfd_open, pidfd_send_signal, setrlimit,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The exit code of a process that could not bound itself, or not read its errand.
pub(crate) const NOT_BEGUN: u8 = 3;

/// What became of a program.
#[derive(Debug)]
pub(crate) struct Said {
    /// The beginning of its standard output.
    pub(crate) output: Vec<u8>,
    /// How it ended.
    pub(crate) end: End,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself.
    Exit(i32),
    /// It met one of its bounds: memory, stack, or time of a processor.
    TooMuch,
    /// By somebody else, or by the clock.
    Stopped,
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        if let Some(code) = status.code() {
            return Self::Exit(code);
        }
        let bounds = [Signal::ABORT, Signal::SEGV, Signal::BUS, Signal::XCPU];
        let bounds = bounds.map(|signal| Some(signal.as_raw()));
        if bounds.contains(&status.signal()) {
            return Self::TooMuch;
        }
        Self::Stopped
    }
}

/// Runs a program to its end, at most for so long, sends it `parts` and hears `most` bytes of it.
pub(crate) fn ask(
    mut command: Command,
    parts: &[&[u8]],
    most: usize,
    within: Duration,
) -> io::Result<Said> {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // What is typed at the renderer's terminal is not meant for it.
        .process_group(0)
        .spawn()?;
    let mut child = Ending(child);
    let id = i32::try_from(child.0.id()).ok().and_then(Pid::from_raw);
    let id = id.ok_or_else(|| io::Error::other("it has no number"))?;
    // Not the number, which somebody else may have by then.
    let handle = pidfd_open(id, PidfdFlags::empty())?;
    let (over, ends) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            // Bounds of its own end what it computes; what it waits for has none.
            if ends.recv_timeout(within) == Err(RecvTimeoutError::Timeout)
                && let Err(error) = pidfd_send_signal(&handle, Signal::KILL)
            {
                tracing::debug!(%error, "a late process had ended");
            }
        });
        let said = child.talk(parts, most);
        drop(over);
        said
    })
}

/// A process that is ended when nobody listens any more.
struct Ending(Child);

impl Ending {
    fn talk(&mut self, parts: &[&[u8]], most: usize) -> io::Result<Said> {
        if let Some(mut input) = self.0.stdin.take()
            && let Err(error) = parts.iter().try_for_each(|part| input.write_all(part))
        {
            // It has ended, and how it did says more.
            tracing::debug!(%error, "a process did not read all that it was sent");
        }
        let mut output = Vec::new();
        if let Some(words) = self.0.stdout.take() {
            let most = u64::try_from(most).unwrap_or(u64::MAX);
            words.take(most).read_to_end(&mut output)?;
        }
        let end = self.0.wait()?.into();
        Ok(Said { output, end })
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Err(error) = self.0.kill().and_then(|()| self.0.wait()) {
            tracing::debug!(%error, "a process could not be ended");
        }
    }
}

/// The first line that is an answer, and what follows it.
pub(crate) fn heard<A: DeserializeOwned>(said: &[u8]) -> Option<(A, &[u8])> {
    let mut rest = said;
    loop {
        let mut parts = rest.splitn(2, |byte| *byte == b'\n');
        let (line, after) = (parts.next()?, parts.next()?);
        if let Ok(answer) = serde_json::from_slice(line) {
            return Some((answer, after));
        }
        rest = after;
    }
}

/// Says an answer, as such a program: a line of JSON, and the bytes that follow it.
pub(crate) fn say(answer: &impl Serialize, bytes: &[u8]) -> io::Result<()> {
    let answer = serde_json::to_string(answer)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{answer}")?;
    out.write_all(bytes)?;
    out.flush()
}

/// Bounds this process for good, which such a program was started as: bytes of address space, and seconds of a
/// processor. What was bounded closer before stays so.
pub(crate) fn bounded(memory: u64, seconds: u64) -> Option<()> {
    limit(Resource::As, memory)?;
    // Nothing of it is worth a core file.
    limit(Resource::Core, 0)?;
    // The first bound is told from a kill by its signal; the second is for who does not heed it.
    let both = Rlimit {
        current: Some(least(Resource::Cpu, seconds)),
        maximum: Some(least(Resource::Cpu, seconds.saturating_add(1))),
    };
    setrlimit(Resource::Cpu, both).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, within: Duration) -> Said {
        let mut command = crate::child::command("sh").into_std();
        command.args(["-c", script]);
        ask(command, &[b"one ", b"two"], 9, within).unwrap()
    }

    #[test]
    fn a_program_gets_all_parts_and_the_beginning_of_what_it_says_is_heard() {
        let said = shell("cat; echo three four; exit 5", Duration::from_mins(1));
        assert_eq!(
            (said.output.as_slice(), said.end),
            (&b"one twoth"[..], End::Exit(5))
        );
    }

    #[test]
    fn an_answer_is_found_behind_noise_and_its_bytes_behind_it() {
        let said = b"noise\n\n\"TooComplex\"\n\x01\n\x02ok\n";
        let (answer, after) = heard::<String>(said).unwrap();
        assert_eq!(
            (answer.as_str(), after),
            ("TooComplex", &b"\x01\n\x02ok\n"[..])
        );
        assert!(heard::<String>(b"noise\n\"TooComplex\"").is_none());
    }

    #[test]
    fn how_a_program_ends_tells_its_bounds_from_a_kill() {
        let long = Duration::from_mins(1);
        for (script, end) in [
            ("kill -ABRT $$", End::TooMuch),
            ("kill -XCPU $$", End::TooMuch),
            ("kill -TERM $$", End::Stopped),
            ("kill -KILL $$", End::Stopped),
            ("ulimit -t 1; while :; do :; done", End::Stopped),
        ] {
            assert_eq!(shell(script, long).end, end, "{script}");
        }
        let said = shell("exec sleep 600", Duration::from_millis(1));
        assert_eq!(said.end, End::Stopped);
    }
}
