//! Every parameter of the base, url, html and browser groups, and the exact field that it becomes.

use std::time::Duration;

use common::id::StorageId;
use common::job::Mode;
use common::task::{
    Basic, Cookie, FrameWait, ImageOptions, Media, PageOptions, PdfOptions, SameSite,
    SelectorState, SelectorWait, Viewport,
};

use super::*;

fn page(fields: &Value) -> PageOptions {
    accepted(URL_PDF, fields).task.page
}

fn base(endpoint: Endpoint, fields: &Value) -> Base {
    accepted(endpoint, fields).base
}

#[test]
fn the_smallest_requests_have_the_defaults() {
    let request = accepted(URL_PDF, &json!({}));
    let expected = Task {
        source: Source::Url("https://example.com/a".parse().unwrap()),
        page: PageOptions {
            wait_until: WaitUntil::NetworkAlmostIdle,
            ..PageOptions::default()
        },
        output: Output::Pdf(PdfOptions {
            margins: inches(0.4, 0.39, 0.39, 0.4),
            ..PdfOptions::default()
        }),
        preview: None,
        timeout: Duration::from_secs(30),
    };
    assert_eq!(request.task, expected);

    let request = accepted(HTML_IMAGE, &json!({}));
    let expected = Task {
        source: Source::Html(Document::Inline("<p>a".to_owned())),
        page: PageOptions::default(),
        output: Output::Image(ImageOptions::default()),
        preview: None,
        timeout: Duration::from_secs(30),
    };
    assert_eq!(request.task, expected);
}

#[test]
fn each_version_has_its_own_defaults() {
    let of = |endpoint, fields| {
        let base = base(endpoint, &fields);
        (base.mode, base.storage)
    };
    assert_eq!(of(v1(Conversion::UrlPdf), json!({})), (Mode::Sync, false));
    assert_eq!(of(URL_PDF, json!({})), (Mode::Async, true));
    assert_eq!(
        of(
            v1(Conversion::UrlPdf),
            json!({"async": true, "storage": "true"})
        ),
        (Mode::Async, true)
    );
    assert_eq!(
        of(URL_PDF, json!({"async": false, "storage": "false"})),
        (Mode::Sync, false)
    );
    assert_eq!(of(URL_PDF, json!({"async": false})), (Mode::Sync, true));
    assert_eq!(
        of(URL_PDF, json!({"async": null, "storage": null})),
        (Mode::Async, true)
    );
}

#[test]
fn the_base_group_names_and_keeps_the_result() {
    let all = json!({
        "webhook": "https://example.com/hook?a=b", "projectId": "N77VCoAVTHHwgmUfCYlD", "name": " Invoice 7 ",
        "filename": "invoice-7", "inline": true, "timeout": 1000,
    });
    let request = accepted(URL_PDF, &all);
    assert_eq!(request.task.timeout, Duration::from_secs(1));
    let expected = Base {
        mode: Mode::Async,
        storage: true,
        own: None,
        webhook: Some("https://example.com/hook?a=b".to_owned()),
        project_id: Some("N77VCoAVTHHwgmUfCYlD".to_owned()),
        name: Some("Invoice 7".to_owned()),
        file_name: "invoice-7.pdf".to_owned(),
        inline: true,
    };
    assert_eq!(request.base, expected);
    let empty = base(
        URL_PDF,
        &json!({"projectId": "", "name": "", "filename": ""}),
    );
    assert_eq!((empty.project_id, empty.name), (None, None));
    assert_eq!(empty.file_name, "document.pdf");

    let body = br#"{"url": "https://example.com", "webhook": "http://127.0.0.1:9/hook"}"#;
    let request = parse(URL_PDF, body, &opened()).unwrap();
    assert_eq!(
        request.base.webhook.as_deref(),
        Some("http://127.0.0.1:9/hook")
    );
}

