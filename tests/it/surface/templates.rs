//! Templates as their users see them: documents of data, long invoices, kept templates, and hostile ones.

use std::time::{Duration, Instant};

use hyper::Method;
use platen_tests::html::encoded;
use platen_tests::*;
use serde_json::{Value, json};

/// A conversion of a template that is waited for: its file.
async fn file(api: &Tenant, target: &str, options: Value) -> hyper::body::Bytes {
    let job = api
        .convert(&format!("/v2/template/{target}"), options)
        .await;
    let asset = api.download(&api::text(&job, "assetUrl")).await;
    asset.expect(200).body
}

async fn pdf(api: &Tenant, options: Value) -> Pdf {
    Pdf::new(&file(api, "pdf", options).await)
}

#[tokio::test]
async fn money_and_dates_are_printed_in_the_words_of_the_locale() {
    let api = tenant().await;
    let template = "<meta charset=utf-8>{% for row in rows %}<p>{{ formatCurrency(row.locale, row.currency, row.amount) }} \
        {{ formatDateTime(row.locale, date) }}</p>{% endfor %}<p>{{ name }}</p>";
    let data = json!({
        "date": "27 March, 2020",
        "name": "Müller & <Söhne>",
        "rows": [
            { "locale": "en-GB", "currency": "EUR", "amount": 150.1 },
            { "locale": "de_DE", "currency": "EUR", "amount": 1234.5 },
            { "locale": "fr-FR", "currency": "EUR", "amount": 8 },
        ],
    });
    let made = pdf(&api, json!({ "template": encoded(template), "data": data })).await;
    let text = made.text().replace(['\u{a0}', '\u{202f}'], " ");
    for line in [
        "€150.10 27 March 2020",
        "1.234,50 € 27. März 2020",
        "8,00 € 27 mars 2020",
        "Müller & <Söhne>",
    ] {
        assert!(text.contains(line), "`{line}` is missing in {text}");
    }
    let corner = made.words().into_iter().next().unwrap();
    assert!(
        corner.left < 10.0,
        "templates have no margins of ours: {corner:?}"
    );
}

#[tokio::test]
async fn a_form_carries_a_template_its_data_and_the_options() {
    let api = tenant().await;
    let body = [
        ("options", "{\"async\":false,\"format\":\"a5\",\"landscape\":true}"),
        ("template", "<h1>{{ greeting }}, {{ name.toUpperCase() }}</h1>"),
        ("data", "{\"greeting\":\"Hello\",\"name\":\"paper\"}"),
    ]
    .map(|(name, text)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n{text}\r\n")
    })
    .concat();
    let headers = [("content-type", "multipart/form-data; boundary=edge")];
    let body = format!("{body}--edge--\r\n");
    let answer = api
        .send(Method::POST, "/v1/template/pdf", &headers, body.into())
        .await;
    let made = Pdf::new(&answer.expect(200).body);
    assert!(made.text().contains("Hello, PAPER"), "{}", made.text());
    made.assert_size((595, 420), &"half of A4");
}

#[tokio::test]
async fn a_long_invoice_repeats_its_head_and_cuts_no_row() {
    let api = tenant().await;
    let sample = api
        .get("/v2/template/professional-invoice")
        .await
        .expect(200)
        .json();
    let mut data = sample["sampleData"].clone();
    let item = |number: u32| {
        json!({
            "title": format!("Item-{number}"), "description": format!("Details-{number}"),
            "quantity": 3, "unit_price": 10.25, "amount": null,
        })
    };
    data["items"] = (1..=47).map(item).collect();
    let made = pdf(
        &api,
        json!({ "templateId": "professional-invoice", "data": data }),
    )
    .await;
    made.assert_size((595, 842), &"A4, as the template says");
    let pages = made.page_texts();
    assert!(pages.len() >= 3, "{} pages", pages.len());
    let words = made.words();
    for number in 1..=47 {
        let place = |text: String| {
            let word = words.iter().find(|word| word.text == text);
            word.unwrap_or_else(|| panic!("no {text}")).clone()
        };
        let (title, details) = (
            place(format!("Item-{number}")),
            place(format!("Details-{number}")),
        );
        assert_eq!(title.page, details.page, "row {number} is cut");
        let head = words
            .iter()
            .find(|word| word.page == title.page && word.text == "QUANTITY");
        let head = head.unwrap_or_else(|| panic!("no head on page {}", title.page));
        assert!(head.bottom <= title.top, "row {number} is above the head");
        assert!(
            title.top > 40.0 && details.bottom < 800.0,
            "row {number} is in the margin"
        );
    }
    let all = pages.join("\n");
    // 47 × 3 × 10.25, and a fifth of it.
    for sum in [
        "£30.75",
        "£1,445.25",
        "£289.05",
        "£1,734.30",
        "2 December 2026",
    ] {
        assert!(all.contains(sum), "{sum}");
    }
    for (number, page) in pages.iter().enumerate() {
        let footer = format!("Page {} of {}", number + 1, pages.len());
        assert!(page.contains(&footer), "{footer}");
    }
}

