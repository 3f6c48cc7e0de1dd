//! The description of the API against a running server: each of its examples works, and is answered as described.

use futures::{StreamExt as _, stream};
use http::Method;
use platen_tests::described::{document, operations};
use platen_tests::docx::docx;
use platen_tests::s3::S3;
use platen_tests::sheets::sheets;
use platen_tests::*;
use serde_json::{Value, json};

/// A request that the description shows.
struct Example {
    method: Method,
    target: String,
    body: String,
    /// The statuses that are described.
    answers: Value,
    converts: bool,
}

/// Every request that the description shows, on things that are there.
async fn examples(api: &Api, site: &Site) -> Vec<Example> {
    let document = document(api, site).await;
    let bucket = S3::shared().bucket().storage("Invoices");
    let own = json!({ "template": html("Mine") });
    let own = api.post("/v2/templates", &own).await.expect(201).json();
    let mut all = Vec::new();
    for (method, path, operation) in operations(&document) {
        let ends = ["/pdf", "/image", "/merge", "/docx", "/html"];
        let converts = ends.iter().any(|end| path.ends_with(end));
        let mut target = path.replace(
            "/template/{id}",
            &format!("/template/{}", api::text(&own, "id")),
        );
        let mut bodies = Vec::new();
        if method == "get" && converts {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("url", &site.url("/"))
                .finish();
            target = format!("{target}?{query}");
            bodies.push(String::new());
        }
        let content = &operation["requestBody"]["content"]["application/json"];
        for example in content["examples"].as_object().into_iter().flatten() {
            let mut body = example.1["value"].clone();
            if path.ends_with("/storage") {
                body = bucket.clone();
            }
            bodies.push(body.to_string());
        }
        for body in bodies {
            all.push(Example {
                method: method.to_ascii_uppercase().parse().expect("a method"),
                target: target.clone(),
                body,
                answers: operation["responses"].clone(),
                converts,
            });
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_description_works() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "<h1>An example</h1>");
    for name in ["/cover.pdf", "/annex.pdf"] {
        site.reply(name, Reply::new("application/pdf", sheets(&[name])));
    }
    let letter = docx(&["A letter"]);
    site.reply("/letter.docx", Reply::new("application/zip", letter));
    let (conversions, others): (Vec<_>, Vec<_>) = examples(&api, &site)
        .await
        .into_iter()
        .partition(|example| example.converts);
    let answered = conversions
        .into_iter()
        .map(|example| try_out(&api, example));
    let media: Vec<String> = stream::iter(answered).buffer_unordered(4).collect().await;
    let jobs = media.iter().filter(|it| *it == "application/json").count();
    let files = media.len() - jobs;
    let count = others.len();
    for example in others {
        try_out(&api, example).await;
    }
    assert!(
        files >= 10 && jobs >= 10 && count >= 15,
        "{files} files, {jobs} jobs, {count} others"
    );
}

/// Sends an example, finds its answer as it is described, and a job that it made ended well; the answer's media type.
async fn try_out(api: &Api, example: Example) -> String {
    let Example {
        method,
        target,
        body,
        answers,
        converts,
    } = example;
    let shown = format!("{method} {target} {body}");
    println!("{shown}");
    let json = [("content-type", "application/json")];
    let sent = api.send(method, &target, &json, body.into()).await;
    let answer = sent.expect_success();
    let status = answer.status.to_string();
    let described = &answers[&status]["content"];
    let media = answer.header("content-type").split(';').next();
    let media = media.unwrap_or_default().to_owned();
    assert!(
        !described[&media].is_null(),
        "{shown}: {status} {media} is not described"
    );
    if converts && media == "application/json" {
        let job = answer.json();
        api.succeeded(&api::text(&job, "jobId")).await;
    }
    media
}
