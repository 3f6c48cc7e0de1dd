//! Every way to be wrong, the field that is named, and the words that help.
//!
//! The tables have a line for a case: the fields that are sent, the field that is named, and words that
//! the message has.

use super::*;
use crate::invalid::Fault;

/// Parses and asserts which field is complained about, and that the text has these words.
#[track_caller]
pub(super) fn refused(endpoint: Endpoint, fields: &Value, field: &str, words: &str) {
    let invalid = with(endpoint, fields).expect_err(&fields.to_string());
    assert_eq!(invalid.field, field, "{fields}: {invalid}");
    assert!(invalid.message.contains(words), "{fields}: {invalid}");
    assert!(invalid.message.contains(field), "{fields}: {invalid}");
    assert_eq!(invalid.fault, Fault::Wrong);
}

#[track_caller]
pub(super) fn all_refused(endpoint: Endpoint, table: &str) {
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<_> = line.trim().split(" => ").collect();
        let [fields, field, words] = cells.try_into().expect(line);
        refused(
            endpoint,
            &serde_json::from_str(fields).expect(line),
            field,
            words,
        );
    }
}

#[test]
fn a_body_that_is_no_json_object() {
    for (body, words) in [
        ("", "empty"),
        (" \n", "empty"),
        ("[]", "JSON object"),
        ("url=https://example.com", "JSON object"),
        (
            "{\"url\": \"https://a.b\",\n \"async\": tru}",
            "line 2 column",
        ),
        ("{\"url\": \"https://a.b\"", "line 1 column"),
        ("{\"url\": \"https://a.b\"} {}", "trailing"),
    ] {
        let invalid = parse(URL_PDF, body.as_bytes(), &Policy::default()).unwrap_err();
        assert_eq!(invalid.field, "");
        assert!(invalid.message.contains(words), "{body}: {invalid}");
    }
    let invalid = parse(URL_PDF, b"{\"scale\": 1e999}", &Policy::default()).unwrap_err();
    assert_eq!(invalid.field, "scale");
    let marked = b"\xef\xbb\xbf{\"url\": \"https://a.b\"}";
    assert!(parse(URL_PDF, marked, &Policy::default()).is_ok());
}

#[test]
fn the_base_group() {
    all_refused(
        URL_PDF,
        r#"
        {"async": "yes"} => async => a boolean, true or false, not "yes"
        {"async": 1} => async => not 1
        {"storage": "maybe"} => storage => boolean
        {"storage": {"id": "abc"}} => storage.id => no storage of this account
        {"storage": {"id": ""}} => storage.id => must not be empty
        {"storage": {"id": 5}} => storage.id => must be a string
        {"storage": {}} => storage.id => is missing
        {"storage": {"id": "sto_00000000000070008000000000000000"}, "async": false} => async => must be true
        {"storage": false} => storage => `async: false`
        {"async": true, "storage": false} => storage => must be true when `async` is true
        {"webhook": "http://example.com/"} => webhook => https
        {"webhook": "example.com"} => webhook => https
        {"webhook": 5} => webhook => a string, not 5
        {"projectId": "a b"} => projectId => 64 letters
        {"name": "a\r\nb"} => name => line breaks
        {"name": "../../etc"} => name => `../`
        {"filename": "../a.pdf"} => filename => bare file name
        {"filename": "a/b.pdf"} => filename => bare file name
        {"filename": "a\\b.pdf"} => filename => bare file name
        {"filename": ".."} => filename => bare file name
        {"filename": "a\r\nSet-Cookie: b"} => filename => line breaks
        {"inline": "no"} => inline => boolean
        {"timeout": -5} => timeout => a whole number from 1000 to 300000, not -5
        {"timeout": 999} => timeout => 1000 to 300000
        {"timeout": 300001} => timeout => 1000 to 300000
        {"timeout": 1000.5} => timeout => whole number
        {"timeout": "30000"} => timeout => whole number
        "#,
    );
    let long = "x".repeat(201);
    refused(URL_PDF, &json!({ "name": long }), "name", "200 characters");
    refused(
        URL_PDF,
        &json!({ "filename": long }),
        "filename",
        "200 bytes",
    );
    refused(URL_PDF, &json!({ "projectId": long }), "projectId", "64");
    let v1 = v1(Conversion::UrlPdf);
    refused(v1, &json!({ "async": true }), "storage", "`storage: true`");
}

