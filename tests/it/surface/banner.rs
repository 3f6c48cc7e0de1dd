//! Headers and footers of PDFs.

use platen_tests::html::leaves;
use platen_tests::*;
use serde_json::json;

#[tokio::test]
async fn templates_are_printed_on_every_page_with_its_number() {
    let api = tenant().await;
    let numbers = "<span class=pageNumber></span>of<span class=totalPages></span>";
    let pdf = api.pdf(json!({
        "html": html(&format!("{}<p>Leaf 3</p>", leaves(2))),
        "margin": { "top": "120px", "bottom": "120px" },
        "headerTemplate": { "method": "template", "template": format!("<div style='font-size:14px'>Above{numbers}</div>") },
        "footerTemplate": { "method": "text", "templateString": "<p>Below</p>", "style": { "font-size": "14px" } },
    }))
    .await;
    let pages = pdf.page_texts();
    assert_eq!(pages.len(), 3, "{pages:?}");
    for (index, page) in pages.iter().enumerate() {
        let number = index + 1;
        for words in [
            format!("Above{number}of3"),
            format!("Leaf {number}"),
            "Below".to_owned(),
        ] {
            assert!(
                page.contains(&words),
                "`{words}` is missing on page {number}: {page}"
            );
        }
    }
    let (above, leaf, below) = (pdf.word("Above1of3"), pdf.word("Leaf"), pdf.word("Below"));
    assert!(
        above.bottom <= leaf.top && leaf.bottom <= below.top,
        "{above:?} {leaf:?} {below:?}"
    );
}

#[tokio::test]
async fn an_extracted_element_leaves_the_body_and_is_printed_on_every_page() {
    let api = tenant().await;
    let body = format!(
        "<style>#top{{font-size:22px;color:#ff0000}}</style><div id=top>Letterhead</div>{}<p>Leaf 3</p>",
        leaves(2)
    );
    let pdf = api
        .pdf(json!({
            "html": html(&body),
            "margin": { "top": "120px" },
            "headerTemplate": { "method": "extract", "selector": "#top" },
        }))
        .await;
    let pages = pdf.page_texts();
    assert_eq!(pages.len(), 3, "{pages:?}");
    for page in &pages {
        assert_eq!(page.matches("Letterhead").count(), 1, "{page}");
    }
    let head = pdf.word("Letterhead");
    assert!(head.bottom <= 90.0, "it stands in the margin: {head:?}");
    assert!(head.bottom - head.top > 12.0, "it keeps its size: {head:?}");
    assert!(pdf.picture().has([255, 0, 0]), "it keeps its colour");
}

#[tokio::test]
async fn the_containers_style_and_margin_apply() {
    let api = tenant().await;
    let head = async |size: &str, left: &str| {
        let pdf = api.pdf(json!({
            "html": html("Words"),
            "margin": { "top": "200px" },
            "headerTemplate": { "template": "<span>Styled</span>", "style": { "font-size": size }, "margin": { "left": left } },
        }));
        pdf.await.word("Styled")
    };
    let (small, large) = (head("10px", "0").await, head("40px", "2in").await);
    let height = |word: &pdf::Word| word.bottom - word.top;
    assert!(height(&large) > 3.0 * height(&small), "{small:?} {large:?}");
    assert!(large.left - small.left > 100.0, "{small:?} {large:?}");
}

#[tokio::test]
async fn an_extracted_element_keeps_its_picture_and_the_pictures_have_their_style() {
    let (api, site) = (tenant().await, Site::start().await);
    site.page("/", "<div id=top><img src=/logo.svg></div><p>Body</p>")
        .reply("/logo.svg", Reply::picture());
    let green = async |style: serde_json::Value| {
        let options = json!({
            "url": site.url("/"),
            "margin": { "top": "160px" },
            "headerTemplate": { "method": "extract", "selector": "#top", "imageStyle": style },
        });
        let picture = api.pdf(options).await.picture();
        let (width, height) = picture.size();
        let places = (0..width).flat_map(|x| (0..height).map(move |y| (x, y)));
        let is_green = |(x, y): &(u32, u32)| picture::is_near(picture.at(*x, *y), [0, 255, 0]);
        places.filter(is_green).count()
    };
    // 40 × 40 CSS pixels are 30 × 30 points, which are the pixels here.
    let plain = green(json!({})).await;
    assert!((800..1000).contains(&plain), "{plain}");
    let wide = green(json!({ "width": "120px" })).await;
    assert!(wide > 2 * plain, "{plain} {wide}");
}
