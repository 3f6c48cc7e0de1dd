//! Results in a customer's own bucket: tried when it is saved, written to by the renderer, read by a link.

use hyper::Method;
use hyper::body::Bytes;
use platen_tests::api::{array, text};
use platen_tests::s3::{Bucket, S3};
use platen_tests::shared::CLOSED_ADDRESS;
use platen_tests::*;
use serde_json::{Value, json};

/// Saves a bucket: the id of the storage.
async fn saved(api: &Api, bucket: &Bucket<'_>) -> String {
    let answer = api.post("/v2/storage", &bucket.storage("Mine")).await;
    let answer = answer.expect(200).json();
    assert_eq!(answer["status"], "success", "{answer}");
    text(&answer, "id")
}

async fn listed(api: &Api) -> Vec<Value> {
    array(api.get("/v2/storage").await.expect(200).json())
}

fn into(storage: &str) -> Value {
    json!({
        "html": html("Words for a bucket"),
        "filename": "Rechnung Nr. 7 ü.pdf",
        "storage": { "id": storage },
    })
}

/// Tries to save a bucket that does not work: what is said.
async fn unsaved(api: &Tenant, storage: &Value) -> String {
    let answer = api.post("/v2/storage", storage).await.expect(400);
    let secret = text(storage, "secretAccessKey");
    assert!(!answer.message().contains(&secret), "{answer:?}");
    assert_eq!(listed(api).await, Vec::<Value>::new());
    assert_eq!(api.credit().await, Tenant::CREDIT);
    assert_eq!(api.jobs().await, Vec::<Value>::new());
    answer.message()
}

