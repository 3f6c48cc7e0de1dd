//! Platen's own options: the exact fields that they become, and every way to be wrong.

use common::task::{
    Area, ColorScheme, FailOn, Geolocation, Header, Metadata, PageOptions, PdfOptions, Reader,
};

use super::refused::{all_refused, refused};
use super::*;

fn page(fields: &Value) -> PageOptions {
    accepted(URL_PDF, fields).task.page
}

fn pdf(fields: &Value) -> PdfOptions {
    match accepted(HTML_PDF, fields).task.output {
        Output::Pdf(pdf) => pdf,
        Output::Image(_) => panic!("a PDF was asked for"),
    }
}

fn area(fields: &Value) -> Area {
    match accepted(HTML_IMAGE, fields).task.output {
        Output::Image(image) => image.area,
        Output::Pdf(_) => panic!("an image was asked for"),
    }
}

#[test]
fn the_reader_the_rules_and_the_headers_become_page_options() {
    let all = json!({
        "colorScheme": "Dark", "locale": "de_DE", "failOn": ["consoleErrors", "mainStatus"], "bestEffort": true,
        "geolocation": {"latitude": -90, "longitude": 180, "accuracy": 10},
        "headers": {"X-Token": " secret ", "Authorization": "Bearer x", "x-empty": "", "X-None": null},
    });
    let page = page(&all);
    let expected = Reader {
        color_scheme: Some(ColorScheme::Dark),
        locale: Some("de-DE".to_owned()),
        geolocation: Some(Geolocation {
            latitude: -90.0,
            longitude: 180.0,
            accuracy: 10.0,
        }),
    };
    assert_eq!(page.reader, expected);
    let expected = FailOn {
        main_status: true,
        failed_resources: false,
        console_errors: true,
    };
    assert_eq!((page.fail_on, page.best_effort), (expected, true));
    let header = |name: &str, value: &str| Header {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let expected = [
        header("Authorization", "Bearer x"),
        header("X-Token", "secret"),
        header("x-empty", ""),
    ];
    assert_eq!(page.headers, expected);
}

#[test]
fn areas_outlines_and_metadata_become_output_options() {
    assert_eq!(area(&json!({})), Area::Window);
    assert_eq!(area(&json!({"fullPage": true})), Area::Page);
    let element = Area::Element("#card".to_owned());
    assert_eq!(
        area(&json!({"selector": " #card ", "fullPage": false})),
        element
    );
    assert!(pdf(&json!({"outline": true})).outline);
    let said = json!({"title": "A Ü", "author": "B", "subject": "C", "keywords": ["d", "e"]});
    let expected = Metadata {
        title: Some("A Ü".to_owned()),
        author: Some("B".to_owned()),
        subject: Some("C".to_owned()),
        keywords: Some("d, e".to_owned()),
    };
    assert_eq!(pdf(&json!({ "metadata": said })).metadata, expected);
    let keywords = pdf(&json!({"metadata": {"keywords": "d; e"}}))
        .metadata
        .keywords;
    assert_eq!(keywords.as_deref(), Some("d; e"));
}

#[test]
fn what_is_wrong_about_pages_is_named() {
    all_refused(
        URL_PDF,
        r#"
        {"colorScheme": "blue"} => colorScheme => one of `light`, `dark`, not "blue"
        {"locale": "german"} => locale => such as `de-DE`
        {"locale": "de-"} => locale => such as `de-DE`
        {"locale": "d\u00e9"} => locale => such as `de-DE`
        {"geolocation": {"latitude": 1}} => geolocation.longitude => is missing
        {"geolocation": {"latitude": 91, "longitude": 1}} => geolocation.latitude => from -90 to 90
        {"geolocation": {"latitude": 1, "longitude": 1, "accuracy": -1}} => geolocation.accuracy => from 0
        {"failOn": "mainStatus"} => failOn => a list
        {"failOn": ["everything"]} => failOn[0] => `mainStatus`, `failedResources`, `consoleErrors`
        {"bestEffort": "x"} => bestEffort => boolean
        {"headers": []} => headers => an object
        {"headers": {"Host": "a"}} => headers.Host => the connection answers for it
        {"headers": {"content-length": "1"}} => headers.content-length => the connection
        {"headers": {"Transfer-Encoding": "chunked"}} => headers.Transfer-Encoding => the connection
        {"headers": {"Proxy-Authorization": "x"}} => headers.Proxy-Authorization => the connection
        {"headers": {"Sec-Fetch-Site": "none"}} => headers.Sec-Fetch-Site => the connection
        {"headers": {"Cookie": "a=b"}} => headers.Cookie => use `cookies`
        {"headers": {"a b": "c"}} => headers.a b => name of a header
        {"headers": {"X-A": "c\r\nX-B: d"}} => headers.X-A => without line breaks
        {"headers": {"X-A": "é"}} => headers.X-A => plain ASCII
        {"headers": {"X-A": 1}} => headers.X-A => a string, not 1
        {"headers": {"x-a": "1", "X-A": "2"}} => headers.x-a => there twice
        "#,
    );
    let many: Value = (0..51)
        .map(|number| (format!("x-{number}"), json!("1")))
        .collect();
    refused(
        URL_PDF,
        &json!({ "headers": many }),
        "headers",
        "at most 50",
    );
    let long = json!({ "headers": { "x-a": "a".repeat(4097) } });
    refused(URL_PDF, &long, "headers.x-a", "4096 bytes");
}

#[test]
fn what_is_wrong_about_outputs_is_named() {
    all_refused(
        HTML_IMAGE,
        r#"
        {"fullPage": 1} => fullPage => boolean
        {"selector": ""} => selector => a CSS selector
        {"selector": "p", "fullPage": true} => selector => together with `fullPage`
        {"headers": {"X-A": "1"}} => headers => html-image, which takes `html`
        {"geolocation": {"latitude": 1, "longitude": 1}} => geolocation => html-image
        "#,
    );
    all_refused(
        HTML_PDF,
        r#"
        {"outline": "x"} => outline => boolean
        {"metadata": "x"} => metadata => an object
        {"metadata": {"producer": "x"}} => metadata.producer => title, author, subject and keywords
        {"metadata": {"title": ""}} => metadata.title => empty
        {"metadata": {"title": "a\nb"}} => metadata.title => line breaks
        {"metadata": {"keywords": []}} => metadata.keywords => 1 to 1024
        {"metadata": {"keywords": [1]}} => metadata.keywords[0] => a string
        "#,
    );
}

#[test]
fn the_values_of_headers_do_not_stay() {
    let request = accepted(URL_PDF, &json!({"headers": {"X-Token": "secret"}}));
    assert_eq!(request.params["headers"], json!({"X-Token": "..."}));
}
