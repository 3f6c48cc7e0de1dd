//! What a webhook says, in the words of the dialect that the job was asked for in. Pure.

mod iterationlayer;

use common::job::{Dialect, JobState};
use common::link::{Links, Part};
use common::store::{Asset, Job};
use serde::Serialize;

/// The cloudlayer dialect (reference cloudlayer, section 10): the authoritative reference's fields, then those that an older description of the service adds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cloudlayer<'a> {
    job_id: String,
    id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// When the job ended, ISO 8601.
    timestamp: String,
    r#type: &'static str,
    /// Milliseconds; on success only.
    #[serde(skip_serializing_if = "Option::is_none")]
    process_time: Option<u128>,
    /// Bytes; on success only.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'a str>,
}

/// The JSON that tells an endpoint about a job that has ended; `result` holds the bytes of what
/// [`inlined`] names.
pub(crate) fn body(job: &Job, links: &Links, result: Option<&[u8]>) -> Vec<u8> {
    match job.dialect {
        Dialect::Cloudlayer => cloudlayer(job, links),
        Dialect::IterationLayer => iterationlayer::body(job, result),
    }
}

/// The result whose bytes are part of the payload; other dialects carry a link.
pub(crate) fn inlined(job: &Job) -> Option<&Asset> {
    match job.dialect {
        Dialect::Cloudlayer => None,
        Dialect::IterationLayer => job
            .asset
            .as_ref()
            .filter(|_| job.state == JobState::Success),
    }
}

#[expect(
    clippy::expect_used,
    reason = "texts and numbers always have a JSON form"
)]
fn cloudlayer(job: &Job, links: &Links) -> Vec<u8> {
    let success = job.state == JobState::Success;
    let asset = job.asset.as_ref().filter(|_| success);
    let payload = Cloudlayer {
        job_id: job.id.to_string(),
        id: job.id.to_string(),
        status: if success { "success" } else { "error" },
        asset_url: asset
            .map(|asset| links.asset(asset.id, Part::Result, asset.expires_at, &asset.file_name)),
        preview_url: asset.and_then(|asset| preview_url(asset, links)),
        error: job.error.as_deref().filter(|_| !success),
        timestamp: job.finished_at.unwrap_or(job.created_at).to_iso8601(),
        r#type: job.kind.as_str(),
        process_time: process_time(job).filter(|_| success),
        size: job.size.filter(|_| success),
        name: job.name.as_deref(),
        project_id: job.project_id.as_deref(),
    };
    serde_json::to_vec(&payload).expect("texts and numbers have a JSON form")
}

fn preview_url(asset: &Asset, links: &Links) -> Option<String> {
    let preview = asset.preview.as_ref()?;
    let stem = asset
        .file_name
        .rsplit_once('.')
        .map_or(asset.file_name.as_str(), |(stem, _)| stem);
    let name = format!("{stem}-preview.{}", preview.extension);
    Some(links.asset(asset.id, Part::Preview, asset.expires_at, &name))
}

fn process_time(job: &Job) -> Option<u128> {
    Some(job.finished_at?.since(job.started_at?).as_millis())
}

#[cfg(test)]
mod tests;
