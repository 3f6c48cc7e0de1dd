//! Every parameter of the pdf, image and preview groups, and the exact field that it becomes.

use common::task::{
    Banner, BannerSource, ImageFormat, ImageOptions, Length, Paper, PdfOptions, Preview,
};

use super::*;

fn pdf(fields: &Value) -> PdfOptions {
    match accepted(URL_PDF, fields).task.output {
        Output::Pdf(pdf) => pdf,
        Output::Image(_) => panic!("a PDF was asked for"),
    }
}

fn image(fields: &Value) -> ImageOptions {
    match accepted(URL_IMAGE, fields).task.output {
        Output::Image(image) => image,
        Output::Pdf(_) => panic!("an image was asked for"),
    }
}

#[test]
fn the_pdf_group_becomes_print_options() {
    let all = json!({
        "format": "A4", "width": "1in", "landscape": true, "preferCSSPageSize": true, "scale": 0.5,
        "margin": {"top": "1in", "left": 48, "bottom": "2.54cm"}, "printBackground": true,
        "pageRanges": "8, 1-5", "tagged": true,
        "headerTemplate": {"template": "<b>a</b>"}, "footerTemplate": {"method": "extract", "selector": "footer"},
    });
    let banner = |source| Banner {
        source,
        margin: None,
        style: [].into(),
        image_style: [].into(),
    };
    let expected = PdfOptions {
        paper: Paper {
            width: Length::inches(8.27),
            height: Length::inches(11.7),
        },
        landscape: true,
        prefer_css_page_size: true,
        margins: inches(1.0, 0.39, 1.0, 0.5),
        scale: 0.5,
        print_background: true,
        page_ranges: "1-5, 8".to_owned(),
        header: Some(banner(BannerSource::Template("<b>a</b>".to_owned()))),
        footer: Some(banner(BannerSource::Extract("footer".to_owned()))),
        tagged: true,
        ..PdfOptions::default()
    };
    assert_eq!(pdf(&all), expected);
}

#[test]
fn a_sheet_may_be_named_or_measured() {
    let size = |fields| {
        let paper = pdf(&fields).paper;
        (paper.width.as_inches(), paper.height.as_inches())
    };
    for (name, expected) in [
        ("letter", (8.5, 11.0)),
        ("Legal", (8.5, 14.0)),
        ("TABLOID", (11.0, 17.0)),
        ("ledger", (17.0, 11.0)),
        ("a0", (33.1, 46.8)),
        ("a1", (23.4, 33.11)),
        ("a2", (16.54, 23.4)),
        ("a3", (11.7, 16.54)),
        ("a5", (5.83, 8.27)),
        ("a6", (4.13, 5.83)),
    ] {
        assert_eq!(
            size(json!({ "format": name, "width": 960, "height": 960 })),
            expected
        );
    }
    assert_eq!(size(json!({"width": 960, "height": "127mm"})), (10.0, 5.0));
    assert_eq!(size(json!({"height": "20in"})), (8.5, 20.0));
}

#[test]
fn a_banner_keeps_its_style() {
    let banner = |fields| pdf(&json!({ "headerTemplate": fields })).header;
    let full = banner(json!({
        "method": "text", "templateString": "<img src='data:image/png;base64,AA=='>",
        "margin": {"top": "0.5in"}, "style": {"width": "100%", "line-height": 1.5}, "imageStyle": {"height": "20px"},
    }));
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = Banner {
        source: BannerSource::Template("<img src='data:image/png;base64,AA=='>".to_owned()),
        margin: Some(inches(0.5, 0.0, 0.0, 0.0)),
        style: [text("width", "100%"), text("line-height", "1.5")].into(),
        image_style: [text("height", "20px")].into(),
    };
    assert_eq!(full, Some(expected));
    assert_eq!(banner(json!({"method": "template", "template": " "})), None);
}

#[test]
fn the_image_group_becomes_image_options() {
    for (name, format) in [
        ("png", ImageFormat::Png),
        ("JPG", ImageFormat::Jpeg),
        ("jpeg", ImageFormat::Jpeg),
        ("webp", ImageFormat::WebP),
    ] {
        let image = image(&json!({"imageType": name, "quality": 0, "trim": true}));
        let expected = ImageOptions {
            format,
            quality: 0,
            trim: true,
            ..ImageOptions::default()
        };
        assert_eq!(image, expected);
    }
    assert!(image(&json!({"imageType": "webp", "transparent": true})).transparent);
    assert_eq!(image(&json!({"quality": 55.0})).quality, 55);
}

#[test]
fn a_preview_is_the_default_one_or_as_wished() {
    let preview = |value: Value| {
        accepted(URL_IMAGE, &json!({ "generatePreview": value }))
            .task
            .preview
    };
    assert_eq!(preview(json!(false)), None);
    assert_eq!(preview(json!(true)), Some(Preview::default()));
    let wished = json!({"width": 50, "height": 4000, "type": "jpg", "quality": 75, "maintainAspectRatio": false});
    let expected = Preview {
        width: Some(50),
        height: Some(4000),
        format: ImageFormat::Jpeg,
        quality: 75,
        keep_ratio: false,
    };
    assert_eq!(preview(wished), Some(expected));
    let expected = Preview {
        width: Some(50),
        height: None,
        ..Preview::default()
    };
    assert_eq!(preview(json!({"width": 50})), Some(expected));
}
