//! This program again, as a process that does one thing for the first one and ends: it can be bounded, and ended
//! whatever it is doing. Its first argument tells it so, which is asked for before any option is read.

use std::ffi::OsString;
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// This program, also when a newer one has taken its name.
pub const PROGRAM: &str = "/proc/self/exe";

/// What follows `argument` on this process's command line; none if that is not its first argument, and it was
/// started as anything else.
pub fn told(argument: &str) -> Option<Vec<OsString>> {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next()?;
    (first == argument).then(|| arguments.collect())
}

/// Bounds what this process takes, for good; what was bounded closer before stays so. `None` if it can't be bounded.
pub fn limit(resource: Resource, most: u64) -> Option<()> {
    let most = Some(least(resource, most));
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(resource, limit).ok()
}

/// The lesser of `most` and what this process is bounded to: only the privileged may raise a bound.
pub fn least(resource: Resource, most: u64) -> u64 {
    let ours = getrlimit(resource).maximum;
    ours.map_or(most, |ours| ours.min(most))
}

/// Does work on a stack of so many bytes, of which only what is used is ever taken; `None` if it panicked.
pub fn with_stack<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let builder = thread::Builder::new().stack_size(bytes);
    builder.spawn(work).ok()?.join().ok()
}
