//! Batches and merges: what they cost, and what they become.

use common::credits::Credits;
use common::job::{Lane, Mode};
use common::task::{Document, PdfSource, Source, Work};
use serde_json::json;

use super::support::{Answer, Harness};
use crate::config::Config;

/// The work of the next job of a lane.
async fn work(gateway: &Harness, lane: Lane) -> Work {
    let mut jobs = gateway.parts.broker.jobs(lane, Mode::Async, 16);
    let message = jobs.next().await.unwrap().message;
    gateway.parts.seal.open(message.job, &message.task).unwrap()
}

fn message(answer: &Answer) -> String {
    answer.json()["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_batch_costs_each_page_and_a_merge_and_a_failure_gives_all_of_it_back() {
    let config = Config {
        price: vec![
            "url-pdf=2".parse().unwrap(),
            "merge-pdf=0.5".parse().unwrap(),
        ],
        ..Config::default()
    };
    let gateway = Harness::with(config).await;
    let body =
        json!({ "batch": { "urls": ["https://a.test/", "https://b.test/", "https://c.test/"] } });
    let answer = gateway.post("/v1/url/pdf", &body).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.header("cl-api-credit-cost"), "6.5");
    assert_eq!(gateway.balance().await, Credits::from_thousandths(93_500));
    let Work::Batch(batch) = work(&gateway, Lane::Browser).await else {
        panic!("a batch was expected");
    };
    assert_eq!(batch.count(), 3);
    let job = answer.json()["jobId"].as_str().unwrap().to_owned();
    gateway
        .fail(job.parse().unwrap(), "Timeout: too long")
        .await;
    assert_eq!(gateway.balance().await, Credits::whole(100));

    let answer = gateway.post("/v2/pdf/merge", &body).await;
    assert_eq!(answer.header("cl-api-credit-cost"), "2");
    let job = answer.json()["jobId"].as_str().unwrap().to_owned();
    let read = gateway.get(&format!("/v2/jobs/{job}")).await.json();
    assert_eq!(
        (&read["type"], &read["apiCreditCost"]),
        (&json!("merge-pdf"), &json!(2.0))
    );
    assert_eq!(gateway.balance().await, Credits::whole(98));
}

#[tokio::test]
async fn too_little_credit_for_all_of_a_batch_is_too_little() {
    let gateway = Harness::new().await;
    let (_, key) = gateway.other(Credits::whole(2)).await;
    let body = json!({ "batch": ["https://a.test/", "https://b.test/"] });
    let answer = gateway.post_as(&key, "/v2/url/pdf", &body).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_link_of_ours_becomes_its_object() {
    let gateway = Harness::new().await;
    let job = gateway.done(&gateway.key).await;
    let job = gateway.get(&format!("/v2/jobs/{job}")).await.json();
    let (link, preview) = (&job["assetUrl"], &job["previewUrl"]);
    let body = json!({ "batch": { "urls": ["https://a.test/a.pdf", link] } });
    assert_eq!(gateway.post("/v2/pdf/merge", &body).await.status, 202);
    let Work::Merge(merge) = work(&gateway, Lane::Native).await else {
        panic!("a merge was expected");
    };
    assert!(matches!(&merge.sources[0], PdfSource::Url { .. }));
    let PdfSource::Stored { key, name } = &merge.sources[1] else {
        panic!("{merge:?}");
    };
    assert_eq!(key.job(), job["id"].as_str().unwrap().parse().ok());
    assert!(key.as_str().ends_with("/result.pdf"));
    // What an error says, to whoever is told of it, must not open the result.
    let asset = job["assetId"].as_str().unwrap();
    assert_eq!(*name, format!("platen.test/assets/{asset}"));

    let refused = gateway
        .post("/v2/pdf/merge", &json!({ "url": preview }))
        .await;
    assert_eq!(
        (
            refused.status.as_u16(),
            message(&refused).contains("no PDF")
        ),
        (400, true)
    );
    gateway
        .parts
        .store
        .forget_asset(job["assetId"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap();
    let refused = gateway.post("/v2/pdf/merge", &body).await;
    assert_eq!(refused.status, 400);
    assert!(
        message(&refused).starts_with("`batch.urls[1]` is a link to a result that was deleted")
    );
}

#[tokio::test]
async fn a_picture_of_ours_is_shown_as_a_page_and_a_file_is_not() {
    let gateway = Harness::new().await;
    let job = gateway.done(&gateway.key).await;
    let job = gateway.get(&format!("/v2/jobs/{job}")).await.json();
    let answer = gateway
        .post("/v2/url/pdf", &json!({ "url": job["previewUrl"] }))
        .await;
    assert_eq!(answer.status, 202);
    let (_, task) = gateway.take(Mode::Async).await;
    let Source::Html(Document::Inline(page)) = task.source else {
        panic!("{:?}", task.source);
    };
    assert!(page.contains("data:image/webp;base64,d2VicA=="), "{page}");
    let link = job["assetUrl"].as_str().unwrap();
    let signature = link.rsplit('/').nth(1).unwrap();
    for (body, words) in [
        (
            json!({ "url": link }),
            "`url` is a link to a result that is not shown as a page",
        ),
        (
            json!({ "batch": ["https://a.test/", link] }),
            "`batch` holds platen.test/assets/",
        ),
        (
            json!({ "batch": [link] }),
            "`batch` holds platen.test/assets/",
        ),
        (
            json!({ "url": link.replace("/r", "/p") }),
            "`url` is an address of this installation",
        ),
    ] {
        let answer = gateway.post("/v2/url/pdf", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(message(&answer).starts_with(words), "{answer:?}");
        assert!(!message(&answer).contains(signature), "{answer:?}");
    }
}

#[tokio::test]
async fn another_accounts_link_opens_nothing_here() {
    let gateway = Harness::new().await;
    let job = gateway.done(&gateway.key).await;
    let job = gateway.get(&format!("/v2/jobs/{job}")).await.json();
    let (_, key) = gateway.other(Credits::whole(9)).await;
    for (path, link) in [
        ("/v2/pdf/merge", &job["assetUrl"]),
        ("/v2/url/image", &job["previewUrl"]),
    ] {
        let answer = gateway.post_as(&key, path, &json!({ "url": link })).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            message(&answer).ends_with("or is another account's"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_budget_counts_all_that_a_batch_costs() {
    let gateway = Harness::new().await;
    let (store, now) = (&gateway.parts.store, gateway.parts.clock.now());
    let budget = Some(Credits::whole(3));
    let project = store.create_project(gateway.account, "shop", budget, now);
    let project = project.await.unwrap();
    let keys = store.keys(gateway.account).await.unwrap();
    assert!(store.assign_key(keys[0].id, project).await.unwrap());
    let mut body = json!({ "batch": ["https://a.test/", "https://b.test/", "https://c.test/"] });
    for path in ["/v2/url/pdf", "/v2/pdf/merge"] {
        assert_eq!(gateway.post(path, &body).await.status, 402, "{path}");
    }
    body["batch"] = json!(["https://a.test/", "https://b.test/"]);
    assert_eq!(gateway.post("/v2/pdf/merge", &body).await.status, 202);
    assert_eq!(gateway.post("/v2/url/pdf", &body).await.status, 402);
}
