use std::time::Duration;

use common::artifact::Artifact;
use common::clock::Timestamp;
use common::credits::Credits;
use common::id::{AccountId, AssetId, JobId, KeyId};
use common::job::{FailureKind, JobKind, Mode};
use common::link::{LinkKey, Part};
use common::objects::{ObjectKey, Objects};
use common::store::Asset;
use futures::TryStreamExt as _;

use super::*;

const JOB: &str = "job_018d0f7a7c8a7000800000000000000a";
const ASSET: &str = "ast_018d0f7a7c8a7000800000000000000b";
/// 2024-01-15T10:30:00Z, the moment of the reference's example.
const FINISHED: Timestamp = Timestamp::from_micros(1_705_314_600_000_000);

fn links() -> Links {
    Links {
        key: LinkKey::new(b"golden"),
        public_url: "https://pdf.example.com".to_owned(),
    }
}

fn job(state: JobState) -> Job {
    let job: JobId = JOB.parse().unwrap();
    Job {
        id: job,
        account: AccountId::new(),
        key: KeyId::new(),
        key_last4: "beef".to_owned(),
        dialect: Dialect::Cloudlayer,
        kind: JobKind::HtmlPdf,
        mode: Mode::Async,
        state,
        params: serde_json::json!({}),
        name: None,
        project_id: None,
        price: Credits::whole(1),
        created_at: FINISHED - Duration::from_secs(9),
        started_at: Some(FINISHED - Duration::from_millis(1234)),
        finished_at: Some(FINISHED),
        size: None,
        worker: Some("worker".to_owned()),
        failure: None,
        error: None,
        asset: None,
        screenshot: None,
    }
}

fn artifact(name: &str, extension: &str) -> Artifact {
    Artifact {
        key: ObjectKey::from_stored(name.to_owned()),
        content_type: "application/octet-stream".to_owned(),
        extension: extension.to_owned(),
        size: 5,
    }
}

fn asset(preview: Option<Artifact>) -> Asset {
    let result = artifact("result.pdf", "pdf");
    Asset {
        id: ASSET.parse().unwrap(),
        account: AccountId::new(),
        job: JOB.parse().unwrap(),
        name: None,
        file_name: "my invoice.pdf".to_owned(),
        content_type: result.content_type,
        extension: result.extension,
        size: 48_213,
        key: result.key,
        preview,
        inline: false,
        listed: true,
        project_id: None,
        created_at: FINISHED,
        expires_at: FINISHED + Duration::from_hours(24),
    }
}

fn check(job: &Job, golden: &str) {
    let payload = Payload::of(job, &links(), 0);
    let body = String::from_utf8(payload.ready().unwrap().to_vec()).unwrap();
    let golden: String = golden.lines().map(str::trim).collect();
    assert_eq!(body, golden);
}

#[test]
fn a_success_with_everything() {
    let id: AssetId = ASSET.parse().unwrap();
    let mut job = job(JobState::Success);
    job.name = Some("Invoice 7".to_owned());
    job.project_id = Some("p1".to_owned());
    job.size = Some(48_213);
    job.asset = Some(asset(Some(artifact("preview.webp", "webp"))));
    let expires = FINISHED + Duration::from_hours(24);
    let result = links().asset(id, Part::Result, expires, "my invoice.pdf");
    let preview = links().asset(id, Part::Preview, expires, "my invoice-preview.webp");
    let golden = format!(
        r#"{{"jobId":"{JOB}","id":"{JOB}","status":"success",
        "assetUrl":"{result}","previewUrl":"{preview}",
        "timestamp":"2024-01-15T10:30:00.000Z","type":"html-pdf","processTime":1234,"size":48213,
        "name":"Invoice 7","projectId":"p1"}}"#
    );
    check(&job, &golden);
}

#[test]
fn a_success_with_the_least() {
    let mut job = job(JobState::Success);
    job.started_at = None;
    let golden = format!(
        r#"{{"jobId":"{JOB}","id":"{JOB}","status":"success",
        "timestamp":"2024-01-15T10:30:00.000Z","type":"html-pdf"}}"#
    );
    check(&job, &golden);
}

