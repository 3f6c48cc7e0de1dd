//! Print options.

use std::collections::BTreeMap;

use common::job::FailureKind;
use common::task::{Banner, BannerSource, Length, Margins, Output, Paper, PdfOptions, Task};

use super::{fails, with};
use crate::testing::{INVOICE, info, pdf, render, run, text};

fn printed(html: &str, change: impl FnOnce(&mut PdfOptions)) -> Task {
    with(pdf(html), |task| {
        if let Output::Pdf(options) = &mut task.output {
            change(options);
        }
    })
}

fn banner(source: BannerSource) -> Banner {
    Banner {
        source,
        margin: None,
        style: BTreeMap::from([("font-size".into(), "12px".into())]),
        image_style: BTreeMap::new(),
    }
}

fn margins(inches: f64) -> Margins {
    let side = Length::inches(inches);
    Margins {
        top: side,
        right: side,
        bottom: side,
        left: side,
    }
}

const THREE_PAGES: &str =
    "<style>div{break-after:page}</style><div>first</div><div>second</div>third";

#[test]
fn a_document_becomes_an_untagged_pdf_with_its_text() {
    run(async {
        let made = render(&pdf(INVOICE)).await.unwrap();
        assert!(text(&made).await.contains("Invoice 42"));
        let said = info(&made).await;
        assert!(
            said.contains("612 x 792 pts") && said.contains("Tagged:          no"),
            "{said}"
        );
        let tagged = render(&printed(INVOICE, |options| options.tagged = true))
            .await
            .unwrap();
        assert!(info(&tagged).await.contains("Tagged:          yes"));
    });
}

#[test]
fn paper_landscape_and_the_pages_own_size_are_obeyed() {
    run(async {
        let paper = Paper {
            width: Length::inches(4.0),
            height: Length::inches(6.0),
        };
        let made = render(&printed(INVOICE, |options| options.paper = paper))
            .await
            .unwrap();
        assert!(info(&made).await.contains("288 x 432 pts"));
        let turned = printed(INVOICE, |options| options.landscape = true);
        assert!(
            info(&render(&turned).await.unwrap())
                .await
                .contains("792 x 612 pts")
        );
        let own = printed("<style>@page{size:3in 5in}</style>x", |options| {
            options.prefer_css_page_size = true;
        });
        assert!(
            info(&render(&own).await.unwrap())
                .await
                .contains("216 x 360 pts")
        );
    });
}

#[test]
fn ranges_pick_pages_and_one_beyond_the_end_is_named() {
    run(async {
        let picked = printed(THREE_PAGES, |options| options.page_ranges = "1, 3".into());
        let made = text(&render(&picked).await.unwrap()).await;
        assert!(made.contains("first") && made.contains("third") && !made.contains("second"));
        let beyond = printed(THREE_PAGES, |options| options.page_ranges = "7-9".into());
        fails(&beyond, FailureKind::Rendering, &["pageRanges", "7-9"]).await;
    });
}

#[test]
fn margins_and_scale_change_how_much_fits() {
    run(async {
        let rows = "<p>row</p>".repeat(60);
        let pages = async |change: fn(&mut PdfOptions)| {
            let made = render(&printed(&rows, change)).await.unwrap();
            let said = info(&made).await;
            let line = said
                .lines()
                .find(|line| line.starts_with("Pages:"))
                .unwrap()
                .to_owned();
            line.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
        };
        let plain = pages(|_| {}).await;
        assert!(pages(|options| options.margins = margins(2.0)).await > plain);
        assert!(pages(|options| options.scale = 0.3).await < plain);
    });
}

#[test]
fn a_header_template_and_an_extracted_footer_are_on_every_page() {
    run(async {
        let html =
            format!("<style>#f{{color:red}}</style><div id=f>Foot <b>note</b></div>{THREE_PAGES}");
        let task = printed(&html, |options| {
            options.margins = margins(1.0);
            options.header = Some(banner(BannerSource::Template(
                "<p>Head <span class=pageNumber></span>/<span class=totalPages></span></p>".into(),
            )));
            options.footer = Some(banner(BannerSource::Extract("#f".into())));
        });
        let made = text(&render(&task).await.unwrap()).await;
        for words in ["Head 1/3", "Head 3/3", "Foot note"] {
            assert!(made.contains(words), "{made}");
        }
        assert_eq!(
            made.matches("Foot note").count(),
            3,
            "taken out of the body: {made}"
        );
    });
}

#[test]
fn an_extracted_header_that_is_missing_or_no_selector_is_named() {
    run(async {
        for (selector, words) in [
            ("#none", "matches no element"),
            ("a[", "is not a CSS selector"),
        ] {
            let task = printed(INVOICE, |options| {
                options.header = Some(banner(BannerSource::Extract(selector.into())));
            });
            fails(&task, FailureKind::Rendering, &[selector, words]).await;
        }
    });
}
