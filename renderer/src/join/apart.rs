//! Joins files of strangers in a process of its own: this program again, told so by its first argument. Files that
//! qpdf lets pass can still make a reader take any memory and any time; a process is held to both, and ended.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use common::process::again::{self, limit};
use rustix::process::Resource;
use serde::{Deserialize, Serialize};

use super::{JoinError, Joiner};
use crate::child::{self, Bounds, ChildError, Ended};
use crate::spool;

/// The argument that makes this program such a process.
const ARGUMENT: &str = "--join-files-into-one";

/// Bytes of address space: of a source as long as any, with as many pages and objects as it can have, three quarters
/// are taken. As many as there are native slots must fit beside the renderer in its container.
const MEMORY: u64 = 1024 * 1024 * 1024;

/// Values may nest deeply. Of this only what is used is ever taken.
const STACK: usize = 16 * 1024 * 1024;

/// What is said of a source that takes too much to be read.
pub(super) const TOO_MUCH: &str = "it unpacks to more than is taken";

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
struct Errand {
    /// The files, in order, each of which is removed when it has been read.
    sources: Vec<PathBuf>,
    /// The file that is to be made.
    to: PathBuf,
    within: Duration,
}

/// A line that the process says.
#[derive(Debug, Serialize, Deserialize)]
enum Line {
    /// It goes on to this source.
    Begun(usize),
    /// The file is there, and has so many bytes.
    Done(u64),
    /// It can't be made, because of this source.
    Failed(usize, JoinError),
}

/// Why files were not joined, and at which of them that was seen.
#[derive(Debug)]
pub(crate) struct NotJoined {
    pub(crate) source: usize,
    pub(crate) error: JoinError,
}

/// Joins plain files into one at `to` and gives its length in bytes; the files are gone afterwards.
pub(crate) async fn join(
    sources: Vec<PathBuf>,
    to: &Path,
    until: tokio::time::Instant,
) -> Result<u64, NotJoined> {
    let errand = Errand {
        sources,
        to: to.to_owned(),
        within: until.saturating_duration_since(tokio::time::Instant::now()),
    };
    let unheard = |error| NotJoined { source: 0, error };
    let mut command = child::again(ARGUMENT, "join::apart::tests::joiner");
    let told = serde_json::to_string(&errand);
    let told = told.map_err(|error| unheard(JoinError::Tool(error.into())))?;
    command.arg(told);
    let bounds = Bounds {
        memory: MEMORY,
        file: spool::LIMIT,
        until,
    };
    match child::run(command, bounds).await {
        Ok(ended) => heard(&ended),
        Err(ChildError::Late) => Err(unheard(JoinError::Late)),
        Err(ChildError::Refused(error)) => Err(unheard(JoinError::Tool(error))),
    }
}

/// What a process said, or what it means that it said nothing.
fn heard(ended: &Ended) -> Result<u64, NotJoined> {
    let mut begun = None;
    let lines = ended.output.lines();
    for line in lines.filter_map(|line| serde_json::from_str(line).ok()) {
        match line {
            Line::Begun(source) => begun = Some(source),
            Line::Done(length) => return Ok(length),
            Line::Failed(source, error) => return Err(NotJoined { source, error }),
        }
    }
    let Some(source) = begun else {
        let why = format!("files were not begun to be joined: {}", ended.complaints);
        let error = JoinError::Tool(io::Error::other(why));
        return Err(NotJoined { source: 0, error });
    };
    tracing::info!(
        code = ended.code,
        why = ended.complaints,
        "a source ended the process that joined it"
    );
    // A panic has an exit code; the end of memory, or of the stack, is a signal.
    let why = match ended.code {
        Some(_) => "reading it fails",
        None => TOO_MUCH,
    };
    let error = JoinError::broken(why);
    Err(NotJoined { source, error })
}

/// If this process was started to join files, does that; `None` otherwise. To be asked first thing.
pub(crate) fn joiner() -> Option<ExitCode> {
    let told = again::told(ARGUMENT)?;
    let errand = told.first().and_then(|errand| errand.to_str());
    Some(match errand.and_then(serve) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn serve(errand: &str) -> Option<()> {
    let errand: Errand = serde_json::from_str(errand).ok()?;
    // Ends it also when nobody waits any more.
    limit(Resource::Cpu, errand.within.as_secs() + 1)?;
    // Nothing of it is worth a core file.
    limit(Resource::Core, 0)?;
    let joined = again::with_stack(STACK, move || errand.run())?;
    let line = match joined {
        Ok(length) => Line::Done(length),
        Err(NotJoined { source, error }) => Line::Failed(source, error),
    };
    say(&line).ok()
}

impl Errand {
    fn run(&self) -> Result<u64, NotJoined> {
        let at = |source| move |error: JoinError| NotJoined { source, error };
        let last = self.sources.len().saturating_sub(1);
        let begun = File::create_new(&self.to)
            .and_then(|file| Joiner::new(file, Instant::now() + self.within));
        let mut joiner = begun.map_err(|error| at(0)(error.into()))?;
        for (place, source) in self.sources.iter().enumerate() {
            add(&mut joiner, place, source).map_err(at(place))?;
        }
        let (_, length) = joiner.finish().map_err(at(last))?;
        Ok(length)
    }
}

fn add(joiner: &mut Joiner, place: usize, source: &Path) -> Result<(), JoinError> {
    say(&Line::Begun(place))?;
    let bytes = fs::read(source)?;
    fs::remove_file(source)?;
    joiner.add(bytes)
}

fn say(line: &Line) -> io::Result<()> {
    let line = serde_json::to_string(line)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test, but the process that joins the files of others, when one of them has asked for it.
    #[test]
    fn joiner() {
        let errand = std::env::args().next_back().unwrap();
        if errand.starts_with('{') {
            // The harness has begun a line.
            writeln!(io::stdout()).unwrap();
            serve(&errand).unwrap();
        }
    }

    fn ended(code: Option<i32>, output: &str) -> Ended {
        Ended {
            code,
            output: output.to_owned(),
            complaints: "words".to_owned(),
        }
    }

    fn refusal(code: Option<i32>, output: &str) -> (usize, String) {
        let refused = heard(&ended(code, output)).unwrap_err();
        (refused.source, refused.error.to_string())
    }

    #[test]
    fn an_error_passes_from_one_process_to_the_other() {
        let errors = [
            JoinError::broken("why"),
            JoinError::Encrypted,
            JoinError::Parts,
            JoinError::Pages,
            JoinError::Long(7),
            JoinError::Late,
            JoinError::Tool(io::Error::other("tool")),
            JoinError::Kept(io::ErrorKind::StorageFull.into()),
        ];
        for error in errors {
            let words = error.to_string();
            let line = serde_json::to_string(&Line::Failed(1, error)).unwrap();
            assert_eq!(refusal(Some(0), &line), (1, words));
        }
    }

    #[test]
    fn a_process_that_ends_early_names_the_source_that_it_had_in_hand() {
        let begun = "noise\n{\"Begun\":0}\n{\"Begun\":1}\n";
        let (source, words) = refusal(None, begun);
        assert!(source == 1 && words.ends_with(TOO_MUCH), "{words}");
        let (source, words) = refusal(Some(1), begun);
        assert!(
            source == 1 && words.ends_with("reading it fails"),
            "{words}"
        );
        let (_, words) = refusal(Some(1), "");
        assert!(words.starts_with("a program can't be run"), "{words}");
        let done = format!("{begun}{{\"Done\":9}}\nok");
        assert_eq!(heard(&ended(Some(0), &done)).unwrap(), 9);
    }
}
