//! A shell script that keeps a server up, and stops and starts it as it is told.
//!
//! It takes the server down once its own input closes, which the system does for every way in which
//! a test run can end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running script.
#[derive(Debug)]
pub(crate) struct Script {
    child: Child,
    /// The pipe that keeps the server up.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Script {
    /// Starts a script under a name that its messages carry.
    pub(crate) fn start(name: &str, text: &str, args: &[String]) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", text, name])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let output = child.stdout.take().expect("its output is a pipe");
        Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
        }
    }

    /// The next line that it writes; empty once it has ended.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it writes text");
        line.trim_end().to_owned()
    }

    /// Has it do something; it says the word again when that is done.
    pub(crate) fn tell(&mut self, command: &str) {
        let input = self.input.as_mut().expect("the script runs");
        writeln!(input, "{command}").expect("the script reads");
        assert_eq!(self.line(), command, "the server would not {command}");
    }
}

impl Drop for Script {
    /// Waits, so that a test's server is gone before the next test's.
    fn drop(&mut self) {
        self.input = None;
        self.child.wait().expect("the script ends");
    }
}