#[test]
fn the_url_group() {
    all_refused(
        URL_PDF,
        r#"
        {"url": null} => url => is missing
        {"url": ""} => url => absolute address
        {"url": 7} => url => a string, not 7
        {"url": "example.com/a"} => url => absolute address
        {"url": "ftp://example.com/"} => url => `ftp` is not allowed
        {"url": "file:///etc/passwd"} => url => `file` is not allowed
        {"url": "javascript:alert(1)"} => url => `javascript` is not allowed
        {"url": "view-source:https://a.b"} => url => `view-source` is not allowed
        {"url": "https://"} => url => empty host
        {"url": "https://a:99999/"} => url => invalid port
        {"url": "https://a%3Ab:c@example.com/"} => url => use `authentication`
        {"url": "https://%ff@example.com/"} => url => use `authentication`
        {"html": "PGI+"} => html => url-pdf, which takes `url`
        {"batch": ["https://a.b"]} => batch => together with `url`
        {"authentication": "a:b"} => authentication => an object
        {"authentication": {"username": "a"}} => authentication.password => is missing
        {"authentication": {"username": "", "password": "b"}} => authentication.username => empty
        {"authentication": {"username": "a:", "password": "b"}} => authentication.username => `:`
        "#,
    );
    let long = format!("https://a.b/{}", "x".repeat(8 * 1024));
    refused(URL_PDF, &json!({ "url": long }), "url", "8192 bytes");
}

#[test]
fn cookies() {
    all_refused(
        URL_PDF,
        r#"
        {"cookies": {"name": "a"}} => cookies => a list
        {"cookies": ["a=b"]} => cookies[0] => an object
        {"cookies": [{"name": "a", "value": "1"}, {}]} => cookies[1].name => is missing
        {"cookies": [{"name": "", "value": "1"}]} => cookies[0].name => empty
        {"cookies": [{"name": "a;b", "value": "1"}]} => cookies[0].name => without `;`
        {"cookies": [{"name": "a"}]} => cookies[0].value => is missing
        {"cookies": [{"name": "a", "value": "a\nb"}]} => cookies[0].value => control
        {"cookies": [{"name": "a", "value": "a;b"}]} => cookies[0].value => `;`
        {"cookies": [{"name": "a", "value": "1", "url": "file:///x"}]} => cookies[0].url => `file`
        {"cookies": [{"name": "a", "value": "1", "domain": "a b"}]} => cookies[0].domain => host name
        {"cookies": [{"name": "a", "value": "1", "path": "p"}]} => cookies[0].path => begins with `/`
        {"cookies": [{"name": "a", "value": "1", "expires": "soon"}]} => cookies[0].expires => a number
        {"cookies": [{"name": "a", "value": "1", "expiration": -2}]} => cookies[0].expiration => a number
        {"cookies": [{"name": "a", "value": "1", "secure": "yes"}]} => cookies[0].secure => boolean
        {"cookies": [{"name": "a", "value": "1", "sameSite": "Any"}]} => cookies[0].sameSite => `Lax`, `None`, not "Any"
        "#,
    );
    let cookie = json!({"name": "a", "value": "1"});
    let many = json!({ "cookies": vec![cookie; 101] });
    refused(URL_PDF, &many, "cookies", "at most 100");
    let long = json!({"name": "a", "value": "x".repeat(4096)});
    refused(
        URL_PDF,
        &json!({ "cookies": [long] }),
        "cookies[0]",
        "4096 bytes",
    );
}

#[test]
fn the_html_group() {
    all_refused(
        HTML_PDF,
        r#"
        {"html": null} => html => is missing
        {"html": ""} => html => empty
        {"html": " \n"} => html => empty
        {"html": 1} => html => a string
        {"html": "<p>a</p>"} => html => HTML itself, encode it first
        {"html": "a*b?"} => html => base64
        {"html": "PGI+="} => html => base64
        {"html": "IAog"} => html => empty document
        {"url": "https://example.com"} => url => html-pdf, which takes `html`
        {"batch": {"urls": []}} => batch => html-pdf
        "#,
    );
    for bytes in [
        &[0x80_u8, 0x81][..],
        &[0xff, 0xfe, 0x41],
        &[0xff, 0xfe, 0x00, 0xd8],
    ] {
        let html = json!({ "html": BASE64_STANDARD.encode(bytes) });
        refused(HTML_PDF, &html, "html", "UTF-8 text, or of UTF-16");
    }
}