#[tokio::test]
async fn a_result_lies_in_the_customers_bucket_and_its_link_leads_there() {
    let (api, bucket) = (tenant().await, S3::shared().bucket());
    let storage = saved(&api, &bucket).await;
    assert_eq!(bucket.read("platen-check.txt"), None, "the trial's file");
    assert_eq!(api.jobs().await, Vec::<Value>::new(), "the trial is no job");
    let mut options = into(&storage);
    options["generatePreview"] = json!(true);
    let id = api.submit("/v2/html/pdf", options).await;
    let job = api.succeeded(&id).await;
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);

    let key = format!("{id}/Rechnung_Nr._7__.pdf");
    let there = bucket.read(&key).expect("it is in the bucket");
    assert!(Pdf::new(&there).text().contains("Words for a bucket"));
    assert_eq!(job["size"], there.len());
    let link = text(&job, "assetUrl");
    let answer = api.raw(Method::GET, &link, &[], Bytes::new()).await;
    let elsewhere = answer.expect("an answer").expect(307);
    assert!(elsewhere.header("location").contains(bucket.name()));
    let downloaded = api.download(&link).await.expect(200);
    assert_eq!(downloaded.body, there);
    assert_eq!(downloaded.header("content-type"), "application/pdf");
    let disposition = downloaded.header("content-disposition");
    assert!(disposition.contains("Rechnung Nr. 7"), "{disposition}");
    let head = api.raw(Method::HEAD, &link, &[], Bytes::new()).await;
    let head = head.expect("an answer").expect(200);
    assert_eq!(head.header("content-length"), there.len().to_string());

    let puts = bucket.calls().into_iter().filter(|call| {
        let path = call.path.trim_start_matches('/');
        call.method == "PUT" && path == format!("{}/{key}", bucket.name())
    });
    let puts: Vec<_> = puts
        .map(|put| (put.content_type, put.disposition))
        .collect();
    let [(content_type, kept)] = &puts[..] else {
        panic!("it is put once: {puts:?}");
    };
    assert_eq!(
        (content_type.as_str(), kept.as_str()),
        ("application/pdf", disposition)
    );

    let preview = api.download(&text(&job, "previewUrl")).await.expect(200);
    assert!(preview.body.starts_with(b"RIFF"));
    let preview_key = key.replace(".pdf", "-preview.webp");
    assert_eq!(
        bucket.read(&preview_key).expect("it is there"),
        preview.body
    );
    let asset = format!("/v2/assets/{}", text(&job, "assetId"));
    let asset = api.get(&asset).await.expect(200).json();
    assert_eq!(
        (&asset["fileId"], &asset["previewFileId"]),
        (&json!(key), &json!(preview_key))
    );
    let account = api.get("/v2/account").await.expect(200).json();
    assert_eq!(
        (&account["storageUsed"], &account["calls"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test]
async fn a_bucket_that_does_not_open_is_not_saved_and_costs_nothing() {
    let (api, bucket) = (tenant().await, S3::shared().bucket());
    let mut wrong = bucket.storage("Mine");
    wrong["secretAccessKey"] = json!("wrong-secret-8d21");
    let message = unsaved(&api, &wrong).await;
    assert!(message.contains("access denied"), "{message}");
    let mut missing = bucket.storage("Mine");
    missing["bucket"] = json!("no-such-bucket");
    let message = unsaved(&api, &missing).await;
    assert!(message.contains("bucket not found"), "{message}");
    let mut nobody = bucket.storage("Mine");
    nobody["endpoint"] = json!(format!("http://127.0.0.1:{}", port::free()));
    let message = unsaved(&api, &nobody).await;
    assert!(message.contains("could not be reached"), "{message}");
}

#[tokio::test]
async fn a_host_that_may_not_be_called_is_refused_by_address_and_by_name() {
    let (api, bucket) = (guarded_tenant().await, S3::shared().bucket());
    let site = Site::on(CLOSED_ADDRESS).await;
    for endpoint in [
        format!("http://{CLOSED_ADDRESS}:{}", site.port()),
        format!("https://{CLOSED_ADDRESS}:{}", site.port()),
        format!("http://localhost:{}", site.port()),
        "https://169.254.169.254".to_owned(),
    ] {
        let mut closed = bucket.storage("Mine");
        closed["endpoint"] = json!(endpoint);
        let answer = api.post("/v2/storage", &closed).await.expect(400);
        assert!(answer.message().contains("--allow-network"), "{answer:?}");
        assert_eq!(answer.json()["details"]["field"], "endpoint");
    }
    // A name is looked up by who dials.
    let mut named = bucket.storage("Mine");
    named["endpoint"] = json!(format!("https://localhost:{}", site.port()));
    let message = unsaved(&api, &named).await;
    assert!(message.contains("host refused by policy"), "{message}");
    assert!(!message.contains("127.0.0.1"), "{message}");
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn another_accounts_storage_is_as_unknown_as_none() {
    let (api, other) = (tenant().await, tenant().await);
    let bucket = S3::shared().bucket();
    let storage = saved(&api, &bucket).await;
    let path = format!("/v2/storage/{storage}");
    other.get(&path).await.expect(400);
    other
        .send(Method::DELETE, &path, &[], Bytes::new())
        .await
        .expect(400);
    assert_eq!(listed(&other).await, Vec::<Value>::new());
    let refused = other
        .post("/v2/html/pdf", &into(&storage))
        .await
        .expect(400);
    assert_eq!(refused.json()["details"]["field"], "storage.id");
    assert_eq!(other.credit().await, Tenant::CREDIT);
    let own = api.get(&path).await.expect(200).json();
    assert_eq!(
        (&own["id"], &own["title"]),
        (&json!(storage), &json!("Mine"))
    );
    let secret = text(&bucket.storage(""), "secretAccessKey");
    assert!(!own.to_string().contains(&secret), "{own}");
}

#[tokio::test]
async fn a_bucket_that_is_gone_fails_the_job_whose_work_is_paid_for() {
    let (api, bucket) = (tenant().await, S3::shared().bucket());
    let storage = saved(&api, &bucket).await;
    bucket.remove();
    let job = api.submit("/v2/html/pdf", into(&storage)).await;
    let job = api.finished(&job).await;
    assert_eq!(job["status"], "error", "{job}");
    let error = text(&job, "error");
    assert!(error.starts_with("Storage: bucket not found"), "{error}");
    assert_eq!(api.credit().await, Tenant::CREDIT - 1.0);
    assert_eq!(job.get("assetUrl"), None, "{job}");
}

#[tokio::test]
async fn a_bucket_that_is_away_for_a_moment_gets_the_result() {
    let (api, server) = (tenant().await, S3::start());
    let bucket = server.bucket();
    let storage = saved(&api, &bucket).await;
    server.refuse(true);
    let job = api.submit("/v2/html/pdf", into(&storage)).await;
    let is_put = |path: &str| path.contains(&job);
    server
        .wait_for(|calls| calls.iter().filter(|call| is_put(&call.path)).count() >= 3)
        .await;
    server.refuse(false);
    api.succeeded(&job).await;
    assert!(
        bucket
            .read(&format!("{job}/Rechnung_Nr._7__.pdf"))
            .is_some()
    );
}

#[tokio::test]
async fn keys_are_replaced_by_saving_again_and_another_bucket_needs_another_title() {
    let (api, bucket) = (tenant().await, S3::shared().bucket());
    let storage = saved(&api, &bucket).await;
    assert_eq!(saved(&api, &bucket).await, storage);
    let other = S3::shared().bucket().storage("Mine");
    let answer = api.post("/v2/storage", &other).await.expect(400);
    assert_eq!(answer.json()["details"]["field"], "title");
    let only = json!([{ "id": storage, "title": "Mine" }]);
    assert_eq!(Value::from(listed(&api).await), only);
    let shown = api.cli().run(&["storage", "list", api.account()]).await;
    assert_eq!(shown[0]["storage_id"], storage, "{shown}");
    assert_eq!(shown[0]["bucket"], bucket.name(), "{shown}");
}

#[tokio::test]
async fn a_storage_that_is_deleted_takes_no_more_and_its_links_end_but_its_files_stay() {
    let (api, bucket) = (tenant().await, S3::shared().bucket());
    let storage = saved(&api, &bucket).await;
    let repeatable = [("idempotency-key", "a")];
    let submit = async || {
        let options = into(&storage);
        let answer = api.try_post_with("/v2/html/pdf", &repeatable, &options);
        text(
            &answer.await.expect("an answer").expect(202).json(),
            "jobId",
        )
    };
    let job = submit().await;
    let link = text(&api.succeeded(&job).await, "assetUrl");
    let path = format!("/v2/storage/{storage}");
    let answer = api.send(Method::DELETE, &path, &[], Bytes::new()).await;
    assert!(answer.expect(204).body.is_empty());
    api.send(Method::DELETE, &path, &[], Bytes::new())
        .await
        .expect(400);
    api.post("/v2/html/pdf", &into(&storage)).await.expect(400);
    let gone = api.download(&link).await.expect(404);
    assert!(gone.message().contains("in its bucket"), "{gone:?}");
    assert!(
        bucket
            .read(&format!("{job}/Rechnung_Nr._7__.pdf"))
            .is_some()
    );
    assert_eq!(submit().await, job, "a repeat gets the job of the first");
}
