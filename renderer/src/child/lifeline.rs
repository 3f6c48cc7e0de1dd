//! Ends a program, with all that it started, when the renderer that runs it has ended: one that was killed can't do so
//! itself, and a suite that waits for something would wait for ever.

use std::io::{self, Read as _};
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
pub(super) async fn begin(mut line: ChildStdin) -> io::Result<ChildStdin> {
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
    let mut running = program.stdin(Stdio::null()).spawn()?;
    thread::Builder::new().spawn(end_with_the_renderer)?;
    Ok(code(running.wait()?))
}

fn end_with_the_renderer() {
    let mut byte = [0];
    // Nothing more is sent.
    while matches!(io::stdin().read(&mut byte), Ok(1)) {}
    if kill_current_process_group(Signal::KILL).is_err() {
        std::process::abort();
    }
}

fn code(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| BY_SIGNAL + signal);
    let code = status.code().or(signal);
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}