#[tokio::test]
async fn a_card_of_the_gallery_has_its_own_size_and_colour() {
    let api = tenant().await;
    let data = json!({ "title": "Words", "site_name": "Site", "accent": "#00ff40" });
    let options = json!({ "templateId": "social-card", "data": data });
    let card = Picture::decode(&file(&api, "image", options).await);
    assert_eq!(card.size(), (1200, 630));
    let [red, green, ..] = card.at(1060, 50);
    assert!(
        green > 150 && green > red.saturating_add(60),
        "the accent shows: {red} {green}"
    );
}

#[tokio::test]
async fn a_template_from_the_command_line_is_its_owners_and_has_versions() {
    let api = tenant().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.html");
    let file = path.to_str().unwrap();
    std::fs::write(&path, "<p>First {{ name }}</p>").unwrap();
    let cli = api.cli();
    let created = cli.run(&["template", "create", api.account(), file]).await;
    let id = api::text(&created, "template_id");
    assert!(id.starts_with("u-"), "{id}");
    std::fs::write(&path, "<p>Second {{ name }}</p>").unwrap();
    let updated = cli
        .run(&[
            "template",
            "update",
            api.account(),
            &id,
            file,
            "--title",
            "A letter",
        ])
        .await;
    assert_eq!(
        (&updated["version"], &updated["title"]),
        (&json!(2), &json!("A letter"))
    );
    let options = |version: Value| json!({ "templateId": id, "templateVersion": version, "data": { "name": "Ada" } });
    let newest = pdf(&api, options(json!(null))).await;
    assert!(newest.text().contains("Second Ada"), "{}", newest.text());
    let first = pdf(&api, options(json!(1))).await;
    assert!(first.text().contains("First Ada"), "{}", first.text());
    let stranger = tenant().await;
    stranger
        .post("/v2/template/pdf", &options(json!(null)))
        .await
        .expect(404);
    stranger
        .get(&format!("/v2/template/{id}"))
        .await
        .expect(404);
    std::fs::write(&path, "{% if %}").unwrap();
    let error = cli
        .fail(&["template", "update", api.account(), &id, file])
        .await;
    assert!(error.contains("line 1, column"), "{error}");
}

#[tokio::test]
async fn hostile_templates_are_refused_soon_and_cost_nothing() {
    let api = tenant().await;
    for template in [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set s = 'xxxxxxxxxx' %}{% for a in range(27) %}{% set s = s ~ s %}{% endfor %}{{ s }}",
        // Values that few steps make, and that would take years to compare or to print.
        "{% set a = [1] %}{% set b = [1] %}{% for i in range(60) %}{% set a = [a, a] %}{% set b = [b, b] %}{% endfor %}{{ a == b }}",
        "{% set a = [1] %}{% for i in range(60) %}{% set a = [a, a] %}{% endfor %}{{ a }}",
    ] {
        let started = Instant::now();
        let answer = api
            .post(
                "/v2/template/pdf",
                &json!({ "template": encoded(template) }),
            )
            .await;
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{template}: {:?}",
            started.elapsed()
        );
        let body = answer.expect(400).json();
        assert_eq!(body["details"]["field"], "template", "{body}");
    }
    assert_eq!(api.credit().await, Tenant::CREDIT);
    assert_eq!(api.jobs().await, Vec::<Value>::new());
}
