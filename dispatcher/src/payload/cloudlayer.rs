//! The cloudlayer dialect (reference cloudlayer, section 10): the authoritative reference's fields, then
//! those that an older description of the service adds.

use common::clock::Timestamp;
use common::job::JobKind;
use common::link::{Links, Part};
use common::store::{Asset, Job};
use serde::Serialize;

use super::succeeded;

/// The id in a sample: of the right form, and of no job.
const SAMPLE: &str = "job_00000000000070008000000000000000";

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
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

impl Body<'_> {
    #[expect(
        clippy::expect_used,
        reason = "texts and numbers always have a JSON form"
    )]
    fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers have a JSON form")
    }
}

/// The payload of a job that has ended.
pub(super) fn body(job: &Job, links: &Links) -> Vec<u8> {
    let success = succeeded(job);
    let asset = job.asset.as_ref().filter(|_| success);
    let body = Body {
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
    body.json()
}

/// A success of no job: its link leads nowhere.
pub(super) fn sample(links: &Links, now: Timestamp) -> Vec<u8> {
    let body = Body {
        job_id: SAMPLE.to_owned(),
        id: SAMPLE.to_owned(),
        status: "success",
        asset_url: Some(format!("{}/assets/sample/sample.pdf", links.public_url)),
        timestamp: now.to_iso8601(),
        r#type: JobKind::HtmlPdf.as_str(),
        process_time: Some(150),
        size: Some(48_213),
        name: Some("Sample"),
        ..Body::default()
    };
    body.json()
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
