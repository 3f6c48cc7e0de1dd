//! `?expand=timeline`: a job explains itself. An extension of ours: the plain answer is as the dialect
//! has it.

use common::clock::Timestamp;
use common::job::{AttemptOutcome, JobState};
use common::link::{Links, Part};
use common::report::{Complaint, FailedRequest, Report};
use common::store::{Event, Job, Timeline, What};
use http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::assets;
use crate::error::ApiError;

/// Whether the query asks for the timeline.
pub(super) fn is_wanted(uri: &Uri) -> Result<bool, ApiError> {
    let mut wanted = false;
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match (name.as_ref(), value.as_ref()) {
            ("expand", "timeline") => wanted = true,
            ("expand", "") => {}
            ("expand", _) => {
                let message =
                    "`expand` must be `timeline`, the only part that a job can be expanded by";
                return Err(ApiError::field("expand", message));
            }
            _ => {}
        }
    }
    Ok(wanted)
}

/// What a job read shows beyond the plain one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Expansion {
    timeline: Vec<EventView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Diagnostics>,
    /// The link to a picture of what the browser showed when the job failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_screenshot: Option<String>,
}

/// An event; the time in ISO 8601, durations in milliseconds with three digits behind the point.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventView {
    event: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    #[serde(flatten)]
    detail: Detail,
}

/// What is known of an event, by its kind.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// How the job ended, in the word of job reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'static str>,
    #[serde(flatten)]
    attempt: Option<AttemptDetail>,
}

/// What is known of a call of the webhook; null while it is under way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptDetail {
    delivery_id: String,
    number: u32,
    outcome: Option<&'static str>,
    http_status: Option<u16>,
    error: Option<String>,
}

/// What the page complained of: the first of each sort, and how many more there were.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Diagnostics {
    console: Vec<ComplaintView>,
    console_omitted: u64,
    requests: Vec<RequestView>,
    requests_omitted: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ComplaintView {
    /// `error`, or `exception` for one that nobody caught.
    kind: &'static str,
    text: String,
    /// Which line of which script.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RequestView {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Whether pages of this installation may not call that host.
    refused: bool,
}

impl Expansion {
    /// Of a job and its story.
    pub(super) fn new(job: &Job, story: Timeline, links: &Links) -> Self {
        let screenshot = job.screenshot.as_ref();
        Self {
            timeline: story.events.into_iter().map(event).collect(),
            diagnostics: story.report.map(diagnostics),
            failure_screenshot: screenshot.map(|asset| assets::url(asset, Part::Result, links)),
        }
    }
}

fn event(event: Event) -> EventView {
    let (word, detail) = described(event.what);
    EventView {
        event: word,
        at: Timestamp::to_iso8601(event.at),
        duration_ms: event.took.map(|took| micros(took) / 1000.0),
        detail,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a duration that is so long is not exact to a microsecond"
)]
fn micros(took: std::time::Duration) -> f64 {
    took.as_micros() as f64
}

fn described(what: What) -> (&'static str, Detail) {
    let none = Detail::default();
    match what {
        What::Accepted => ("accepted", none),
        What::Published => ("published", none),
        What::Started { worker } => ("started", Detail { worker, ..none }),
        What::Phase(phase) => {
            let phase = Some(phase.as_str());
            ("phase", Detail { phase, ..none })
        }
        What::Stored { size } => ("stored", Detail { size, ..none }),
        What::Settled { state, failure } => {
            let detail = Detail {
                status: Some(super::jobs::status(state)),
                failure: failure
                    .filter(|_| state == JobState::Error)
                    .map(common::job::FailureKind::as_str),
                ..none
            };
            ("settled", detail)
        }
        What::Attempt {
            delivery,
            number,
            outcome,
            status,
            error,
        } => {
            let attempt = AttemptDetail {
                delivery_id: delivery.to_string(),
                number,
                outcome: outcome.map(AttemptOutcome::as_str),
                http_status: status,
                error,
            };
            let attempt = Some(attempt);
            ("attempt", Detail { attempt, ..none })
        }
    }
}

fn diagnostics(report: Report) -> Diagnostics {
    let console = report.console.entries.into_iter();
    let requests = report.requests.entries.into_iter();
    Diagnostics {
        console: console.map(complaint).collect(),
        console_omitted: report.console.more,
        requests: requests.map(request).collect(),
        requests_omitted: report.requests.more,
    }
}

fn complaint(complaint: Complaint) -> ComplaintView {
    ComplaintView {
        kind: if complaint.uncaught {
            "exception"
        } else {
            "error"
        },
        text: complaint.text,
        place: complaint.place,
    }
}

fn request(request: FailedRequest) -> RequestView {
    RequestView {
        url: request.url,
        status: request.status,
        error: request.error,
        refused: request.refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_timeline_can_be_asked_for() {
        let wanted = |query: &str| {
            let uri = format!("/v2/jobs/job_1{query}").parse().unwrap();
            is_wanted(&uri).map_err(|error| error.to_string())
        };
        assert_eq!(wanted(""), Ok(false));
        assert_eq!(wanted("?expand=&x=timeline"), Ok(false));
        assert_eq!(wanted("?expand=timeline"), Ok(true));
        for unknown in [
            "?expand=all",
            "?expand=timeline,x",
            "?expand=timeline&expand=x",
        ] {
            let error = wanted(unknown).unwrap_err();
            assert!(error.contains("`expand` must be `timeline`"), "{error}");
        }
    }
}
