//! The Iteration Layer dialect (reference iterationlayer, section 9): the envelope of the synchronous
//! answer, with the name of the product beside it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::job::{JobKind, JobState};
use common::store::Job;
use serde_json::{Value, json};

/// What is said when the result outlived its retention time, as it can when it is sent again by hand.
const GONE: &str = "the result was deleted at the end of its retention time";

/// The payload; `result` holds the file's bytes.
pub(super) fn body(job: &Job, result: Option<&[u8]>) -> Vec<u8> {
    match (job.state, &job.asset, result) {
        (JobState::Success, Some(asset), Some(bytes)) => {
            success(api(job.kind), bytes, &asset.content_type)
        }
        (JobState::Success, _, _) => failure(api(job.kind), GONE),
        (JobState::Error | JobState::Held | JobState::Queued | JobState::Published, _, _) => {
            failure(
                api(job.kind),
                job.error.as_deref().unwrap_or("the request failed"),
            )
        }
    }
}

/// Written by hand, so that a long result is copied once.
fn success(api: &str, bytes: &[u8], content_type: &str) -> Vec<u8> {
    let mut body = String::with_capacity(bytes.len() / 3 * 4 + 160);
    body.push_str(r#"{"success":true,"api":"#);
    body.push_str(&Value::from(api).to_string());
    body.push_str(r#","data":{"buffer":""#);
    STANDARD.encode_string(bytes, &mut body);
    body.push_str(r#"","mime_type":"#);
    body.push_str(&Value::from(content_type).to_string());
    body.push_str("}}");
    body.into_bytes()
}

fn failure(api: &str, message: &str) -> Vec<u8> {
    let error = json!({ "message": message });
    let parts = [
        r#"{"success":false,"api":"#.to_owned(),
        Value::from(api).to_string(),
        r#","error":"#.to_owned(),
        error.to_string(),
        "}".to_owned(),
    ];
    parts.concat().into_bytes()
}

/// The product's name in payloads (reference iterationlayer 1.1).
const fn api(kind: JobKind) -> &'static str {
    match kind {
        JobKind::ImageGeneration => "image_generation",
        // The dialect has no such products; the other's own word is the honest one.
        JobKind::UrlPdf | JobKind::UrlImage | JobKind::HtmlPdf | JobKind::HtmlImage => {
            kind.as_str()
        }
    }
}
