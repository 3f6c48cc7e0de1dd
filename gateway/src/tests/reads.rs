//! Jobs, assets and the account, as their owner and as others see them.

use common::credits::Credits;
use common::job::Mode;
use http::StatusCode;
use serde_json::{Value, json};

use super::support::{Harness, RESULT, html, html_with, path_of};

fn ids(list: &Value) -> Vec<&str> {
    let entries = list.as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_finished_job_and_its_asset_show_the_union_of_all_fields() {
    let gateway = Harness::new().await;
    let body = html_with(
        "<p>secret",
        &json!({ "name": "An invoice", "projectId": "p1" }),
    );
    gateway.post("/v2/html/pdf", &body).await;
    let (message, _) = gateway.take(Mode::Async).await;
    gateway.succeed(message.job).await;
    let id = message.job.to_string();
    for version in ["v1", "v2"] {
        let job = gateway.get(&format!("/{version}/jobs/{id}")).await.json();
        assert_eq!((&job["id"], &job["jobId"]), (&json!(id), &json!(id)));
        assert_eq!(job["type"], "html-pdf");
        assert_eq!(job["size"], RESULT.len());
        assert_eq!(job["processTime"], 250);
        assert_eq!(
            (&job["worker"], &job["workerName"]),
            (&json!("worker-1"), &json!("worker-1"))
        );
        assert_eq!(job["apiKeyUsed"], format!("cl-...{}", &gateway.key[31..]));
        assert_eq!(
            (
                &job["totalCost"],
                &job["bandwidthCost"],
                &job["processTimeCost"]
            ),
            (&json!(0), &json!(0), &json!(0))
        );
        assert!(
            !job["params"]
                .to_string()
                .contains(body["html"].as_str().unwrap())
        );
        let asset_id = job["assetId"].as_str().unwrap();
        let asset = gateway
            .get(&format!("/{version}/assets/{asset_id}"))
            .await
            .json();
        assert_eq!(
            (&asset["id"], &asset["jobId"]),
            (&job["assetId"], &json!(id))
        );
        assert_eq!(
            (&asset["url"], &asset["previewUrl"]),
            (&job["assetUrl"], &job["previewUrl"])
        );
        assert_eq!(
            (&asset["type"], &asset["ext"]),
            (&json!("application/pdf"), &json!("pdf"))
        );
        assert_eq!(
            (&asset["name"], &asset["projectId"]),
            (&json!("An invoice"), &json!("p1"))
        );
        assert_eq!(
            (&asset["size"], &asset["previewExt"]),
            (&json!(RESULT.len()), &json!("webp"))
        );
        assert_eq!(asset["uid"], gateway.account.to_string());
    }
}

#[tokio::test]
async fn a_failed_job_shows_its_error_and_no_asset() {
    let gateway = Harness::new().await;
    gateway.post("/v2/html/pdf", &html("<p>x")).await;
    let (message, _) = gateway.take(Mode::Async).await;
    gateway.fail(message.job, "Timeout: too slow").await;
    let job = gateway
        .get(&format!("/v2/jobs/{}", message.job))
        .await
        .json();
    assert_eq!(
        (&job["status"], &job["error"]),
        (&json!("error"), &json!("Timeout: too slow"))
    );
    assert_eq!(
        (job.get("assetUrl"), job.get("size"), job.get("processTime")),
        (None, None, None)
    );
}

#[tokio::test]
async fn lists_are_bare_arrays_newest_first_and_are_paged() {
    let gateway = Harness::new().await;
    let mut made = Vec::new();
    for _ in 0..12 {
        made.push(gateway.done(&gateway.key).await.to_string());
    }
    made.reverse();
    let list = async |query: &str| gateway.get(&format!("/v2/jobs{query}")).await.json();
    assert_eq!(ids(&list("").await), made[..10]);
    assert_eq!(ids(&list("?limit=3").await), made[..3]);
    assert_eq!(ids(&list("?limit=3&offset=2").await), made[2..5]);
    assert_eq!(
        ids(&list(&format!("?limit=100&startAfterId={}", made[8])).await),
        made[9..]
    );
    let assets = gateway.get("/v2/assets?limit=2").await.json();
    let jobs: Vec<_> = assets
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| &asset["jobId"])
        .collect();
    assert_eq!(jobs, [&json!(made[0]), &json!(made[1])]);
    let next = format!("/v2/assets?limit=1&startAfterId={}", ids(&assets)[1]);
    assert_eq!(gateway.get(&next).await.json()[0]["jobId"], json!(made[2]));
    let refused = gateway.get("/v2/assets?limit=0").await;
    assert_eq!(
        (refused.status, &refused.json()["details"]),
        (StatusCode::BAD_REQUEST, &json!({ "field": "limit" }))
    );
}

