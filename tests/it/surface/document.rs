//! What a PDF says of itself, and how its readers find their way in it.

use platen_tests::*;
use serde_json::{Value, json};

const CHAPTERS: &str = "<h1>First chapter</h1><h2>A section</h2><p style='break-after:page'>Words</p><h1>Second chapter</h1>";

#[tokio::test]
async fn headings_become_bookmarks_and_the_tag_tree_comes_with_them() {
    let api = tenant().await;
    let plain = api.pdf(json!({ "html": html(CHAPTERS) })).await;
    assert_eq!(plain.bookmarks(), Vec::<(usize, String)>::new());
    let pdf = api
        .pdf(json!({ "html": html(CHAPTERS), "outline": true }))
        .await;
    let expected = [
        (1, "First chapter"),
        (1, "A section"),
        (2, "Second chapter"),
    ];
    let expected = expected.map(|(page, title)| (page, title.to_owned()));
    assert_eq!(pdf.bookmarks(), expected);
    assert!(pdf.is_tagged());
    let tagged = api
        .pdf(json!({ "html": html(CHAPTERS), "tagged": true }))
        .await;
    assert!(tagged.is_tagged());
}

#[tokio::test]
async fn a_pdf_says_what_it_was_given_to_say() {
    let api = tenant().await;
    let said = json!({ "title": "Année (2026) Ж", "author": "A. B.", "subject": "Sums", "keywords": ["one", "two"] });
    for more in [json!({}), json!({ "outline": true })] {
        let options = api::with(more, "html", html(CHAPTERS));
        let pdf = api.pdf(api::with(options, "metadata", said.clone())).await;
        for (key, value) in [
            ("Title", "Année (2026) Ж"),
            ("Author", "A. B."),
            ("Subject", "Sums"),
            ("Keywords", "one, two"),
        ] {
            assert_eq!(pdf.info(key), value);
        }
        assert!(
            pdf.info("Producer").contains("Skia"),
            "what the browser wrote stays"
        );
        assert_eq!(pdf.pages(), 2);
        pdf.assert_sound();
    }
}

#[tokio::test]
async fn what_is_not_said_stays_and_a_preview_is_drawn_of_it() {
    let api = tenant().await;
    let options: Value = json!({ "html": html("Words"), "metadata": { "author": "A. B." }, "generatePreview": true });
    let job = api.convert("/v2/html/pdf", options).await;
    let file = api.download(&api::text(&job, "assetUrl")).await.expect(200);
    let pdf = Pdf::new(&file.body);
    assert_eq!(
        (pdf.info("Title"), pdf.info("Author")),
        ("A test page".to_owned(), "A. B.".to_owned())
    );
    let preview = api
        .download(&api::text(&job, "previewUrl"))
        .await
        .expect(200);
    assert!(Picture::decode(&preview.body).size().0 > 100);
}