#[test]
fn a_file_name_gets_the_extension_that_it_lacks() {
    for (fields, expected) in [
        (json!({}), "image.png"),
        (json!({"imageType": "jpg"}), "image.jpg"),
        (json!({"imageType": "jpeg", "filename": "a.JPEG"}), "a.JPEG"),
        (
            json!({"imageType": "jpg", "filename": "a.png"}),
            "a.png.jpg",
        ),
        (
            json!({"imageType": "webp", "filename": "Größe webp"}),
            "Größe webp.webp",
        ),
    ] {
        assert_eq!(base(URL_IMAGE, &fields).file_name, expected);
    }
}

#[test]
fn an_address_gives_its_credentials_away() {
    let task = accepted(
        URL_PDF,
        &json!({"url": " http://us%20er:p%3Aw@example.com:81/x?y#z "}),
    )
    .task;
    assert_eq!(
        task.source,
        Source::Url("http://example.com:81/x?y#z".parse().unwrap())
    );
    let expected = Basic {
        username: "us er".to_owned(),
        password: "p:w".to_owned(),
    };
    assert_eq!(task.page.basic, Some(expected));

    let both = json!({
        "url": "http://a:b@example.com/", "authentication": {"username": "user", "password": "secret"},
    });
    let page = page(&both);
    let expected = Basic {
        username: "user".to_owned(),
        password: "secret".to_owned(),
    };
    assert_eq!(page.basic, Some(expected));
}

#[test]
fn cookies_keep_every_part() {
    let cookies = json!([
        {"name": "a", "value": "1"},
        {
            "name": "b", "value": "x=y", "url": "https://example.com/", "domain": ".example.com", "path": "/p",
            "expiration": 2_000_000_000, "httpOnly": true, "secure": false, "sameSite": "lax",
        },
        {"name": "c", "value": "3", "expires": -1},
    ]);
    let plain = |name: &str, value: &str| Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        url: None,
        domain: None,
        path: None,
        expires: None,
        http_only: None,
        secure: None,
        same_site: None,
    };
    let full = Cookie {
        url: Some("https://example.com/".to_owned()),
        domain: Some(".example.com".to_owned()),
        path: Some("/p".to_owned()),
        expires: Some(2_000_000_000.0),
        http_only: Some(true),
        secure: Some(false),
        same_site: Some(SameSite::Lax),
        ..plain("b", "x=y")
    };
    let expected = [plain("a", "1"), full, plain("c", "3")];
    assert_eq!(page(&json!({ "cookies": cookies })).cookies, expected);
}

#[test]
fn a_document_comes_out_of_every_base64_that_callers_make() {
    let document = |html: String| {
        let task = accepted(HTML_PDF, &json!({ "html": html })).task;
        let Source::Html(Document::Inline(text)) = task.source else {
            panic!("an inline document was sent");
        };
        text
    };
    let text = "<p>ÿÿ?>>~~ größer";
    let standard = BASE64_STANDARD.encode(text);
    assert!(standard.contains('+') || standard.contains('/'));
    assert_eq!(document(standard.clone()), text);
    assert_eq!(document(standard.trim_end_matches('=').to_owned()), text);
    assert_eq!(document(standard.replace('+', "-").replace('/', "_")), text);
    assert_eq!(
        document(format!(" {}\r\n{}\n", &standard[..10], &standard[10..])),
        text
    );
    assert_eq!(
        document(BASE64_STANDARD.encode(format!("\u{feff}{text}"))),
        text
    );
    let utf16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(document(BASE64_STANDARD.encode(utf16)), text);
    let long = "<p>".repeat(100_000);
    assert_eq!(document(BASE64_STANDARD.encode(&long)), long);
}