#[tokio::test]
async fn lists_are_filtered_by_project_and_by_name() {
    let gateway = Harness::new().await;
    for (project, name) in [("p1", "a"), ("p1", "b"), ("p2", "a"), ("", "")] {
        let body = html_with("<p>x", &json!({ "projectId": project, "name": name }));
        gateway.post("/v2/html/pdf", &body).await;
        let (message, _) = gateway.take(Mode::Async).await;
        gateway.succeed(message.job).await;
    }
    for list in ["jobs", "assets"] {
        let labels = async |query: &str| {
            let list = gateway.get(&format!("/v2/{list}?{query}")).await.json();
            let entries = list.as_array().unwrap().iter();
            let label = |entry: &Value| format!("{}{}", entry["projectId"], entry["name"]);
            let labels: Vec<_> = entries.map(label).collect();
            labels.join(" ").replace('"', "")
        };
        assert_eq!(labels("projectId=p1").await, "p1b p1a", "{list}");
        assert_eq!(labels("name=a").await, "p2a p1a", "{list}");
        assert_eq!(labels("name=a&projectId=p1").await, "p1a", "{list}");
        assert_eq!(
            labels("projectId=p1&limit=1&offset=1").await,
            "p1a",
            "{list}"
        );
        assert_eq!(labels("projectId=none").await, "", "{list}");
        let refused = gateway.get(&format!("/v2/{list}?projectId=a%20b")).await;
        assert_eq!(
            refused.json()["details"]["field"],
            "projectId",
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn reads_carry_no_headers_of_conversions() {
    let gateway = Harness::new().await;
    gateway.done(&gateway.key).await;
    for path in ["/v2/jobs", "/v2/assets", "/v2/account"] {
        let answer = gateway.get(path).await;
        let mut names = answer.headers.keys();
        assert!(
            !names.any(|name| name.as_str().starts_with("cl-")),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn no_account_sees_what_belongs_to_another() {
    let gateway = Harness::new().await;
    let job = gateway.done(&gateway.key).await;
    let asset = gateway.get("/v2/assets").await.json()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (_, other) = gateway.other(Credits::whole(1)).await;
    for path in [format!("/v2/jobs/{job}"), format!("/v2/assets/{asset}")] {
        assert_eq!(gateway.get(&path).await.status, StatusCode::OK);
        assert_eq!(
            gateway.get_as(&other, &path).await.status,
            StatusCode::NOT_FOUND
        );
    }
    for path in ["/v2/jobs", "/v2/assets"] {
        assert_eq!(gateway.get_as(&other, path).await.json(), json!([]));
    }
    let after = format!("/v2/jobs?startAfterId={job}");
    assert_eq!(gateway.get_as(&other, &after).await.json(), json!([]));
}

#[tokio::test]
async fn the_account_shows_what_it_has_and_what_it_used() {
    let gateway = Harness::new().await;
    gateway.done(&gateway.key).await;
    gateway.post("/v2/html/pdf", &html("<p>x")).await;
    let (message, _) = gateway.take(Mode::Async).await;
    gateway.fail(message.job, "Timeout: too slow").await;
    let account = gateway.get("/v2/account").await.json();
    assert_eq!(account["uid"], gateway.account.to_string());
    assert_eq!(account["email"], "t@example.com");
    assert_eq!(
        (&account["subType"], &account["subActive"]),
        (&json!("usage"), &json!(true))
    );
    assert_eq!(account["credit"], 99.0);
    assert_eq!(
        (&account["calls"], &account["totalJobs"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        (&account["successJobs"], &account["errorJobs"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(account["html-pdf"], 2);
    assert_eq!(account["bytesTotal"], RESULT.len());
    for limit in [
        "callsLimit",
        "bytesLimit",
        "computeTimeLimit",
        "storageLimit",
    ] {
        assert_eq!(account[limit], -1, "{limit}");
    }
}

#[tokio::test]
async fn a_working_key_has_the_status_ok_and_the_process_tells_its_health() {
    let gateway = Harness::new().await;
    assert_eq!(
        gateway.get("/v1/getStatus").await.json(),
        json!({ "status": "ok" })
    );
    assert_eq!(
        gateway.get_as("", "/health/live").await.status,
        StatusCode::OK
    );
    assert_eq!(
        gateway.get_as("", "/health/ready").await.json(),
        json!({ "status": "ok" })
    );
    gateway.lifecycle.draining.cancel();
    let draining = gateway.get_as("", "/health/ready").await;
    assert_eq!(draining.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        gateway.get_as("", "/health/live").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_link_in_a_job_serves_without_a_key() {
    let gateway = Harness::new().await;
    let job = gateway.done(&gateway.key).await;
    let job = gateway.get(&format!("/v2/jobs/{job}")).await.json();
    let file = gateway.get_as("", &path_of(&job["assetUrl"])).await;
    assert_eq!(file.body, RESULT);
}
