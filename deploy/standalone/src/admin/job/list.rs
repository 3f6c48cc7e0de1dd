//! Lists jobs.

use common::clock::Timestamp;
use common::store::{Job, JobFilter, Page, Store};
use serde_json::{Value, json};

use super::Which;
use super::span::span;
use crate::output::{Output, table};

/// Lists those that pass the filter.
pub(super) async fn run(store: &Store, which: Which, output: &Output) -> anyhow::Result<()> {
    let filter = JobFilter {
        account: which.account,
        state: which.state,
    };
    let page = Page {
        limit: which.limit,
        offset: 0,
        start_after: None,
    };
    let jobs = store.find_jobs(&filter, &page).await?;
    let shown: Vec<Value> = jobs.iter().map(as_json).collect();
    output.print(&shown, |_| {
        let rows: Vec<Vec<String>> = jobs.iter().map(row).collect();
        table(
            &[
                "JOB", "STATE", "TYPE", "CREATED", "TOOK", "ACCOUNT", "ERROR",
            ],
            &rows,
        )
    })
}

fn as_json(job: &Job) -> Value {
    json!({
        "job_id": job.id,
        "account_id": job.account,
        "state": job.state,
        "type": job.kind,
        "mode": job.mode,
        "created_at": job.created_at.to_iso8601(),
        "started_at": job.started_at.map(Timestamp::to_iso8601),
        "finished_at": job.finished_at.map(Timestamp::to_iso8601),
        "error": job.error,
    })
}

fn row(job: &Job) -> Vec<String> {
    let took = job
        .finished_at
        .map(|finished| span(finished.since(job.created_at)));
    vec![
        job.id.to_string(),
        job.state.to_string(),
        job.kind.to_string(),
        job.created_at.to_iso8601(),
        took.unwrap_or_default(),
        job.account.to_string(),
        job.error.clone().unwrap_or_default(),
    ]
}
