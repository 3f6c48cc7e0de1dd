//! The Iteration Layer dialect (reference iterationlayer, section 9): the envelope of the synchronous
//! answer, with the name of the product beside it.

use bytes::Bytes;
use common::job::JobKind;
use common::store::{Asset, Job};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Inlined, Payload, succeeded};

/// What is said when the result outlived its retention time, as it can when it is sent again by hand.
const GONE: &str = "the result was deleted at the end of its retention time";

/// A picture of one transparent pixel, PNG.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

#[derive(Debug, Serialize)]
struct Envelope<'a> {
    success: bool,
    api: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
}

#[derive(Debug, Serialize)]
struct Failure<'a> {
    message: &'a str,
}

/// The payload of a job that has ended.
pub(super) fn payload(job: &Job, inline_limit: u64) -> Payload {
    let api = api(job.kind);
    if !succeeded(job) {
        let message = job.error.as_deref().unwrap_or("the request failed");
        return Payload::whole(failure(api, message));
    }
    match &job.asset {
        Some(asset) if asset.size <= inline_limit => file(api, asset),
        Some(asset) => Payload::whole(failure(api, &too_long(asset.size, inline_limit))),
        None => Payload::whole(failure(api, GONE)),
    }
}

/// What a receiver of pictures can be tried with.
pub(super) fn sample() -> Vec<u8> {
    let data = json!({ "buffer": PIXEL, "mime_type": "image/png" });
    success(api(JobKind::ImageGeneration), &data)
}

/// A success with any data, be it a file or the fields of a document.
pub(super) fn success(api: &str, data: &Value) -> Vec<u8> {
    json(&Envelope {
        success: true,
        api,
        data: Some(data),
        error: None,
    })
}

/// A success whose file comes from the store, between the two quotes of its place.
fn file(api: &str, asset: &Asset) -> Payload {
    const PLACE: &str = r#""buffer":""#;
    let data = json!({ "buffer": "", "mime_type": asset.content_type });
    let body = Bytes::from(success(api, &data));
    let place = body
        .windows(PLACE.len())
        .position(|text| text == PLACE.as_bytes());
    let middle = place.map_or(body.len(), |place| place + PLACE.len());
    Payload {
        head: body.slice(..middle),
        inlined: Some(Inlined {
            key: asset.key.clone(),
            size: asset.size,
        }),
        tail: body.slice(middle..),
    }
}

fn failure(api: &str, message: &str) -> Vec<u8> {
    json(&Envelope {
        success: false,
        api,
        data: None,
        error: Some(Failure { message }),
    })
}

fn too_long(size: u64, limit: u64) -> String {
    format!(
        "the result has {size} bytes, and at most {limit} are sent inside of a webhook; ask for a smaller picture or another format"
    )
}

#[expect(
    clippy::expect_used,
    reason = "texts and JSON values always have a JSON form"
)]
fn json(envelope: &Envelope<'_>) -> Vec<u8> {
    serde_json::to_vec(envelope).expect("texts and JSON values have a JSON form")
}

/// The product's name in payloads (reference iterationlayer 1.1).
const fn api(kind: JobKind) -> &'static str {
    match kind {
        JobKind::ImageGeneration => "image_generation",
        // The dialect has no such products; the other's own word is the honest one.
        JobKind::UrlPdf
        | JobKind::UrlImage
        | JobKind::HtmlPdf
        | JobKind::HtmlImage
        | JobKind::TemplatePdf
        | JobKind::TemplateImage
        | JobKind::DocxPdf
        | JobKind::DocxHtml
        | JobKind::PdfDocx
        | JobKind::MergePdf
        | JobKind::StorageCheck => kind.as_str(),
    }
}
