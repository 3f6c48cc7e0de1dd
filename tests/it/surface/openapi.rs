//! The description of the API against a running server: each of its examples works, and is answered as described.

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
    let json = [("content-type", "application/json")];
    let (mut files, mut jobs, mut others) = (0, 0, 0);
    for example in examples(&api, &site).await {
        let Example {
            method,
            target,
            body,
            answers,
            converts,
        } = example;
        let shown = format!("{method} {target} {body}");
        println!("{shown}");
        let answer = api
            .send(method, &target, &json, body.into())
            .await
            .expect_success();
        let status = answer.status.to_string();
        let described = &answers[&status]["content"];
        let media = answer
            .header("content-type")
            .split(';')
            .next()
            .unwrap_or_default();
        assert!(
            !described[media].is_null(),
            "{shown}: {status} {media} is not described"
        );
        match (converts, media) {
            (true, "application/json") => {
                let job = answer.json();
                api.succeeded(&api::text(&job, "jobId")).await;
                jobs += 1;
            }
            (true, _) => files += 1,
            (false, _) => others += 1,
        }
    }
    assert!(
        files >= 10 && jobs >= 10 && others >= 15,
        "{files} files, {jobs} jobs, {others} others"
    );
}
