//! Shows one job with its story.

use anyhow::Context as _;
use common::clock::Timestamp;
use common::id::JobId;
use common::job::{FailureKind, JobState};
use common::plain::plain;
use common::report::Report;
use common::store::{Job, Store, Timeline};
use serde_json::{Value, json};

use super::story;
use crate::output::Output;

/// Reads and prints it.
pub(super) async fn run(store: &Store, id: JobId, output: &Output) -> anyhow::Result<()> {
    let none = || format!("there is no job {id}; `platen job list` shows the newest");
    let job = store.job_by_id(id).await?.with_context(none)?;
    let timeline = store.timeline(&job).await?.with_context(none)?;
    output.print(&as_json(&job, &timeline), |_| text(&job, &timeline))
}

fn as_json(job: &Job, timeline: &Timeline) -> Value {
    let report = timeline.report.as_ref();
    let screenshot = job.screenshot.as_ref();
    json!({
        "job_id": job.id,
        "account_id": job.account,
        "state": job.state,
        "type": job.kind,
        "mode": job.mode,
        "dialect": job.dialect,
        "name": job.name,
        "credits": job.price.as_f64(),
        "worker": job.worker,
        "created_at": job.created_at.to_iso8601(),
        "started_at": job.started_at.map(Timestamp::to_iso8601),
        "finished_at": job.finished_at.map(Timestamp::to_iso8601),
        "failure": job.failure,
        "error": job.error,
        "timeline": timeline.events.iter().map(story::as_json).collect::<Vec<_>>(),
        "console": report.map(|report| &report.console),
        "requests": report.map(|report| &report.requests),
        "screenshot": screenshot.map(|asset| json!({ "asset_id": asset.id, "key": asset.key })),
    })
}

fn text(job: &Job, timeline: &Timeline) -> String {
    let mut lines = vec![head(job)];
    lines.extend(facts(job).map(|(name, fact)| format!("  {name:<10}  {}", plain(&fact))));
    lines.push(String::new());
    lines.extend(story::lines(&timeline.events));
    if let Some(report) = &timeline.report {
        lines.extend(complaints(report));
    }
    lines.join("\n")
}

fn head(job: &Job) -> String {
    let failure = job.failure.map(FailureKind::as_str);
    let failure = failure.map_or_else(String::new, |failure| format!(" ({failure})"));
    let (id, state, kind, mode) = (job.id, job.state, job.kind, job.mode);
    format!("{id}  {state}{failure}  {kind}  {mode}")
}

fn facts(job: &Job) -> impl Iterator<Item = (&'static str, String)> {
    let refunded = match job.state {
        JobState::Error => ", refunded",
        JobState::Held | JobState::Queued | JobState::Published | JobState::Success => "",
    };
    let kept = job.asset.as_ref().or(job.screenshot.as_ref());
    let kept_as = match job.screenshot {
        Some(_) => "screenshot",
        None => "result",
    };
    let facts = [
        ("account", Some(job.account.to_string())),
        ("name", job.name.clone()),
        ("credits", Some(format!("{}{refunded}", job.price))),
        ("worker", job.worker.clone()),
        (kept_as, kept.map(|asset| asset.key.to_string())),
        ("error", job.error.clone()),
    ];
    facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name, fact?)))
}

/// What the page complained of, each sort under its heading.
fn complaints(report: &Report) -> Vec<String> {
    let console = report.console.entries.iter().map(|complaint| {
        let kind = if complaint.uncaught {
            "exception"
        } else {
            "error"
        };
        let place = complaint.place.as_deref();
        let place = place.map_or_else(String::new, |place| format!("  ({place})"));
        plain(&format!("  {kind:<9}  {}{place}", complaint.text))
    });
    let requests = report.requests.entries.iter().map(|request| {
        let sort = match (request.refused, request.status) {
            (true, _) => "refused".to_owned(),
            (false, Some(status)) => status.to_string(),
            (false, None) => "failed".to_owned(),
        };
        let error = request.error.as_deref();
        let error = error.map_or_else(String::new, |error| format!("  ({error})"));
        plain(&format!("  {sort:<9}  {}{error}", request.url))
    });
    let mut lines = section("console", console.collect(), report.console.more);
    let requests = section(
        "requests that failed",
        requests.collect(),
        report.requests.more,
    );
    lines.extend(requests);
    lines
}

fn section(heading: &str, entries: Vec<String>, more: u64) -> Vec<String> {
    if entries.is_empty() && more == 0 {
        return Vec::new();
    }
    let mut lines = vec![String::new(), heading.to_owned()];
    lines.extend(entries);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use common::report::Complaint;

    use super::*;

    #[test]
    fn what_a_page_says_neither_steers_the_terminal_nor_begins_a_line() {
        let mut report = Report::default();
        report.console.note(Complaint {
            uncaught: false,
            text: "a\u{1b}[2J\r\nb".to_owned(),
            place: Some("\u{202e}x".to_owned()),
        });
        let expected = ["", "console", "  error      a [2J  b  ( x)"];
        assert_eq!(complaints(&report), expected);
    }
}
