//! Batches of pages and merges of files: both spellings, the exact sources, and what is wrong with others.

use std::time::Duration;

use common::clock::Timestamp;
use common::id::{AssetId, StorageId};
use common::job::Mode;
use common::link::{LinkError, LinkKey, Links, Part};
use common::task::{Address, Basic, PdfSource};

use super::super::merge::{MergeRequest, Named};
use super::*;
use crate::invalid::Fault;

fn batch(version: Endpoint, fields: &Value) -> Result<Request, Invalid> {
    parse(version, fields.to_string().as_bytes(), &Policy::default())
}

fn address(url: &str, basic: Option<(&str, &str)>) -> Address {
    let basic = basic.map(|(username, password)| Basic {
        username: username.to_owned(),
        password: password.to_owned(),
    });
    let url = url.parse().unwrap();
    Address { url, basic }
}

#[test]
fn both_spellings_of_a_batch_give_the_same_pages_in_order() {
    let urls = ["https://a.test/", "https://u:p@b.test/x", "https://c.test/"];
    for spelling in [json!(urls), json!({ "urls": urls })] {
        let request = batch(URL_PDF, &json!({ "batch": spelling, "scale": 0.5 })).unwrap();
        assert_eq!(
            request.task.source,
            Source::Url("https://a.test/".parse().unwrap())
        );
        assert_eq!(request.task.page.basic, None);
        let more = vec![
            address("https://b.test/x", Some(("u", "p"))),
            address("https://c.test/", None),
        ];
        assert_eq!(request.batch, Some(more));
        assert_eq!(request.task.timeout, Duration::from_secs(90));
        let params = request.params.to_string();
        assert!(
            params.contains("https://b.test/x") && !params.contains("u:p"),
            "{params}"
        );
    }
    let twenty = vec!["https://a.test"; 20];
    let fields = json!({
        "batch": twenty,
        "authentication": { "username": "u", "password": "p" },
    });
    let request = batch(URL_PDF, &fields).unwrap();
    assert_eq!(request.task.timeout, Duration::from_mins(5));
    let more = request.batch.unwrap();
    let expected = address("https://a.test/", Some(("u", "p")));
    assert_eq!((more.len(), &more[18]), (19, &expected));
    assert_eq!(request.task.page.basic, expected.basic);
}

#[test]
fn a_batch_is_always_done_in_the_background_and_stored() {
    for endpoint in [URL_PDF, v1(Conversion::UrlPdf)] {
        for mut fields in [
            json!({}),
            json!({ "async": false }),
            json!({ "storage": true }),
        ] {
            fields["batch"] = json!(["https://a.test"]);
            let base = batch(endpoint, &fields).unwrap().base;
            assert_eq!((base.mode, base.storage), (Mode::Async, true), "{fields}");
        }
        let id = StorageId::new();
        let fields = json!({ "batch": ["https://a.test"], "storage": { "id": id.to_string() } });
        let base = batch(endpoint, &fields).unwrap().base;
        assert_eq!((base.mode, base.own), (Mode::Async, Some(id)));
        let fields = json!({ "batch": ["https://a.test"], "storage": false });
        let invalid = batch(endpoint, &fields).unwrap_err();
        assert_eq!(invalid.field, "storage");
    }
}

#[test]
fn a_batch_that_is_wrong_is_refused_by_its_field() {
    let many = ["https://a.test"; 21].to_vec();
    for (batch_value, field, words) in [
        (json!([]), "batch", "at least one"),
        (json!({ "urls": [] }), "batch.urls", "at least one"),
        (json!({}), "batch.urls", "is missing"),
        (
            json!("https://a.test"),
            "batch",
            "an object with a list `urls`",
        ),
        (json!(many), "batch", "at most 20"),
        (json!({ "urls": many }), "batch.urls", "at most 20"),
        (
            json!({ "urls": ["https://a.test", "/b"] }),
            "batch.urls[1]",
            "absolute",
        ),
        (json!(["https://a.test", "file:///b"]), "batch[1]", "`file`"),
        (json!(["https://a.test", 7]), "batch[1]", "a string"),
    ] {
        let fields = json!({ "batch": batch_value });
        for invalid in [
            batch(URL_PDF, &fields).unwrap_err(),
            merge(&fields).unwrap_err(),
        ] {
            assert_eq!(invalid.field, field, "{fields}: {invalid}");
            assert!(invalid.message.contains(words), "{fields}: {invalid}");
        }
    }
    let both = json!({ "batch": ["https://a.test"], "url": "https://a.test" });
    assert!(
        batch(URL_PDF, &both)
            .unwrap_err()
            .message
            .contains("together with `url`")
    );
    let tagged = json!({ "batch": ["https://a.test"], "tagged": true });
    let invalid = batch(URL_PDF, &tagged).unwrap_err();
    assert_eq!(invalid.field, "tagged");
    let long = vec![format!("https://a.test/{}", "x".repeat(8000)); 20];
    let invalid = batch(URL_PDF, &json!({ "batch": long })).unwrap_err();
    assert_eq!(invalid.fault, Fault::TooLarge);
}

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

