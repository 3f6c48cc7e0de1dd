//! Links to objects in a bucket: signed by us, served by the store.

use std::time::Duration;

use common::artifact::Artifact;
use common::broker::Broker;
use common::clock::Clock;
use common::credits::Credits;
use common::egress::Policy;
use common::id::RunId;
use common::job::{Lane, Mode};
use common::key::ApiKey;
use common::lifecycle::Lifecycle;
use common::link::{LinkKey, Links};
use common::message::{Completion, Outcome};
use common::objects::{ObjectKey, Objects};
use common::report::Report;
use common::seal::SealKey;
use common::store::{Retention, Store};
use hyper::Method;
use hyper::body::Bytes;
use platen_tests::api::text;
use platen_tests::s3::S3;
use platen_tests::{Answer, Api, html, within};
use serde_json::json;

use super::artifact;

const CONTENT: &str = "%PDF-1.7 a result of 30 bytes.";

async fn fetch(api: &Api, method: Method, url: &str, headers: &[(&str, &str)]) -> Answer {
    api.raw(method, url, headers, Bytes::new()).await.unwrap()
}

#[tokio::test]
async fn a_presigned_link_gives_the_object_as_asked_for_and_nothing_else() {
    let bucket = S3::shared().bucket();
    let (objects, api) = (bucket.objects(), Api::new("", ""));
    let (key, other) = (artifact("result.pdf"), artifact("other.pdf"));
    for key in [&key, &other] {
        let put = objects.put_typed(key, CONTENT.into(), "application/octet-stream");
        put.await.unwrap();
    }
    let disposition = "attachment; filename=\"Caf_ 1.pdf\"; filename*=UTF-8''Caf%C3%A9%201.pdf";
    let minute = Duration::from_secs(60);
    let link = objects.presigned(&key, disposition, "application/pdf", minute);
    let link = link.await.unwrap().unwrap();
    let answer = api.download(link.as_str()).await.expect(200);
    assert_eq!(answer.body, CONTENT);
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(answer.header("content-disposition"), disposition);
    let part = api.download_with(link.as_str(), &[("range", "bytes=0-3")]);
    assert_eq!(part.await.expect(206).body, "%PDF");

    let link = link.to_string();
    let unsigned = link.split('?').next().unwrap().to_owned();
    for changed in [
        unsigned,
        link.replace(key.as_str(), other.as_str()),
        link.replace("application%2Fpdf", "text%2Fhtml"),
        link.replace("Expires=60", "Expires=600"),
        link.replace("attachment", "inline"),
    ] {
        assert_ne!(changed, link);
        assert_eq!(api.download(&changed).await.status, 403, "{changed}");
    }
    for method in [Method::PUT, Method::DELETE, Method::HEAD] {
        assert_eq!(fetch(&api, method, &link, &[]).await.status, 403);
    }
    assert_eq!(objects.read(&key, 99).await.unwrap(), CONTENT);
}

#[tokio::test]
async fn a_link_names_the_store_as_customers_reach_it() {
    let mut config = S3::shared().bucket().config();
    let bucket = config.s3_bucket.clone().unwrap();
    config.s3_public_endpoint = Some("https://files.example/".to_owned());
    config.s3_prefix = Some("one/two".to_owned());
    let key = artifact("result.pdf");
    for (virtual_hosted, expected) in [
        (
            false,
            format!("https://files.example/{bucket}/one/two/{key}"),
        ),
        (
            true,
            format!("https://{bucket}.files.example/one/two/{key}"),
        ),
    ] {
        config.s3_virtual_hosted = virtual_hosted;
        config.s3_endpoint = Some("http://store.internal:9000".to_owned());
        let objects = Objects::s3(&config).unwrap();
        let link = objects.presigned(&key, "inline", "application/pdf", Duration::from_secs(60));
        let link = link.await.unwrap().unwrap().to_string();
        assert_eq!(link.split('?').next().unwrap(), expected);
    }
}

#[tokio::test]
async fn a_folder_signs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::local(folder.path()).unwrap();
    let key = artifact("result.pdf");
    let link = objects.presigned(&key, "inline", "application/pdf", Duration::from_secs(60));
    assert_eq!(link.await.unwrap(), None);
}

/// A gateway whose objects are in a bucket, with one finished job.
struct Linked {
    api: Api,
    objects: Objects,
    key: ObjectKey,
    result: String,
    preview: String,
    lifecycle: Lifecycle,
    _folder: tempfile::TempDir,
}

impl Drop for Linked {
    fn drop(&mut self) {
        self.lifecycle.draining.cancel();
    }
}

