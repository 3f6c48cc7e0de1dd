//! Ends a program, with all that it started, when the renderer that runs it has ended: one that was killed can't do so
//! itself, and a suite that waits for something would wait for ever.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use rustix::process::{Signal, kill_current_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;

/// What the renderer says once everything is bounded: what is started before would not be.
const BOUNDED: u8 = b'\n';

/// What a shell adds to the number of the signal that has ended a program.
const BY_SIGNAL: i32 = 128;

/// Has [`run`] begin, in the process that was given this input, and gives the line that holds it.
pub(crate) async fn begin(mut line: ChildStdin) -> io::Result<ChildStdin> {
    match line.write_all(&[BOUNDED]).await {
        // How it ended says more.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(line),
    }
}

/// Runs a program to its end and gives its exit code. The renderer holds the other end of this process's standard
/// input for as long as it lives; when that is gone, this process ends with all others of its group.
pub(crate) fn run(mut program: Command) -> io::Result<u8> {
    io::stdin().read_exact(&mut [0])?;
    thread::Builder::new().spawn(end_with_the_renderer)?;
    let status = program.stdin(Stdio::null()).status()?;
    Ok(code(status))
}

fn end_with_the_renderer() {
    // Nothing more is sent.
    let ended = io::copy(&mut io::stdin(), &mut io::sink());
    // If it can't be read, nobody would notice the end either.
    let told = ended.or_else(|error| {
        writeln!(io::stderr(), "the renderer is out of sight: {error}").map(|()| 0)
    });
    let killed = kill_current_process_group(Signal::KILL);
    if told.is_err() || killed.is_err() {
        std::process::abort();
    }
}

fn code(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| BY_SIGNAL + signal);
    let code = status.code().or(signal);
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
