//! Requests in, tasks and complaints out: one table for what is accepted and one for what is not.

mod accepted;
mod extensions;
mod joined;
mod output;
mod redacted;
mod refused;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::task::{Length, Margins};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const URL_PDF: Endpoint = v2(Conversion::UrlPdf);
const URL_IMAGE: Endpoint = v2(Conversion::UrlImage);
const HTML_PDF: Endpoint = v2(Conversion::HtmlPdf);
const HTML_IMAGE: Endpoint = v2(Conversion::HtmlImage);

const fn v2(kind: Conversion) -> Endpoint {
    Endpoint {
        version: Version::V2,
        kind,
    }
}

const fn v1(kind: Conversion) -> Endpoint {
    Endpoint {
        version: Version::V1,
        kind,
    }
}

fn opened() -> Policy {
    Policy::new(vec!["127.0.0.0/8".parse().unwrap()])
}

/// Parses the smallest request of the endpoint with these fields on top.
fn with(endpoint: Endpoint, fields: &Value) -> Result<Request, Invalid> {
    let mut body = match endpoint.kind {
        Conversion::UrlPdf | Conversion::UrlImage => json!({ "url": "https://example.com/a" }),
        Conversion::HtmlPdf | Conversion::HtmlImage => {
            json!({ "html": BASE64_STANDARD.encode("<p>a") })
        }
        Conversion::TemplatePdf | Conversion::TemplateImage => json!({}),
    };
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    parse(endpoint, body.to_string().as_bytes(), &Policy::default())
}

fn accepted(endpoint: Endpoint, fields: &Value) -> Request {
    with(endpoint, fields).unwrap_or_else(|invalid| panic!("{fields}: {invalid}"))
}

const fn inches(top: f64, right: f64, bottom: f64, left: f64) -> Margins {
    Margins {
        top: Length::inches(top),
        right: Length::inches(right),
        bottom: Length::inches(bottom),
        left: Length::inches(left),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~äé€\\x00\\n]{0,12}".prop_map(Value::from),
        prop::sample::select(&[
            "1in",
            "extract",
            "https://a.b",
            "9-2",
            "PGI+",
            "<link",
            "png",
            "true"
        ])
        .prop_map(Value::from),
    ];
    let inner_names = prop::sample::select(&[
        "top", "left", "width", "height", "selector", "options", "timeout", "method", "template",
        "style", "margin", "name", "value", "type", "quality", "username", "password", "expires",
        "id",
    ]);
    leaf.prop_recursive(3, 20, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((inner_names.clone(), inner), 0..6).prop_map(|parts| parts
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_gets_an_answer_in_bounds(
        parts in prop::collection::vec((prop::sample::select(body::KNOWN), any_json()), 0..6),
        kind in prop::sample::select(Conversion::ALL),
    ) {
        let fields = parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        match with(v2(kind), &fields) {
            Ok(request) => prop_assert!(request.params.to_string().len() <= 16 * 1024),
            Err(invalid) => {
                prop_assert!(!invalid.message.is_empty());
                prop_assert!(invalid.message.contains(&invalid.field));
            }
        }
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(parse(URL_PDF, &bytes, &Policy::default()).is_err());
    }

    #[test]
    fn margins_come_back_in_inches_and_leave_room(sides in prop::array::uniform4(0.0..4.0_f64)) {
        let [top, right, bottom, left] = sides;
        let margin = json!({
            "top": format!("{top}in"),
            "right": right * 96.0,
            "bottom": format!("{}cm", bottom * 2.54),
            "left": format!("{}mm", left * 25.4),
        });
        let request = with(URL_PDF, &json!({ "margin": margin, "format": "A4" }));
        let fits = left + right < 8.26 && top + bottom < 11.69;
        match request.map(|request| request.task.output) {
            Ok(Output::Pdf(pdf)) => {
                let got = [pdf.margins.top, pdf.margins.right, pdf.margins.bottom, pdf.margins.left];
                for (got, sent) in got.into_iter().zip(sides) {
                    prop_assert!((got.as_inches() - sent).abs() < 1e-9);
                }
            }
            Ok(Output::Image(_)) => prop_assert!(false, "a PDF was asked for"),
            Err(invalid) => prop_assert!(!fits && invalid.field == "margin", "{}", invalid),
        }
    }
}

#[test]
fn a_deep_or_crowded_body_is_answered_cheaply() {
    let deep = format!(
        "{{\"margin\":{}{}}}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let invalid = parse(URL_PDF, deep.as_bytes(), &Policy::default()).unwrap_err();
    assert_eq!(invalid.field, "margin");
    assert!(invalid.message.contains("recursion limit"), "{invalid}");

    let mut crowded = "{\"url\":\"https://example.com\"".to_owned();
    for n in 0..50_000 {
        write!(crowded, ",\"x{n}\":{{}}").unwrap();
    }
    crowded.push('}');
    let request = parse(URL_PDF, crowded.as_bytes(), &Policy::default()).unwrap();
    assert_eq!(request.params, json!({ "url": "https://example.com" }));
}