async fn linked(objects: Objects) -> Linked {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::sqlite(&folder.path().join("platen.db"))
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let (clock, key) = (Clock::system(), ApiKey::generate());
    let now = clock.now();
    let public_url = format!("http://{}", listener.local_addr().unwrap());
    let broker = Broker::embedded(8);
    let parts = gateway::Parts {
        store: store.clone(),
        broker: broker.clone(),
        objects: objects.clone(),
        clock,
        seal: SealKey::new(b"seal"),
        links: Links {
            key: LinkKey::new(b"link"),
            public_url: public_url.clone(),
        },
        egress: Policy::default(),
    };
    let lifecycle = Lifecycle::default();
    let started = gateway::start(gateway::Config::default(), parts, listener, &lifecycle);
    started.await.unwrap();
    let account = store
        .create_account("tester", None, Credits::whole(9), now)
        .await;
    let account = account.unwrap();
    store
        .create_key(account, "key", &key.hash(), key.last4(), now)
        .await
        .unwrap();

    let api = Api::new(&public_url, key.expose());
    let options = json!({ "html": html("Words"), "filename": "Café.pdf" });
    let id = api.submit("/v2/html/pdf", options).await;
    let mut jobs = broker.jobs(Lane::Browser, Mode::Async, 1);
    let job = within("the job", jobs.next()).await.unwrap().message.job;
    let run = RunId::new();
    let stored = |name: &str, content_type: &str| Artifact {
        key: ObjectKey::artifact(job, run, name),
        content_type: content_type.to_owned(),
        extension: name.split_once('.').unwrap().1.to_owned(),
        size: CONTENT.len() as u64,
    };
    let (result, preview) = (
        stored("result.pdf", "application/pdf"),
        stored("preview.webp", "image/webp"),
    );
    for artifact in [&result, &preview] {
        let put = objects.put_typed(&artifact.key, CONTENT.into(), &artifact.content_type);
        put.await.unwrap();
    }
    let key = result.key.clone();
    let completion = Completion {
        job,
        run,
        outcome: Outcome::Success {
            artifact: result,
            preview: Some(preview),
        },
        started_at: now,
        finished_at: now,
        worker: "worker".to_owned(),
        report: Report::default(),
        trace: None,
    };
    let retention = Retention {
        listed: Duration::from_hours(24),
        unlisted: Duration::from_hours(1),
    };
    store.settle(&completion, retention, now).await.unwrap();
    let job = api.succeeded(&id).await;
    Linked {
        result: text(&job, "assetUrl"),
        preview: text(&job, "previewUrl"),
        api,
        objects,
        key,
        lifecycle,
        _folder: folder,
    }
}

#[tokio::test]
async fn a_result_is_fetched_from_the_store_by_our_own_link() {
    let linked = linked(S3::shared().bucket().objects()).await;
    let (api, link) = (&linked.api, linked.result.as_str());
    let redirect = fetch(api, Method::GET, link, &[]).await.expect(307);
    assert_eq!(redirect.body.len(), 0);
    assert_eq!(redirect.header("cache-control"), "private, max-age=240");
    assert!(redirect.header("location").contains("X-Amz-Expires=300"));
    let file = api.download(link).await.expect(200);
    assert_eq!(file.body, CONTENT);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"Caf_.pdf\"; filename*=UTF-8''Caf%C3%A9.pdf"
    );
    assert_eq!(file.header("accept-ranges"), "bytes");
    for (range, status, expected) in [
        ("bytes=0-3", 206, "%PDF"),
        ("bytes=-6", 206, "bytes."),
        ("bytes=9-2", 200, CONTENT),
    ] {
        let part = api.download_with(link, &[("range", range)]).await;
        assert_eq!(part.expect(status).body, expected);
    }
    let outside = api.download_with(link, &[("range", "bytes=30-")]).await;
    assert_eq!(outside.expect(416).header("content-range"), "bytes */30");
    let forged = format!("{}x/a.pdf", link.rsplit_once('/').unwrap().0);
    assert_eq!(api.download(&forged).await.status, 403);
}

#[tokio::test]
async fn what_needs_no_bytes_is_answered_by_the_gateway() {
    let linked = linked(S3::shared().bucket().objects()).await;
    let (api, link) = (&linked.api, linked.result.as_str());
    let head = fetch(api, Method::HEAD, link, &[]).await.expect(200);
    assert_eq!(head.header("content-length"), CONTENT.len().to_string());
    assert_eq!(head.header("content-type"), "application/pdf");
    let part = fetch(api, Method::HEAD, link, &[("range", "bytes=1-2")]).await;
    assert_eq!(part.expect(206).header("content-range"), "bytes 1-2/30");
    let known = [("if-none-match", head.header("etag"))];
    fetch(api, Method::GET, link, &known).await.expect(304);
    let preview = fetch(api, Method::GET, &linked.preview, &[])
        .await
        .expect(200);
    assert_eq!(preview.body, CONTENT);
    assert_eq!(preview.header("content-type"), "image/webp");
}

#[tokio::test]
async fn a_result_that_is_gone_is_410_and_not_a_link_to_nothing() {
    let linked = linked(S3::shared().bucket().objects()).await;
    linked.objects.delete(&linked.key).await.unwrap();
    for method in [Method::GET, Method::HEAD] {
        fetch(&linked.api, method, &linked.result, &[])
            .await
            .expect(410);
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_503_and_not_a_link_to_nothing() {
    let server = S3::start();
    let linked = linked(server.bucket().objects()).await;
    server.refuse(true);
    for link in [&linked.result, &linked.preview] {
        let answer = fetch(&linked.api, Method::GET, link, &[]).await.expect(503);
        assert_eq!(answer.header("retry-after"), "5");
    }
    server.refuse(false);
    linked.api.download(&linked.result).await.expect(200);
}
