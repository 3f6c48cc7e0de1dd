//! What customers entrust to a job is nowhere to be found after it.

use platen_tests::html::encoded;
use platen_tests::process::files_with;
use platen_tests::s3::S3;
use platen_tests::*;
use serde_json::json;

const PASSWORD: &str = "tr0ub4dor-and-3-passwords";
const COOKIE: &str = "cookie-value-6f1d2c9b";
const DOCUMENT: &str = "words-of-a-document-41ac77";
const WRONG_KEY: &str = "wrong-key-of-a-bucket-77d1e0";

#[tokio::test]
async fn passwords_cookies_documents_and_keys_are_in_no_file_and_no_log_line() {
    let (platen, site) = (Embedded::start(Start::open()).await, Site::start().await);
    let api = platen.api();
    site.page("/", "Words");
    let short = format!("<!-- {DOCUMENT} --><p>Short");
    let long = format!(
        "{}<!-- {DOCUMENT} --><p>Long",
        "<!-- padding -->".repeat(10_000)
    );
    let with_secrets = json!({
        "url": site.url("/"), "async": true,
        "authentication": { "username": "reader", "password": PASSWORD },
        "cookies": [{ "name": "session", "value": COOKIE }],
    });
    let mut broken = with_secrets.clone();
    broken["waitForSelector"] = never_ready()["waitForSelector"].clone();
    let bucket = S3::shared().bucket();
    let saved = api.post("/v2/storage", &bucket.storage("Mine")).await;
    let storage = api::text(&saved.expect(200).json(), "id");
    let mut wrong = bucket.storage("Yours");
    wrong["secretAccessKey"] = json!(WRONG_KEY);
    api.post("/v2/storage", &wrong).await.expect(400);
    let into_bucket = json!({ "html": encoded(&short), "storage": { "id": storage } });
    let mut jobs = Vec::new();
    for (path, options) in [
        ("/v2/url/pdf", with_secrets),
        ("/v2/url/image", broken),
        ("/v2/html/pdf", json!({ "html": encoded(&short) })),
        ("/v2/html/pdf", json!({ "html": encoded(&long) })),
        ("/v2/html/pdf", into_bucket),
    ] {
        let job = api.submit(path, options).await;
        jobs.push(api.finished(&job).await);
    }
    let rejected = api
        .post(
            "/v2/html/pdf",
            &json!({ "html": encoded(&short), "timeout": -1 }),
        )
        .await;
    assert_eq!(rejected.status, 400);
    let key = api.key().to_owned();
    let encoded_document = encoded(DOCUMENT)
        .as_str()
        .expect("a text")
        .trim_end_matches('=')
        .to_owned();
    let bucket_key = api::text(&bucket.storage(""), "secretAccessKey");
    let secrets = [
        PASSWORD,
        COOKIE,
        DOCUMENT,
        &key,
        key.trim_start_matches("cl-"),
        &encoded_document,
        "cmVhZGVyO",
        &bucket_key,
        WRONG_KEY,
    ];
    for job in &jobs {
        for secret in secrets {
            assert!(!job.to_string().contains(secret), "`{secret}` is in {job}");
        }
    }
    for secret in secrets {
        eventually(&format!("the end of `{secret}` in all files"), || async {
            files_with(platen.folder(), secret).is_empty().then_some(())
        })
        .await;
        let told = platen
            .log()
            .since(0)
            .into_iter()
            .find(|line| line.contains(secret));
        assert_eq!(told, None, "`{secret}` is in the log");
    }
}
