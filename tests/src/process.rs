//! Processes of the tests: their output, their descendants, and that none outlives its test.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Lines that a process has written, collected by a thread of its own so that no pipe fills up.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// Collects until the pipe closes; `each` sees every line as it comes.
    pub fn collect(
        &self,
        pipe: impl Read + Send + 'static,
        mut each: impl FnMut(&str) + Send + 'static,
    ) {
        let lines = self.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                each(&line);
                lines.lock().push(line);
            }
        });
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// All of them from the given one on.
    pub fn since(&self, first: usize) -> Vec<String> {
        self.lock().iter().skip(first).cloned().collect()
    }

    /// Shows the last of them, for a test that failed; reads that went well are left out.
    pub fn print_tail(&self, title: &str, first: usize) {
        const SHOWN: usize = 60;
        let mut lines = self.since(first);
        lines.retain(|line| !(line.contains("method=GET") && line.contains("status=200")));
        let cut = lines.len().saturating_sub(SHOWN);
        println!("--- {title}: {cut} lines before these, of which the warnings are");
        let (early, late) = lines.split_at(cut);
        let warnings = early
            .iter()
            .filter(|line| line.contains(" WARN ") || line.contains("ERROR "));
        for line in warnings.chain(late) {
            println!("{line}");
        }
        println!("---");
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a process when this process ends, however it ends: statics are never dropped, and a test run
/// may be cut off.
#[derive(Debug)]
pub struct Leash(Child);

impl Leash {
    /// Watches over the process and the folder that it works in, which goes with it.
    pub fn on(pid: u32, folder: &Path) -> Self {
        let script = "read -r _; kill -9 \"$0\" 2>/dev/null; sleep 1; rm -rf \"$1\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", script, &pid.to_string()])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().expect("sh starts"))
    }
}

impl Drop for Leash {
    /// The watched process has ended by now: its id may soon be another's.
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        ended.expect("the leash ends");
    }
}

/// Sends a signal, such as `TERM`, to one process.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .stderr(Stdio::null())
        .status();
    assert!(status.is_ok(), "kill can be run");
}

/// The processes below this one whose command line holds the text; all of them for an empty text.
pub fn descendants(pid: u32, text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for child in children(pid) {
        if command_line(child).contains(text) {
            found.push(child);
        }
        found.extend(descendants(child, text));
    }
    found
}

/// Whether the process runs (a zombie does not).
pub fn is_alive(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// The most memory that a process has had so far, in KiB.
pub fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    kib.and_then(|kib| kib.parse().ok())
        .expect("a number of KiB")
}

/// The processor time that a process has used so far, of all its threads.
///
/// # Panics
///
/// When it does not run.
pub fn cpu_time(pid: u32) -> Duration {
    used(Path::new(&format!("/proc/{pid}/stat")))
}

/// The processor time that the thread of this process with this name has used so far.
///
/// # Panics
///
/// When there is none.
pub fn thread_cpu_time(name: &str) -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").expect("the process runs");
    let thread = threads.flatten().find(|thread| {
        let called = std::fs::read_to_string(thread.path().join("comm"));
        called.is_ok_and(|called| called.trim() == name)
    });
    used(&thread.expect("there is such a thread").path().join("stat"))
}

fn used(stat: &Path) -> Duration {
    // Linux counts in hundredths of a second for every reader.
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string(stat).expect("it runs");
    let fields = stat
        .rsplit(") ")
        .next()
        .expect("the name is in parentheses");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u32 = ticks
        .map(|field| field.parse::<u32>().expect("a number"))
        .sum();
    TICK * ticks
}

fn children(pid: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

fn command_line(pid: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// The files below a folder whose bytes hold the text.
pub fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if std::fs::read(&path).is_ok_and(|bytes| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        }) {
            found.push(path.display().to_string());
        }
    }
    found
}