#[test]
fn a_long_document_that_is_no_text_is_refused_before_it_is_taken_apart() {
    let list = format!("[{}0]", r#"{"":0},"#.repeat(1000));
    let map = format!("{{\"html\":{list}}}");
    for (name, value, words) in [
        (
            "html",
            &list,
            "a string, the base64 of an HTML document, not a list",
        ),
        ("html", &map, "not an object"),
        (
            "template",
            &map,
            "a string, the base64 of a template, not an object",
        ),
        ("data", &list, "an object, not a list"),
        ("html", &"9".repeat(2000), "not a long number"),
    ] {
        let body = format!("{{\"{name}\": {value}}}");
        let invalid = body::read(body.as_bytes()).unwrap_err();
        assert_eq!(
            (invalid.field.as_str(), invalid.fault),
            (name, Fault::Wrong)
        );
        assert!(invalid.message.contains(words), "{invalid}");
    }
    let data = format!("{{\"data\": {map}}}");
    assert_eq!(body::read(data.as_bytes()).unwrap()["data"], map);
}

#[tokio::test]
async fn a_document_in_a_form_is_a_text_whatever_it_looks_like() {
    let kind = "multipart/form-data; boundary=xx".parse().unwrap();
    let headers = http::HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind)]);
    let part = "--xx\r\ncontent-disposition: form-data; name=\"html\"\r\n\r\n[1, 2]\r\n--xx--\r\n";
    let options = read_form(&headers, part.into()).await.unwrap();
    assert_eq!(options["html"], "[1, 2]");
}

#[test]
fn the_browser_group() {
    all_refused(
        URL_PDF,
        r#"
        {"waitUntil": "idle"} => waitUntil => one of `load`, `domcontentloaded`, `networkidle0`
        {"waitUntil": true} => waitUntil => a string, not true
        {"waitForSelector": "p"} => waitForSelector => an object
        {"waitForSelector": {}} => waitForSelector.selector => is missing
        {"waitForSelector": {"selector": " "}} => waitForSelector.selector => 1 to 1024
        {"waitForSelector": {"selector": "p", "options": 1}} => waitForSelector.options => an object
        {"waitForSelector": {"selector": "p", "options": {"visible": true, "hidden": true}}} => waitForSelector.options.hidden => together with `visible`
        {"waitForSelector": {"selector": "p", "options": {"timeout": -1}}} => waitForSelector.options.timeout => -1
        {"waitForFrame": "x"} => waitForFrame => boolean
        {"waitForFrameNavigation": "never"} => waitForFrameNavigation => `load`
        {"waitForFrameSelector": {"selector": 1}} => waitForFrameSelector.selector => a string
        {"autoScroll": 1} => autoScroll => boolean
        {"delay": -1} => delay => 0 to 300000
        {"viewPort": {"width": 800}} => viewPort.height => is missing
        {"viewPort": {"width": 0, "height": 1}} => viewPort.width => 1 to 10000, not 0
        {"viewPort": {"width": 1, "height": 10001}} => viewPort.height => 1 to 10000
        {"viewPort": {"width": 1, "height": 1, "deviceScaleFactor": 0}} => viewPort.deviceScaleFactor => from 0.1 to 10
        {"viewPort": {"width": 10000, "height": 10000, "deviceScaleFactor": 1.1}} => viewPort => 100 million
        {"viewPort": {"width": 1, "height": 1, "isMobile": 1}} => viewPort.isMobile => boolean
        {"timeZone": "Mars/Olympus"} => timeZone => such as `Europe/Rome`, not "Mars/Olympus"
        {"timeZone": ""} => timeZone => not an empty string
        {"emulateMediaType": "braille"} => emulateMediaType => `screen`, `print`
        {"emulateMediaType": 1} => emulateMediaType => or null
        "#,
    );
    let long = json!({ "waitForSelector": { "selector": "x".repeat(1025) } });
    refused(URL_PDF, &long, "waitForSelector.selector", "1 to 1024");
}

#[test]
fn the_pdf_group() {
    all_refused(
        HTML_PDF,
        r#"
        {"format": "b5"} => format => `a4`
        {"format": 4} => format => a string
        {"width": "10em"} => width => `px`, `in`, `cm` or `mm`
        {"width": "1000000in"} => width => from 0 to 1000 in
        {"height": 0} => height => at least 0.1 in
        {"height": -1} => height => from 0 to 1000 in
        {"margin": "1in"} => margin => an object
        {"margin": {"top": "-1in"}} => margin.top => a length
        {"margin": {"left": true}} => margin.left => a length
        {"margin": {"left": "5in", "right": "3.5in"}} => margin => left and right take 8.50 in
        {"landscape": true, "margin": {"top": "8.2in"}} => margin => 8.50 in high
        {"scale": 0} => scale => from 0.1 to 2, not 0
        {"scale": 2.1} => scale => from 0.1 to 2
        {"scale": "1"} => scale => a number
        {"pageRanges": "9-2"} => pageRanges => backwards
        {"pageRanges": "0"} => pageRanges => page 0
        {"pageRanges": "x"} => pageRanges => `1-5, 8, 11-13`
        {"pageRanges": 1} => pageRanges => a string
        {"printBackground": "x"} => printBackground => boolean
        "#,
    );
    let own_size = json!({"preferCSSPageSize": true, "margin": {"left": "9in"}});
    assert!(with(HTML_PDF, &own_size).is_ok());
}