fn links() -> Links {
    Links {
        key: LinkKey::new(b"link"),
        public_url: "https://platen.test".to_owned(),
    }
}

fn merge(fields: &Value) -> Result<MergeRequest, Invalid> {
    let ours = |url: &::url::Url| links().opened(url, NOW);
    let body = fields.to_string();
    merge::parse(Version::V2, body.as_bytes(), &opened(), ours)
}

#[test]
fn the_files_of_a_merge_are_asked_for_with_their_own_credentials_and_cookies() {
    let fields = json!({
        "batch": { "urls": ["https://u:p@a.test/x/a.pdf", "http://127.0.0.1:9/b.pdf"] },
        "cookies": [
            { "name": "all", "value": "1" },
            { "name": "dom", "value": "2", "domain": ".test" },
            { "name": "path", "value": "3", "path": "/x" },
            { "name": "other", "value": "4", "path": "/y", "domain": "a.test" },
            { "name": "secure", "value": "5", "secure": true },
        ],
    });
    let request = merge(&fields).unwrap();
    let source = |url, basic, cookie: &str| {
        Named::Elsewhere(PdfSource::Url {
            address: address(url, basic),
            cookie: Some(cookie.to_owned()),
        })
    };
    let first = "all=1; dom=2; path=3; secure=5";
    assert_eq!(
        request.sources,
        [
            source("https://a.test/x/a.pdf", Some(("u", "p")), first),
            source("http://127.0.0.1:9/b.pdf", None, "all=1"),
        ]
    );
    assert_eq!(request.timeout, Duration::from_mins(1));
    assert_eq!(request.base.file_name, "document.pdf");
    assert!(!request.params.to_string().contains("u:p"));
}

#[test]
fn one_url_is_a_merge_that_can_be_waited_for() {
    let request = merge(&json!({ "url": "https://a.test/a.pdf", "async": false })).unwrap();
    assert_eq!((request.sources.len(), request.base.mode), (1, Mode::Sync));
}

fn ours(urls: &Value) -> (Result<(AssetId, Part), LinkError>, String, String) {
    let request = merge(&json!({ "batch": urls })).unwrap();
    match request.sources.into_iter().next_back() {
        Some(Named::Ours { asset, field, name }) => (asset, field, name),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_link_of_ours_is_known_and_one_that_opens_nothing_says_why() {
    let (asset, later) = (AssetId::new(), NOW + Duration::from_mins(1));
    let link = links().asset(asset, Part::Result, later, "a.pdf");
    let signature = link.rsplit('/').nth(1).unwrap();
    let (opened, field, name) = ours(&json!(["https://a.test/", link]));
    assert_eq!(opened, Ok((asset, Part::Result)));
    assert_eq!(field, "batch[1]");
    assert_eq!(name, format!("platen.test/assets/{asset}"));
    for (wrong, why) in [
        (
            links().asset(asset, Part::Result, NOW, "a.pdf"),
            LinkError::Expired,
        ),
        (link.replace("/r1", "/r2"), LinkError::Forged),
    ] {
        let (opened, field, name) = ours(&json!({ "urls": [wrong] }));
        assert_eq!((opened, field.as_str()), (Err(why), "batch.urls[0]"));
        assert!(!name.contains(signature), "{name}");
    }
}

#[test]
fn a_merge_that_is_wrong_is_refused_by_its_field() {
    for (fields, field, words) in [
        (json!({}), "url", "address of a PDF file"),
        (json!({ "url": "http://a.test/a.pdf" }), "", ""),
        (
            json!({ "url": "http://10.0.0.1/a.pdf" }),
            "url",
            "must be https",
        ),
        (
            json!({ "url": "https://169.254.169.254/" }),
            "url",
            "metadata",
        ),
        (
            json!({ "url": "https://a.test", "generatePreview": true }),
            "generatePreview",
            "leave it out",
        ),
    ] {
        match merge(&fields) {
            // A name may lead into an opened range; whoever dials it looks.
            Ok(_) => assert_eq!(field, "", "{fields}"),
            Err(invalid) => {
                assert_eq!(invalid.field, field, "{fields}: {invalid}");
                assert!(invalid.message.contains(words), "{fields}: {invalid}");
            }
        }
    }
}
