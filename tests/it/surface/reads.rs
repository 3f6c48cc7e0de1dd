//! Reading jobs, assets, the account and the status.

use platen_tests::api::{array, text};
use platen_tests::*;
use serde_json::{Value, json};

async fn ids(api: &Api, path: &str) -> Vec<String> {
    let items = array(api.get(path).await.expect(200).json());
    items.iter().map(|item| text(item, "id")).collect()
}

/// Jobs that have ended, newest first.
async fn finished_jobs(api: &Api, count: usize) -> Vec<Value> {
    let mut jobs = Vec::new();
    for number in 0..count {
        let job = api
            .submit(
                "/v2/html/pdf",
                json!({ "html": html("Words"), "name": format!("number {number}") }),
            )
            .await;
        jobs.insert(0, api.succeeded(&job).await);
    }
    jobs
}

#[tokio::test]
async fn lists_are_bare_arrays_newest_first_and_paged_three_ways() {
    let api = tenant().await;
    let jobs = finished_jobs(&api, 4).await;
    for (list, field) in [("jobs", "id"), ("assets", "assetId")] {
        let all: Vec<String> = jobs.iter().map(|job| text(job, field)).collect();
        for version in ["v1", "v2"] {
            let path = format!("/{version}/{list}");
            assert_eq!(ids(&api, &path).await, all);
            assert_eq!(ids(&api, &format!("{path}?limit=2")).await, all[..2]);
            assert_eq!(
                ids(&api, &format!("{path}?limit=2&offset=1")).await,
                all[1..3]
            );
            assert_eq!(
                ids(&api, &format!("{path}?startAfterId={}", all[1])).await,
                all[2..]
            );
            assert_eq!(
                ids(&api, &format!("{path}?offset=4")).await,
                Vec::<String>::new()
            );
        }
    }
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=x",
        "offset=-1",
        "startAfterId=nonsense",
    ] {
        let message = api
            .get(&format!("/v2/jobs?{wrong}"))
            .await
            .expect(400)
            .message();
        let field = wrong.split('=').next().unwrap_or_default();
        assert!(message.contains(field), "{wrong}: {message}");
    }
}

#[tokio::test]
async fn a_job_has_every_field_of_the_dialect() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "Words");
    let options = json!({ "url": site.url("/"), "name": "A job", "projectId": "p1", "generatePreview": true });
    let job = api.submit("/v2/url/pdf", options).await;
    let job = api.succeeded(&job).await;
    let file = api.download(&text(&job, "assetUrl")).await.expect(200);
    assert_eq!(job["id"], job["jobId"]);
    assert_eq!(
        (&job["type"], &job["name"], &job["projectId"]),
        (&json!("url-pdf"), &json!("A job"), &json!("p1")),
        "{job}"
    );
    assert_eq!(
        (&job["apiCreditCost"], &job["size"]),
        (&json!(1.0), &json!(file.body.len())),
        "{job}"
    );
    assert_eq!(job["params"]["url"], site.url("/"), "{job}");
    assert!(
        job["timestamp"]
            .as_u64()
            .is_some_and(|millis| millis > 1_700_000_000_000),
        "milliseconds: {job}"
    );
    assert!(
        job["processTime"]
            .as_u64()
            .is_some_and(|millis| millis < 60_000),
        "{job}"
    );
    for field in ["uid", "worker", "workerName", "assetId", "previewUrl"] {
        assert!(job[field].is_string(), "{field}: {job}");
    }
    let key = text(&job, "apiKeyUsed");
    assert!(
        key != api.key() && key.ends_with(&api.key()[api.key().len() - 4..]),
        "{key}"
    );
    let own = text(&job, "self");
    assert_eq!(own, format!("{}/v2/jobs/{}", api.base(), text(&job, "id")));
    let path = own.strip_prefix(api.base()).expect("an absolute address");
    let again = api.get(path).await.expect(200).json();
    assert_eq!(again["id"], job["id"]);
}

#[tokio::test]
async fn an_asset_has_every_field_of_the_dialect() {
    let api = tenant().await;
    let job = &finished_jobs(&api, 1).await[0];
    let asset = api
        .get(&format!("/v2/assets/{}", text(job, "assetId")))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&asset["jobId"], &asset["name"], &asset["size"]),
        (&job["id"], &job["name"], &job["size"]),
        "{asset}"
    );
    assert_eq!(
        (&asset["ext"], &asset["uid"]),
        (&json!("pdf"), &job["uid"]),
        "{asset}"
    );
    assert!(
        asset["timestamp"].is_u64() && asset["type"].is_string(),
        "{asset}"
    );
    assert_eq!(
        api.download(&text(&asset, "url"))
            .await
            .expect(200)
            .header("content-type"),
        "application/pdf"
    );
}

#[tokio::test]
async fn the_account_counts_what_was_done() {
    let api = tenant().await;
    let size: u64 = finished_jobs(&api, 2)
        .await
        .iter()
        .filter_map(|job| job["size"].as_u64())
        .sum();
    api.fail("/v2/html/pdf", never_ready()).await;
    let account = api.get("/v2/account").await.expect(200).json();
    assert_eq!(account["uid"], api.account());
    for (field, wanted) in [
        ("totalJobs", 3),
        ("successJobs", 2),
        ("errorJobs", 1),
        ("html-pdf", 3),
        ("bytesTotal", size),
        ("storageUsed", size),
    ] {
        assert_eq!(account[field], wanted, "{field}: {account}");
    }
    assert_eq!(
        account["credit"].as_f64(),
        Some(Tenant::CREDIT - 2.0),
        "{account}"
    );
    assert_eq!(account["subActive"], true, "{account}");
    for field in [
        "calls",
        "bytesLimit",
        "computeTimeTotal",
        "computeTimeLimit",
        "storageLimit",
    ] {
        assert!(account[field].is_number(), "{field}: {account}");
    }
    for field in ["subscription", "subType"] {
        assert!(account[field].is_string(), "{field}: {account}");
    }
}

#[tokio::test]
async fn the_status_is_ok_and_needs_a_key() {
    let api = tenant().await;
    for version in ["v1", "v2"] {
        let status = api
            .get(&format!("/{version}/getStatus"))
            .await
            .expect(200)
            .json();
        assert!(text(&status, "status").starts_with("ok"), "{status}");
    }
    let stranger = api.with_key("cl-00000000000000000000000000000000");
    assert_eq!(stranger.get("/v2/getStatus").await.status, 401);
}

#[tokio::test]
async fn what_is_not_there_is_404_in_the_dialects_words() {
    let api = tenant().await;
    let job = api
        .submit("/v2/html/pdf", json!({ "html": html("Words") }))
        .await;
    let unknown = job.chars().rev().collect::<String>();
    let other = format!("job_{}", "0".repeat(32));
    for path in [
        format!("/v2/jobs/{unknown}"),
        format!("/v2/jobs/{other}"),
        "/v2/assets/ast_1".to_owned(),
        "/v2/nowhere".to_owned(),
        "/v3/jobs".to_owned(),
    ] {
        let answer = api.get(&path).await.expect(404).json();
        assert_eq!(answer["statusCode"], 404, "{path}: {answer}");
        assert!(
            answer["message"].is_string() && answer["error"].is_string(),
            "{path}: {answer}"
        );
    }
}