#[test]
fn headers_and_footers() {
    all_refused(
        URL_PDF,
        r#"
        {"headerTemplate": "<b>a</b>"} => headerTemplate => an object
        {"headerTemplate": {}} => headerTemplate.template => is missing
        {"headerTemplate": {"method": "file"}} => headerTemplate.method => `text`, `template`, `extract`
        {"headerTemplate": {"method": "extract"}} => headerTemplate.selector => is missing
        {"headerTemplate": {"template": "<style>@import 'x'</style>"}} => headerTemplate.template => `@import`
        {"headerTemplate": {"templateString": "<Link rel=x>"}} => headerTemplate.templateString => `<link`
        {"footerTemplate": {"template": "<script>"}} => footerTemplate.template => `<script`
        {"headerTemplate": {"template": "a", "margin": {"top": "x"}}} => headerTemplate.margin.top => a length
        {"headerTemplate": {"template": "a", "style": "x"}} => headerTemplate.style => an object
        {"headerTemplate": {"template": "a", "style": {"color": "red;"}}} => headerTemplate.style.color => ';'
        {"headerTemplate": {"template": "a", "style": {"color": []}}} => headerTemplate.style.color => a string, not a list
        {"headerTemplate": {"template": "a", "imageStyle": {"fontSize": "1px"}}} => headerTemplate.imageStyle.fontSize => lower-case
        "#,
    );
    let long = json!({ "headerTemplate": { "template": "a".repeat(32 * 1024 + 1) } });
    refused(URL_PDF, &long, "headerTemplate.template", "32 KiB");
    let names = (1..=65).map(|length| "a".repeat(length));
    let style: Value = names.map(|name| (name, json!("1px"))).collect();
    let crowded = json!({ "headerTemplate": { "template": "a", "style": style } });
    refused(URL_PDF, &crowded, "headerTemplate.style", "64 properties");
}

#[test]
fn images_and_previews() {
    all_refused(
        URL_IMAGE,
        r#"
        {"imageType": "svg"} => imageType => one of `png`, `jpg`, `jpeg`, `webp`, not "svg"
        {"quality": 101} => quality => 0 to 100, not 101
        {"quality": -1} => quality => 0 to 100
        {"trim": "x"} => trim => boolean
        {"transparent": true, "imageType": "jpg"} => transparent => use `png` or `webp`
        {"generatePreview": "yes"} => generatePreview => a boolean or an object
        {"generatePreview": {}} => generatePreview => a `width` or a `height`
        {"generatePreview": {"width": 5, "maintainAspectRatio": false}} => generatePreview => both
        {"generatePreview": {"width": 4001}} => generatePreview.width => 1 to 4000
        {"generatePreview": {"height": 5, "type": "svg"}} => generatePreview.type => `png`
        {"generatePreview": {"height": 5, "quality": 101}} => generatePreview.quality => 0 to 100
        "#,
    );
}

#[test]
fn what_is_too_large_says_so() {
    let html = |bytes: usize| json!({ "html": BASE64_STANDARD.encode(vec![b'a'; bytes]) });
    assert!(with(HTML_PDF, &html(10 * 1024 * 1024)).is_ok());
    for bytes in [10 * 1024 * 1024 + 1, 11_000_000] {
        let invalid = with(HTML_PDF, &html(bytes)).unwrap_err();
        assert!(
            invalid.fault == Fault::TooLarge && invalid.field == "html",
            "{invalid}"
        );
        assert!(invalid.message.contains("10 MiB"), "{invalid}");
    }
    let cookie = json!({"name": "a", "value": "x".repeat(4000)});
    for count in [20, 90] {
        let cookies = json!({ "cookies": vec![cookie.clone(); count] });
        let invalid = with(URL_PDF, &cookies).unwrap_err();
        assert!(invalid.fault == Fault::TooLarge, "{invalid}");
        assert!(invalid.message.contains("KiB together"), "{invalid}");
    }
}