#[test]
fn the_browser_group_becomes_page_options() {
    let all = json!({
        "waitUntil": "domcontentloaded", "autoScroll": true, "delay": 250, "timeZone": "europe/rome",
        "waitForSelector": {"selector": " #done ", "options": {"visible": true, "timeout": 1500}},
        "waitForFrame": true, "waitForFrameAttachment": true, "waitForFrameNavigation": "networkidle0",
        "waitForFrameImages": true, "waitForFrameSelector": {"selector": "p", "options": {"hidden": true, "timeout": 0}},
        "viewPort": {
            "width": 1024, "height": 768, "deviceScaleFactor": 2, "isMobile": true, "hasTouch": true,
            "isLandscape": true,
        },
        "emulateMediaType": "screen",
    });
    let wait = |selector: &str, state, milliseconds| SelectorWait {
        selector: selector.to_owned(),
        state,
        timeout: Duration::from_millis(milliseconds),
    };
    let expected = PageOptions {
        wait_until: WaitUntil::DomContentLoaded,
        wait_for_selector: Some(wait("#done", SelectorState::Visible, 1500)),
        frames: FrameWait {
            loaded: true,
            attached: true,
            navigation: Some(WaitUntil::NetworkIdle),
            images: true,
            selector: Some(wait("p", SelectorState::Hidden, 300_000)),
        },
        auto_scroll: true,
        delay: Duration::from_millis(250),
        viewport: Some(Viewport {
            width: 1024,
            height: 768,
            device_scale_factor: 2.0,
            is_mobile: true,
            has_touch: true,
            is_landscape: true,
        }),
        time_zone: Some("Europe/Rome".to_owned()),
        media: Some(Media::Screen),
        ..PageOptions::default()
    };
    assert_eq!(page(&all), expected);
    assert_eq!(accepted(HTML_PDF, &all).task.page, expected);
}

#[test]
fn the_browser_groups_words_have_their_meaning() {
    for (word, event) in [
        ("load", WaitUntil::Load),
        ("networkidle0", WaitUntil::NetworkIdle),
        ("networkidle2", WaitUntil::NetworkAlmostIdle),
    ] {
        assert_eq!(page(&json!({"waitUntil": word})).wait_until, event);
    }
    for (value, event) in [(json!(true), Some(WaitUntil::Load)), (json!(false), None)] {
        assert_eq!(
            page(&json!({"waitForFrameNavigation": value}))
                .frames
                .navigation,
            event
        );
    }
    for (value, media) in [
        (json!(null), Media::Natural),
        (json!("print"), Media::Print),
    ] {
        assert_eq!(page(&json!({"emulateMediaType": value})).media, Some(media));
    }
    let wait = page(&json!({"waitForSelector": {"selector": "p"}}))
        .wait_for_selector
        .unwrap();
    assert_eq!(
        (wait.state, wait.timeout),
        (SelectorState::Attached, Duration::from_secs(30))
    );
    let viewport = page(&json!({"viewPort": {"width": 1, "height": 10_000}}))
        .viewport
        .unwrap();
    let expected = Viewport {
        width: 1,
        height: 10_000,
        ..Viewport::default()
    };
    assert_eq!(viewport, expected);
}

#[test]
fn null_is_absent_and_unknown_fields_are_ignored() {
    let nothing = json!({
        "html": null, "batch": null, "webhook": null, "format": null, "margin": {"top": null}, "viewPort": null,
        "headerTemplate": null, "userAgent": {"a": 1}, "apiVer": "v1",
    });
    assert_eq!(
        accepted(URL_PDF, &nothing).task,
        accepted(URL_PDF, &json!({})).task
    );
}

#[test]
fn a_storage_of_ones_own_is_named_by_its_id_and_taken_by_those_who_do_not_wait() {
    let id = StorageId::new();
    let own = json!({ "id": id });
    let base = base(URL_PDF, &json!({ "storage": own }));
    assert_eq!((base.storage, base.own), (true, Some(id)));
    let v1 = v1(Conversion::HtmlPdf);
    let asked = json!({ "storage": own, "async": true });
    assert_eq!(accepted(v1, &asked).base.own, Some(id));
    assert!(with(v1, &json!({ "storage": own })).is_err());
}
