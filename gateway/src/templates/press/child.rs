//! The process that makes one document: this program again, told so by its first argument. It has no
//! secrets, little memory and little time.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use common::process::again::{self, limit};
use rustix::process::{Resource, Signal};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::PressError;
use crate::templates::data::Data;
use crate::templates::engine::{self, OUTPUT_LIMIT};
use crate::templates::error::TemplateError;

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--make-one-document-of-a-template";

/// The longest that a document may take, also on a busy machine.
const TIME: Duration = Duration::from_secs(8);

/// The same of the processor, in seconds; ends it also when nobody waits.
const PROCESSOR: u64 = 2;

/// The most memory that is not the stack: what a document of the largest size takes, and some more. Two at a time must fit
/// beside the gateway in its container, or the system ends them all.
const HEAP: u64 = 192 * 1024 * 1024;

/// A template can nest values as deep as its fuel lasts, and each level takes some stack when the value goes.
/// Of this only what is used is ever taken.
const STACK: usize = 256 * 1024 * 1024;

/// The most bytes of an answer: a document as JSON, each of whose bytes may be escaped.
const ANSWER_LIMIT: u64 = 6 * OUTPUT_LIMIT as u64 + 64 * 1024;

/// What is to be done: a document made, or, without data, a template understood.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::templates) struct Errand {
    pub(in crate::templates) source: String,
    pub(in crate::templates) data: Option<Data>,
}

type Answer = Result<String, TemplateError>;

/// Has a process do it, and ends that process if it takes too long or nobody waits any more.
pub(super) async fn run(errand: &Errand) -> Result<String, PressError> {
    let mut program = Command::new(again::PROGRAM);
    ask(program.arg(ARGUMENT), errand, TIME).await
}

/// Has a program do it, in so much time.
async fn ask(program: &mut Command, errand: &Errand, time: Duration) -> Result<String, PressError> {
    let broken = |error: &dyn std::error::Error| PressError::Broken(error.to_string());
    let asked = serde_json::to_vec(errand).map_err(|error| broken(&error))?;
    let mut child = program
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| broken(&error))?;
    let answered = tokio::time::timeout(time, exchange(&mut child, &asked)).await;
    let Ok(answered) = answered else {
        let ended = child.kill().await;
        ended.map_err(|error| broken(&error))?;
        // What it may take of the processor was not up: the machine has too much to do.
        tracing::warn!("a template's process got too little of the processor");
        return Err(PressError::Busy);
    };
    let answer = answered.map_err(|error| broken(&error))?;
    let status = child.wait().await.map_err(|error| broken(&error))?;
    if !status.success() {
        return Err(ended_early(status));
    }
    let answer: Answer = serde_json::from_slice(&answer).map_err(|error| broken(&error))?;
    Ok(answer?)
}

/// Tells the process what to do, and reads what it made. One that ended early has said nothing.
async fn exchange(child: &mut Child, asked: &[u8]) -> std::io::Result<Vec<u8>> {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let telling = async {
        if let Some(mut input) = input {
            // It may have ended meanwhile, which its status tells.
            input.write_all(asked).await.ok();
        }
    };
    let reading = async {
        let mut answer = Vec::new();
        if let Some(output) = output {
            output.take(ANSWER_LIMIT).read_to_end(&mut answer).await?;
        }
        Ok(answer)
    };
    let ((), answer) = tokio::join!(telling, reading);
    answer
}

/// Why a process made nothing: its bounds end it by a signal, and what else ends it is not the template's fault.
fn ended_early(status: ExitStatus) -> PressError {
    let signal = status.signal().and_then(Signal::from_named_raw);
    if signal.is_some_and(|signal| OF_BOUNDS.contains(&signal)) {
        tracing::debug!(%status, "a template's process reached its bounds");
        return PressError::Template(TemplateError::without_place(
            "takes more time or memory than a template may: build fewer and smaller values"
                .to_owned(),
        ));
    }
    tracing::warn!(%status, "a template's process failed");
    PressError::Broken(format!("the process ended early: {status}"))
}

/// How a process ends that has used up its time, its memory, or its stack.
const OF_BOUNDS: &[Signal] = &[
    Signal::XCPU,
    Signal::KILL,
    Signal::ABORT,
    Signal::SEGV,
    Signal::BUS,
];

/// If this process was started to make one document, does that; `None` otherwise. To be asked first thing.
pub fn child() -> Option<ExitCode> {
    again::told(ARGUMENT)?;
    Some(match serve() {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn serve() -> Option<()> {
    limit(Resource::Data, HEAP + STACK as u64)?;
    limit(Resource::Cpu, PROCESSOR)?;
    // Nothing of it is worth a core file.
    limit(Resource::Core, 0)?;
    let mut asked = Vec::new();
    std::io::stdin().read_to_end(&mut asked).ok()?;
    let errand: Errand = serde_json::from_slice(&asked).ok()?;
    let answer = again::with_stack(STACK, move || errand.answer())?;
    let answer = serde_json::to_vec(&answer).ok()?;
    std::io::stdout().write_all(&answer).ok()
}

/// Does it in this process, for who may do anything here.
pub(super) fn in_thread(errand: Errand) -> Result<String, PressError> {
    let answer = again::with_stack(STACK, move || errand.answer());
    Ok(answer.ok_or_else(|| PressError::Broken("a thread ended early".to_owned()))??)
}

impl Errand {
    fn answer(&self) -> Answer {
        let Some(data) = &self.data else {
            return engine::check(&self.source).map(|()| String::new());
        };
        let data = data.value();
        let data = data.map_err(|error| TemplateError::without_place(error.to_string()))?;
        engine::render(&self.source, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(script: &str, time: Duration) -> PressError {
        let errand = Errand {
            source: String::new(),
            data: None,
        };
        let mut shell = Command::new("/bin/sh");
        let answer = ask(shell.arg("-c").arg(script), &errand, time).await;
        answer.unwrap_err()
    }

    #[tokio::test]
    async fn only_what_its_bounds_end_is_the_templates_fault() {
        let patient = Duration::from_mins(1);
        for signal in ["XCPU", "KILL", "ABRT"] {
            let error = asked(&format!("ulimit -c 0; kill -{signal} $$"), patient).await;
            assert!(
                matches!(error, PressError::Template(_)),
                "{signal}: {error}"
            );
        }
        for failure in ["exit 1", "kill -TERM $$"] {
            let error = asked(failure, patient).await;
            assert!(matches!(error, PressError::Broken(_)), "{failure}: {error}");
        }
    }

    #[tokio::test]
    async fn a_process_that_is_late_is_the_machines_trouble() {
        let error = asked("exec sleep 600", Duration::ZERO).await;
        assert!(matches!(error, PressError::Busy), "{error}");
    }
}
