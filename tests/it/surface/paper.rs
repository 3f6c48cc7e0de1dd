//! Sheets of PDFs: size, margins, ranges, scale, background.

use platen_tests::html::leaves;
use platen_tests::*;
use serde_json::{Value, json};

async fn check_sizes(cases: &[(Value, (i64, i64))]) {
    let api = tenant().await;
    for (options, size) in cases {
        let pdf = api
            .pdf(api::with(options.clone(), "html", html("Words")))
            .await;
        pdf.assert_size(*size, options);
    }
}

#[tokio::test]
async fn formats_have_their_sizes_whatever_their_case() {
    check_sizes(&[
        (json!({}), (612, 792)),
        (json!({ "format": "letter" }), (612, 792)),
        (json!({ "format": "Legal" }), (612, 1008)),
        (json!({ "format": "tabloid" }), (792, 1224)),
        (json!({ "format": "ledger" }), (1224, 792)),
        (json!({ "format": "a0" }), (2383, 3370)),
        (json!({ "format": "A4" }), (595, 842)),
        (json!({ "format": "a6" }), (297, 420)),
    ])
    .await;
}

#[tokio::test]
async fn lengths_are_pixels_or_carry_their_unit() {
    check_sizes(&[
        (json!({ "width": 480, "height": 960 }), (360, 720)),
        (json!({ "width": "480px", "height": "10in" }), (360, 720)),
        (json!({ "width": "12.7cm", "height": "254mm" }), (360, 720)),
        (
            json!({ "width": 480, "height": 960, "landscape": true }),
            (720, 360),
        ),
        (json!({ "format": "a4", "landscape": true }), (842, 595)),
        (
            json!({ "format": "a4", "width": "5in", "height": "5in" }),
            (595, 842),
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_pages_own_size_wins_only_when_it_is_preferred() {
    let api = tenant().await;
    let body = html("<style>@page { size: 4in 6in }</style>Words");
    let preferred = api
        .pdf(json!({ "html": body, "format": "a4", "preferCSSPageSize": true }))
        .await;
    preferred.assert_size((288, 432), &json!("preferred"));
    let ignored = api.pdf(json!({ "html": body, "format": "a4" })).await;
    ignored.assert_size((595, 842), &json!("not preferred"));
}

#[tokio::test]
async fn margins_move_the_text_by_what_they_say() {
    let api = tenant().await;
    let body = html("<style>p{margin:0;font:20px/20px monospace}</style><p>Corner</p>");
    let default = api.pdf(json!({ "html": body })).await.word("Corner");
    let none = api
        .pdf(json!({ "html": body, "margin": { "top": 0, "left": 0 } }))
        .await
        .word("Corner");
    let wide = api
        .pdf(json!({ "html": body, "margin": { "top": "2in", "left": "2.54cm" } }))
        .await
        .word("Corner");
    // The browser rounds margins to its own pixels.
    let near = |is: f64, want: f64| (is - want).abs() < 1.5;
    assert!(near(none.left, 0.0), "{none:?}");
    assert!(
        near(default.left - none.left, 0.4 * 72.0) && near(default.top - none.top, 0.4 * 72.0),
        "{default:?}"
    );
    assert!(
        near(wide.left - none.left, 72.0) && near(wide.top - none.top, 144.0),
        "{wide:?}"
    );
}

#[tokio::test]
async fn only_the_pages_in_the_ranges_are_printed() {
    let api = tenant().await;
    let body = html(&leaves(6));
    for (ranges, leaves) in [
        ("", vec![1, 2, 3, 4, 5, 6]),
        ("2-3, 5", vec![2, 3, 5]),
        ("6", vec![6]),
        ("4-", vec![4, 5, 6]),
        ("-2", vec![1, 2]),
    ] {
        let pdf = api.pdf(json!({ "html": body, "pageRanges": ranges })).await;
        let mut pages = pdf.page_texts();
        pages.retain(|page| !page.is_empty());
        let wanted: Vec<String> = leaves.iter().map(|leaf| format!("Leaf {leaf}")).collect();
        assert_eq!(pages, wanted, "`{ranges}`");
    }
}

#[tokio::test]
async fn scale_enlarges_the_text() {
    let api = tenant().await;
    let width = async |scale: f64| {
        let word = api
            .pdf(json!({ "html": html("<p>Measured"), "scale": scale }))
            .await
            .word("Measured");
        word.right - word.left
    };
    let (half, whole, double) = (width(0.5).await, width(1.0).await, width(2.0).await);
    assert!(
        (whole / half - 2.0).abs() < 0.1 && (double / whole - 2.0).abs() < 0.1,
        "{half} {whole} {double}"
    );
}

#[tokio::test]
async fn backgrounds_are_printed_only_when_asked() {
    let api = tenant().await;
    let body = html("<style>html{background:#0000ff}</style><p>Words");
    let printed = api
        .pdf(json!({ "html": body, "printBackground": true }))
        .await
        .picture();
    assert!(
        picture::is_near(printed.at(300, 400), [0, 0, 255]),
        "{:?}",
        printed.at(300, 400)
    );
    let plain = api.pdf(json!({ "html": body })).await.picture();
    assert!(
        picture::is_near(plain.at(300, 400), [255, 255, 255]),
        "{:?}",
        plain.at(300, 400)
    );
}

#[tokio::test]
async fn a_pdf_is_not_tagged() {
    let api = tenant().await;
    assert!(
        !api.pdf(json!({ "html": html("<h1>Words") }))
            .await
            .is_tagged()
    );
}
