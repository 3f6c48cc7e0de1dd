//! Jobs as the dialect shows them (reference cloudlayer 8.1), and the reads of them.

use axum::extract::State;
use common::id::JobId;
use common::job::JobState;
use common::link::{Links, Part};
use common::store::{Caller, Job};
use http::Uri;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::timeline::{self, Expansion};
use super::{assets, labels, paging};
use crate::app::App;
use crate::error::ApiError;
use crate::json::{Json, Path};

/// `GET /jobs`.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Vec<JobView>>, ApiError> {
    let page = paging::page(&uri, |id| id.parse::<JobId>().is_ok())?;
    let labels = labels::labels(&uri)?;
    let jobs = app
        .store
        .labelled_jobs(caller.account, &labels, &page)
        .await?;
    let views = jobs.into_iter().map(|job| JobView::whole(job, &app.links));
    Ok(Json(views.collect()))
}

/// `GET /jobs/:id`, and with `?expand=timeline` its story.
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<JobView>, ApiError> {
    let expand = timeline::is_wanted(&uri)?;
    let id: JobId = id.parse().map_err(|_| ApiError::NotFound("job"))?;
    let job = app.store.job(caller.account, id).await?;
    let job = job.ok_or(ApiError::NotFound("job"))?;
    let expansion = if expand {
        let story = app.store.timeline(&job).await?;
        let story = story.ok_or(ApiError::NotFound("job"))?;
        Some(Expansion::new(&job, story, &app.links))
    } else {
        None
    };
    Ok(Json(JobView {
        expansion,
        ..JobView::whole(job, &app.links)
    }))
}

/// The job object: the union of the fields of all editions of the documentation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobView {
    id: String,
    job_id: String,
    uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    status: &'static str,
    /// Creation, Unix milliseconds.
    timestamp: i64,
    params: Value,
    api_credit_cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_url: Option<String>,
    /// Absolute, since old clients poll it.
    #[serde(rename = "self")]
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    accounting: Option<Accounting>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    expansion: Option<Expansion>,
}

/// What reads of a job show beyond the answer to a conversion (reference 7.2).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Accounting {
    r#type: &'static str,
    api_key_used: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    process_time: Option<u64>,
    process_time_cost: u8,
    bandwidth_cost: u8,
    total_cost: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

impl JobView {
    /// As job reads show it.
    fn whole(job: Job, links: &Links) -> Self {
        let succeeded = job.state == JobState::Success;
        let accounting = Accounting {
            r#type: job.kind.as_str(),
            api_key_used: format!("cl-...{}", job.key_last4),
            process_time: process_time(&job).filter(|_| succeeded),
            // Time and bytes cost nothing: a conversion has one price.
            process_time_cost: 0,
            bandwidth_cost: 0,
            total_cost: 0,
            size: job.size.filter(|_| succeeded),
        };
        Self {
            accounting: Some(accounting),
            ..Self::answer(job, links)
        }
    }

    /// As the answer to a conversion shows it.
    pub(super) fn answer(job: Job, links: &Links) -> Self {
        let asset = job.asset.as_ref();
        let id = job.id.to_string();
        Self {
            job_id: id.clone(),
            id,
            uid: job.account.to_string(),
            status: status(job.state),
            timestamp: job.created_at.as_millis(),
            api_credit_cost: job.price.as_f64(),
            worker_name: job.worker.clone(),
            worker: job.worker,
            asset_id: asset
                .filter(|asset| asset.listed)
                .map(|asset| asset.id.to_string()),
            asset_url: asset.map(|asset| assets::url(asset, Part::Result, links)),
            preview_url: asset
                .filter(|asset| asset.preview.is_some())
                .map(|asset| assets::url(asset, Part::Preview, links)),
            address: links.job(job.id),
            name: job.name,
            params: job.params,
            project_id: job.project_id,
            error: job.error,
            accounting: None,
            expansion: None,
        }
    }
}

/// How long rendering took, in milliseconds.
pub(super) fn process_time(job: &Job) -> Option<u64> {
    let took = job.finished_at?.since(job.started_at?);
    u64::try_from(took.as_millis()).ok()
}

/// Job reads say `pending` until the end; clients know no other word for it.
pub(super) fn status(state: JobState) -> &'static str {
    match state {
        JobState::Held | JobState::Queued | JobState::Published => "pending",
        JobState::Success => "success",
        JobState::Error => "error",
    }
}
