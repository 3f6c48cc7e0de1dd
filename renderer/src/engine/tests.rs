//! Tasks with the real browser: what came out.

mod hostile;
mod notes;
mod pdf;
mod picture;
mod reach;
mod ready;

use std::time::Duration;

use common::job::FailureKind;
use common::task::Task;

use crate::testing::{INVOICE, pdf, render, text};

/// The longest that the next job may take after a hostile one: far above its usual tenth of a second,
/// far below any timeout.
const NORMAL: Duration = Duration::from_secs(10);

/// Asserts that an ordinary job succeeds in ordinary time.
async fn the_next_job_is_normal() {
    let made = tokio::time::timeout(NORMAL, render(&pdf(INVOICE))).await;
    assert!(text(&made.unwrap().unwrap()).await.contains("Invoice 42"));
}

/// Asserts that a task fails in this way, with every one of these words in its text.
async fn fails(task: &Task, kind: FailureKind, words: &[&str]) {
    let failure = render(task).await.unwrap_err();
    assert_eq!(failure.kind, kind, "{failure}");
    for word in words {
        assert!(failure.message.contains(word), "{failure}");
    }
}

/// A task with other page options.
fn with(mut task: Task, change: impl FnOnce(&mut Task)) -> Task {
    change(&mut task);
    task
}
