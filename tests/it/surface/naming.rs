//! What a result is called.

use platen_tests::api::text;
use platen_tests::*;
use serde_json::{Value, json};

async fn dispositions(options: Value) -> (String, String) {
    let api = tenant().await;
    let options = api::with(options, "html", html("Words"));
    let raw = api.post("/v1/html/pdf", &options).await.expect_success();
    let job = api.convert("/v2/html/pdf", options).await;
    let linked = api.download(&text(&job, "assetUrl")).await.expect(200);
    (
        raw.header("content-disposition").to_owned(),
        linked.header("content-disposition").to_owned(),
    )
}

#[tokio::test]
async fn the_file_name_is_in_the_raw_answer_and_behind_the_link() {
    let wanted = "attachment; filename=\"invoice-7.pdf\"".to_owned();
    assert_eq!(
        dispositions(json!({ "filename": "invoice-7.pdf" })).await,
        (wanted.clone(), wanted)
    );
}

#[tokio::test]
async fn an_inline_result_is_shown_and_its_name_has_no_effect() {
    let wanted = "inline".to_owned();
    assert_eq!(
        dispositions(json!({ "filename": "invoice-7.pdf", "inline": true })).await,
        (wanted.clone(), wanted)
    );
}

#[tokio::test]
async fn a_name_beyond_ascii_survives() {
    let (raw, linked) = dispositions(json!({ "filename": "Überweisung.pdf" })).await;
    assert!(
        raw.contains("filename*=UTF-8''%C3%9Cberweisung.pdf"),
        "{raw}"
    );
    assert_eq!(raw, linked);
}

#[tokio::test]
async fn name_and_project_are_labels_of_job_and_asset() {
    let api = tenant().await;
    let options = json!({ "html": html("Words"), "name": "Monthly report", "projectId": "N77VCoAVTHHwgmUfCYlD" });
    let job = api.submit("/v2/html/pdf", options).await;
    let job = api.succeeded(&job).await;
    let asset = api
        .get(&format!("/v2/assets/{}", text(&job, "assetId")))
        .await
        .expect(200)
        .json();
    for labelled in [&job, &asset] {
        assert_eq!(
            (&labelled["name"], &labelled["projectId"]),
            (&json!("Monthly report"), &json!("N77VCoAVTHHwgmUfCYlD")),
            "{labelled}"
        );
    }
}
