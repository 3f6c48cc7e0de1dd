//! Templates at the gateway: what becomes of them, who sees them, and what is refused without a charge.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::credits::Credits;
use common::job::Mode;
use common::task::{Document, Output, Paper, Source};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::support::{Answer, Harness, path_of, request};

fn encoded(template: &str) -> Value {
    BASE64_STANDARD.encode(template).into()
}

/// The document of the next job.
async fn document(gateway: &Harness) -> String {
    match gateway.take(Mode::Async).await.1.source {
        Source::Html(Document::Inline(html)) => html,
        source @ (Source::Url(_) | Source::Html(_)) => {
            panic!("a short document was expected: {source:?}")
        }
    }
}

async fn kept(gateway: &Harness, template: &str) -> String {
    let body = json!({ "template": encoded(template), "title": "Mine", "sampleData": { "a": 1 } });
    let answer = gateway.post("/v2/templates", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn send(gateway: &Harness, method: Method, path: &str, body: &Value) -> Answer {
    let body = body.to_string().into();
    gateway
        .send(request(method, path, &gateway.key, body))
        .await
}

#[tokio::test]
async fn a_template_becomes_the_document_of_an_ordinary_page() {
    let gateway = Harness::new().await;
    let template = encoded("<p>Hello {{ name }}</p>");
    for data in [json!({ "name": "A & B" }), json!("{\"name\": \"A & B\"}")] {
        let body = json!({ "template": template, "data": data, "name": "Letter" });
        let answer = gateway.post("/v2/template/pdf", &body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let (message, task) = gateway.take(Mode::Async).await;
        let inline = Document::Inline("<p>Hello A &amp; B</p>".to_owned());
        assert_eq!(task.source, Source::Html(inline));
        let Output::Pdf(pdf) = task.output else {
            panic!("a PDF was asked for");
        };
        let margins = pdf.margins.top.as_inches() + pdf.margins.left.as_inches();
        assert!(margins < 1e-9);
        let job = gateway
            .get(&format!("/v2/jobs/{}", message.job))
            .await
            .json();
        assert_eq!(
            (&job["type"], &job["name"]),
            (&json!("template-pdf"), &json!("Letter"))
        );
        assert_eq!(job["params"]["data"], "...");
        assert_eq!(job["params"]["template"], "...");
    }
    assert_eq!(gateway.balance().await, Credits::whole(98));
}

#[tokio::test]
async fn a_form_carries_the_template_as_it_is() {
    let gateway = Harness::new().await;
    let forms = [
        vec![
            ("options", "{\"name\":\"7\",\"landscape\":true}"),
            ("template", "<b>{{ x }}</b>"),
            ("data", "{\"x\":1}"),
        ],
        vec![
            ("template", "<b>{{ x }}</b>"),
            ("data", "{\"x\":1}"),
            ("name", "7"),
            ("landscape", "true"),
        ],
        vec![
            (
                "json",
                "{\"template\":\"no\",\"name\":\"7\",\"landscape\":true,\"data\":{\"x\":1}}",
            ),
            ("template", "<b>{{ x }}</b>"),
        ],
    ];
    for parts in forms {
        let parts = parts.into_iter().map(|(name, text)| {
            format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n{text}\r\n")
        });
        let body = parts.collect::<String>() + "--xx--\r\n";
        let mut request = request(Method::POST, "/v2/template/pdf", &gateway.key, body.into());
        let kind = "multipart/form-data; boundary=xx".parse().unwrap();
        request.headers_mut().insert("content-type", kind);
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let (message, task) = gateway.take(Mode::Async).await;
        assert_eq!(
            task.source,
            Source::Html(Document::Inline("<b>1</b>".to_owned()))
        );
        assert!(matches!(task.output, Output::Pdf(pdf) if pdf.landscape));
        let row = gateway
            .parts
            .store
            .job_by_id(message.job)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.name.as_deref(), Some("7"));
    }
}

#[tokio::test]
async fn a_gallery_template_brings_its_size_and_its_sums() {
    let gateway = Harness::new().await;
    let data = json!({ "items": [{ "title": "Pen", "quantity": 2, "unit_price": 4, "amount": null }], "amount": null });
    let body = json!({ "templateId": "professional-invoice", "data": data });
    let answer = gateway.post("/v2/template/pdf", &body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let (_, task) = gateway.take(Mode::Async).await;
    assert!(matches!(task.source, Source::Html(Document::Inline(html)) if html.contains("$8.00")));
    assert!(
        matches!(task.output, Output::Pdf(pdf) if pdf.print_background && pdf.paper != Paper::LETTER)
    );
    let body = json!({ "templateId": "social-card", "data": { "title": "x" } });
    assert_eq!(gateway.post("/v2/template/image", &body).await.status, 202);
    let (_, task) = gateway.take(Mode::Async).await;
    let viewport = task.page.viewport.unwrap();
    assert_eq!((viewport.width, viewport.height), (1200, 630));
}

#[tokio::test]
async fn a_kept_template_has_versions_and_an_owner() {
    let gateway = Harness::new().await;
    let id = kept(&gateway, "first {{ a }}").await;
    let path = format!("/v2/template/{id}");
    let update = json!({ "template": encoded("second {{ a }}") });
    let updated = send(&gateway, Method::PUT, &path, &update).await.json();
    assert_eq!(
        (&updated["version"], &updated["title"]),
        (&json!(2), &json!("Mine"))
    );
    for (version, expected) in [
        (json!(null), "second 5"),
        (json!(1), "first 5"),
        (json!(2), "second 5"),
    ] {
        let body = json!({ "templateId": id, "templateVersion": version, "data": { "a": 5 } });
        assert_eq!(gateway.post("/v2/template/pdf", &body).await.status, 202);
        assert_eq!(document(&gateway).await, expected);
    }
    let read = gateway.get(&format!("{path}?version=1")).await.json();
    assert_eq!(read["template"], encoded("first {{ a }}"));
    assert_eq!(
        (&read["sampleData"], &read["type"]),
        (&json!({ "a": 1 }), &json!("pdf"))
    );
    let missing = json!({ "templateId": id, "templateVersion": 9 });
    assert_eq!(gateway.post("/v2/template/pdf", &missing).await.status, 404);

    let (_, stranger) = gateway.other(Credits::whole(5)).await;
    let body = json!({ "templateId": id });
    assert_eq!(
        gateway
            .post_as(&stranger, "/v2/template/pdf", &body)
            .await
            .status,
        404
    );
    assert_eq!(gateway.get_as(&stranger, &path).await.status, 404);
    assert_eq!(gateway.get_as("", &path).await.status, 404);
    let others = gateway.get_as(&stranger, "/v2/templates").await.json();
    assert!(
        others
            .as_array()
            .unwrap()
            .iter()
            .all(|template| template["id"] != id)
    );
    let theirs = request(
        Method::DELETE,
        &path,
        &stranger,
        json!({}).to_string().into(),
    );
    assert_eq!(gateway.send(theirs).await.status, 404);

    assert_eq!(
        send(&gateway, Method::DELETE, &path, &json!({}))
            .await
            .status,
        204
    );
    assert_eq!(gateway.post("/v2/template/pdf", &body).await.status, 404);
}

#[tokio::test]
async fn the_gallery_is_everybodys_and_shows_pictures() {
    let gateway = Harness::new().await;
    let id = kept(&gateway, "mine").await;
    let mine = gateway.get("/v2/templates").await.json();
    assert_eq!(mine[0]["id"], id, "one's own come first");
    let list = gateway
        .get_as("", "/v2/templates?type=image&expand=true")
        .await
        .json();
    let ids: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["social-card", "product-banner"]);
    for field in [
        "templateId",
        "title",
        "shortDescription",
        "searchKeywords",
        "tags",
        "category",
        "type",
        "previewUrl",
        "exampleAssetUrl",
        "highlights",
        "timestamp",
        "sampleData",
        "authorName",
    ] {
        assert!(!list[0][field].is_null(), "{field}");
    }
    let preview = gateway.get_as("", &path_of(&list[0]["previewUrl"])).await;
    assert_eq!(preview.header("content-type"), "image/png");
    let short = gateway
        .get_as("", "/v2/templates?category=ticket")
        .await
        .json();
    let fields: Vec<_> = short[0].as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["category", "id", "tags", "templateId", "title", "type"]
    );
    assert_eq!(
        gateway.get_as("", "/v2/templates?tags=none").await.json(),
        json!([])
    );
    let one = gateway.get_as("", "/v2/template/event-ticket").await.json();
    assert_eq!(one["category"], "ticket");
    assert_eq!(gateway.get_as("", "/v2/template/nothing").await.status, 404);
    assert_eq!(gateway.get_as("", "/v1/templates").await.status, 404);
    assert_eq!(
        gateway.get_as("cl-wrong", "/v2/templates").await.status,
        401
    );
}

#[expect(clippy::too_many_lines, reason = "a list of cases is data")]
#[tokio::test]
async fn what_is_wrong_is_named_and_costs_nothing() {
    let gateway = Harness::new().await;
    let endless =
        "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}";
    for (body, field, part) in [
        (json!({}), "templateId", "missing"),
        (
            json!({ "template": encoded("x"), "templateId": "receipt" }),
            "template",
            "one of the two",
        ),
        (json!({ "template": "<p>" }), "template", "encode it first"),
        (json!({ "template": encoded(" ") }), "template", "empty"),
        (
            json!({ "template": encoded("{{ absent }}") }),
            "template",
            "empty document",
        ),
        (
            json!({ "template": encoded("a\n{{ b | c }}") }),
            "template",
            "line 2, column",
        ),
        (
            json!({ "template": encoded(endless) }),
            "template",
            "more work",
        ),
        (
            json!({ "template": encoded("x"), "data": 5 }),
            "data",
            "an object",
        ),
        (
            json!({ "template": encoded("x"), "data": "[1]" }),
            "data",
            "JSON object",
        ),
        (
            json!({ "template": encoded("x"), "data": "{" }),
            "data",
            "not JSON",
        ),
        (
            json!({ "template": encoded("x"), "html": "eA==" }),
            "html",
            "template endpoint",
        ),
        (
            json!({ "templateId": "nothing" }),
            "templateId",
            "`professional-invoice`",
        ),
        (
            json!({ "templateId": "receipt", "templateVersion": 1 }),
            "templateVersion",
            "your own",
        ),
        (
            json!({ "templateId": "receipt", "format": "b7" }),
            "format",
            "a4",
        ),
    ] {
        let answer = gateway.post("/v2/template/pdf", &body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        let error = answer.json();
        assert_eq!(error["details"]["field"], field, "{body}: {error}");
        assert!(
            error["message"].as_str().unwrap().contains(part),
            "{body}: {error}"
        );
    }
    let long = "x".repeat(1024 * 1024 + 1);
    let answer = gateway
        .post("/v2/template/pdf", &json!({ "template": encoded(&long) }))
        .await;
    assert_eq!(answer.status, 413);
    let crowd = json!({ "template": encoded("x"), "sampleData": vec![0; 100_000] });
    let answer = gateway.post("/v2/templates", &crowd).await;
    assert_eq!(answer.status, 413, "counted before it is parsed");
    let broken = gateway
        .post("/v2/templates", &json!({ "template": encoded("{% if %}") }))
        .await;
    assert_eq!(broken.status, 400, "{broken:?}");
    gateway.assert_untouched().await;
}