#[test]
fn an_error_has_its_text_and_nothing_of_a_success() {
    let mut job = job(JobState::Error);
    job.size = Some(1);
    job.failure = Some(FailureKind::Timeout);
    job.error = Some("Timeout: page took longer than 30000ms to load".to_owned());
    let golden = format!(
        r#"{{"jobId":"{JOB}","id":"{JOB}","status":"error",
        "error":"Timeout: page took longer than 30000ms to load",
        "timestamp":"2024-01-15T10:30:00.000Z","type":"html-pdf"}}"#
    );
    check(&job, &golden);
}

fn layers(state: JobState) -> Job {
    Job {
        dialect: Dialect::IterationLayer,
        kind: JobKind::ImageGeneration,
        ..job(state)
    }
}

/// The whole payload, with `result` in the store.
async fn told(job: &Job, inline_limit: u64, result: Option<&'static [u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::local(folder.path()).unwrap();
    if let (Some(asset), Some(result)) = (&job.asset, result) {
        objects
            .put(&asset.key, Bytes::from_static(result))
            .await
            .unwrap();
    }
    let payload = Payload::of(job, &links(), inline_limit);
    let pieces = payload.pieces(&objects).await.unwrap();
    let bytes = pieces.try_collect::<Vec<_>>().await.unwrap().concat();
    assert_eq!(payload.length(), bytes.len() as u64);
    String::from_utf8(bytes).unwrap()
}

fn picture(size: u64) -> Job {
    let mut job = layers(JobState::Success);
    job.asset = Some(Asset {
        content_type: "image/png".to_owned(),
        size,
        ..asset(None)
    });
    job
}

#[tokio::test]
async fn an_image_travels_inside_of_its_envelope() {
    assert_eq!(
        told(&picture(5), 5, Some(b"\x89PNG\xff")).await,
        r#"{"success":true,"api":"image_generation","data":{"buffer":"iVBOR/8=","mime_type":"image/png"}}"#,
    );
}

#[tokio::test]
async fn an_image_that_is_too_long_for_a_webhook_says_so() {
    assert_eq!(
        told(&picture(6), 5, None).await,
        r#"{"success":false,"api":"image_generation","error":{"message":"the result has 6 bytes, and at most 5 are sent inside of a webhook; ask for a smaller picture or another format"}}"#,
    );
}

#[tokio::test]
async fn an_image_that_failed_or_is_gone_says_so_in_an_object() {
    let mut job = layers(JobState::Error);
    job.error = Some("layers must be a non-empty list".to_owned());
    assert_eq!(
        told(&job, 5, None).await,
        r#"{"success":false,"api":"image_generation","error":{"message":"layers must be a non-empty list"}}"#,
    );
    let gone = Payload::without_result(&picture(5), &links());
    assert_eq!(
        gone.ready().unwrap(),
        r#"{"success":false,"api":"image_generation","error":{"message":"the result was deleted at the end of its retention time"}}"#,
    );
}

/// The sample of reference iterationlayer, section 9.
#[test]
fn structured_data_is_told_in_the_same_envelope() {
    let data = serde_json::json!({ "invoice_number":
        { "value": "INV-2024-001", "confidence": 0.95, "source": "Invoice Number: INV-2024-001" } });
    let body = iterationlayer::success("document_extraction", &data);
    let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let reference = r#"{ "success": true, "api": "document_extraction", "data": { "invoice_number": { "value": "INV-2024-001", "confidence": 0.95, "source": "Invoice Number: INV-2024-001" } } }"#;
    assert_eq!(
        told,
        serde_json::from_str::<serde_json::Value>(reference).unwrap()
    );
    assert!(body.starts_with(br#"{"success":true,"api":"document_extraction","data":{"#));
}

#[test]
fn samples_speak_their_dialect() {
    let sample = |dialect| {
        let payload = Payload::sample(dialect, &links(), FINISHED);
        serde_json::from_slice::<serde_json::Value>(payload.ready().unwrap()).unwrap()
    };
    let one = sample(Dialect::Cloudlayer);
    assert_eq!(
        (&one["status"], &one["jobId"]),
        (&"success".into(), &one["id"])
    );
    assert!(one["jobId"].as_str().unwrap().parse::<JobId>().is_ok());
    assert_eq!(one["timestamp"], "2024-01-15T10:30:00.000Z");
    let other = sample(Dialect::IterationLayer);
    assert_eq!(
        (&other["success"], &other["api"]),
        (&true.into(), &"image_generation".into())
    );
    assert_eq!(other["data"]["mime_type"], "image/png");
}
