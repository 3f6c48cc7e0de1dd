//! The description of every body against its parser: the parser asks for the fields that are described and for no
//! others, takes every word and the ends of every range, and refuses what lies beyond.

mod kept;

use std::collections::{BTreeMap, BTreeSet};

use common::egress::Policy;
use common::task::FileConversion;
use serde_json::{Value, json};

use super::document;
use super::shape::{Case, Shape};
use crate::cloudlayer::conversion::Conversion;
use crate::cloudlayer::request::{
    Endpoint, Version, build, parse, parse_file, read_json, read_template,
};
use crate::fields::asked;
use crate::invalid::Invalid;
use crate::{cloudlayer, iterationlayer};

/// What is described and asked for, and what became of the values.
#[derive(Default)]
struct Findings {
    described: BTreeSet<String>,
    asked: BTreeSet<String>,
    /// Whether a field took a value, whatever stood beside it; and whether it should.
    taken: BTreeMap<(String, String), (bool, bool)>,
}

impl Findings {
    /// Notes what became of a case.
    fn note(&mut self, case: &Case, taken: bool) {
        self.asked.extend(asked::taken());
        self.described.insert(case.path.clone());
        if let Some(good) = case.good {
            let key = (case.path.clone(), case.value.to_string());
            self.taken.entry(key).or_insert((false, good)).0 |= taken;
        }
    }

    /// Insists that all of it agrees; `refused` are fields that are asked for to be refused.
    fn check(mut self, what: &str, refused: &[&str]) {
        for name in refused {
            assert!(
                self.asked.remove(*name),
                "{what}: {name} is not even asked for"
            );
        }
        // What lies in layouts is the same once more.
        self.asked.retain(|path| {
            !path.contains("layers[].layers[].") && !path.contains("background_layers[].")
        });
        self.described.retain(|path| {
            !path.contains("layers[].layers[].") && !path.contains("background_layers[].")
        });
        let silent: Vec<_> = self.asked.difference(&self.described).collect();
        let idle: Vec<_> = self.described.difference(&self.asked).collect();
        assert!(
            silent.is_empty(),
            "{what}: read but not described: {silent:?}"
        );
        assert!(idle.is_empty(), "{what}: described but not read: {idle:?}");
        let wrong: Vec<_> = self
            .taken
            .iter()
            .filter(|(_, (taken, good))| taken != good)
            .collect();
        assert!(
            wrong.is_empty(),
            "{what}: (field, value): (taken, should be): {wrong:#?}"
        );
    }
}

/// The schema of a request's body.
fn body<'a>(document: &'a Value, path: &str, method: &str) -> &'a Value {
    &document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
}

#[test]
fn conversions_read_what_is_described() {
    let document = document();
    let policy = Policy::default();
    for (path, kind) in [
        ("/v2/url/pdf", Conversion::UrlPdf),
        ("/v2/url/image", Conversion::UrlImage),
        ("/v2/html/pdf", Conversion::HtmlPdf),
        ("/v2/html/image", Conversion::HtmlImage),
        ("/v2/template/pdf", Conversion::TemplatePdf),
        ("/v2/template/image", Conversion::TemplateImage),
    ] {
        let version = Version::V2;
        let endpoint = Endpoint { version, kind };
        let mut findings = Findings::default();
        for case in Shape::new(&document, body(&document, path, "post")).cases() {
            let mut body = case.body.clone();
            // So that one field alone decides.
            for (name, value) in [("async", json!(false)), ("preferCSSPageSize", json!(true))] {
                if body[name].is_null() {
                    body[name] = value;
                }
            }
            if kind == Conversion::UrlPdf {
                somewhere(&mut body);
            }
            let read = match kind.template() {
                None => parse(endpoint, body.to_string().as_bytes(), &policy),
                Some(_) => of_template(endpoint, body, &policy),
            };
            findings.note(&case, read.is_ok());
        }
        let mut refused: Vec<&str> = match kind {
            Conversion::UrlPdf => vec!["html"],
            Conversion::UrlImage => vec!["html", "batch"],
            Conversion::HtmlPdf | Conversion::HtmlImage => {
                vec!["url", "batch", "headers", "geolocation"]
            }
            Conversion::TemplatePdf | Conversion::TemplateImage => {
                vec!["html", "url", "batch", "headers", "geolocation"]
            }
        };
        if path.ends_with("pdf") {
            refused.push("metadata.*");
        }
        findings.check(path, &refused);
    }
}

/// Names what is opened, unless that is what is tried.
fn somewhere(body: &mut Value) {
    if body["url"].is_null() && body["batch"].is_null() {
        body["url"] = "https://example.com/".into();
    }
}

#[test]
fn a_merge_reads_what_is_described() {
    let document = document();
    let policy = Policy::default();
    let whole = body(&document, "/v2/pdf/merge", "post");
    let mut findings = Findings::default();
    for case in Shape::new(&document, whole).cases() {
        let mut body = case.body.clone();
        if body["async"].is_null() {
            body["async"] = false.into();
        }
        somewhere(&mut body);
        let text = body.to_string();
        let read =
            cloudlayer::request::merge::parse(Version::V2, text.as_bytes(), &policy, |_| None);
        findings.note(&case, read.is_ok());
    }
    findings.check("merge", &["generatePreview"]);
}

#[test]
fn files_read_what_is_described() {
    let document = document();
    let policy = Policy::default();
    for (path, conversion) in [
        ("/v2/docx/pdf", FileConversion::DocxPdf),
        ("/v2/docx/html", FileConversion::DocxHtml),
        ("/v2/pdf/docx", FileConversion::PdfDocx),
    ] {
        let mut findings = Findings::default();
        for case in Shape::new(&document, body(&document, path, "post")).cases() {
            let mut body = case.body.clone();
            if body["async"].is_null() {
                body["async"] = false.into();
            }
            let read = read_json(body.to_string().as_bytes()).and_then(|options| {
                parse_file((Version::V2, conversion), &options, None, &policy, |_| {
                    false
                })
            });
            findings.note(&case, read.is_ok());
        }
        let refused: &[&str] = match conversion {
            FileConversion::DocxPdf => &["batch"],
            FileConversion::DocxHtml | FileConversion::PdfDocx => &["batch", "generatePreview"],
        };
        findings.check(path, refused);
    }
}

/// Reads a request whose template is there, unless it is what is tried.
fn of_template(
    endpoint: Endpoint,
    mut body: Value,
    policy: &Policy,
) -> Result<cloudlayer::request::Request, Invalid> {
    if body["templateId"].is_null() && !body["templateVersion"].is_null() {
        body["templateId"] = "u-019b76da1c007d4ea7a1c3d2e5f60722".into();
        body["template"] = Value::Null;
    } else if body["templateId"].is_null() && body["template"].is_null() {
        body["template"] = "PGgxPkhlbGxvPC9oMT4=".into();
    }
    let map = read_json(body.to_string().as_bytes())?;
    read_template(&map, false)?;
    build(endpoint, &map, policy)
}

#[test]
fn a_query_says_the_same_as_a_body() {
    let document = document();
    let policy = Policy::default();
    let mut tried = 0;
    for (path, kind) in [
        ("/v2/url/pdf", Conversion::UrlPdf),
        ("/v2/url/image", Conversion::UrlImage),
    ] {
        let version = Version::V2;
        let endpoint = Endpoint { version, kind };
        let shape = Shape::new(&document, body(&document, path, "post"));
        let parameters = document["paths"][path]["get"]["parameters"].as_array();
        let parameters: Vec<_> = parameters.unwrap().iter().collect();
        for (name, _) in shape.fields() {
            assert!(parameters.iter().any(|one| one["name"] == name), "{name}");
        }
        for case in shape.cases() {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let mut body = case.body.clone();
            if kind == Conversion::UrlPdf {
                somewhere(&mut body);
            }
            for (name, value) in body.as_object().unwrap() {
                let parameter = parameters.iter().find(|one| one["name"] == **name).unwrap();
                let text = value.as_str().filter(|_| parameter["content"].is_null());
                let text = text.map_or_else(|| value.to_string(), str::to_owned);
                query.append_pair(name, &text);
            }
            let query = query.finish();
            let asked = cloudlayer::request::query::body(&query).unwrap();
            let asked = parse(endpoint, &asked, &policy).map(|read| (read.task, read.base));
            let posted = parse(endpoint, body.to_string().as_bytes(), &policy);
            let posted = posted.map(|read| (read.task, read.base));
            assert_eq!(asked.is_ok(), posted.is_ok(), "{query}: {asked:?}");
            if posted.is_ok() {
                assert_eq!(asked, posted, "{query}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn image_generation_reads_what_is_described() {
    let document = document();
    let terms = iterationlayer::request::Terms {
        policy: Policy::default(),
        removes_backgrounds: true,
    };
    let whole = body(&document, "/image-generation/v1/generate", "post");
    let variants = document["components"]["schemas"]["Layer"]["oneOf"]
        .as_array()
        .unwrap();
    assert!(variants.len() >= 9);
    for variant in variants {
        // Each kind of layer by itself, so that none is described by what another reads.
        let mut document = document.clone();
        document["components"]["schemas"]["Layer"]["oneOf"] = json!([variant]);
        let mut findings = Findings::default();
        for case in Shape::new(&document, whole).cases() {
            let mut body = case.body.clone();
            fit(&mut body);
            let read = iterationlayer::request::parse(body.to_string().as_bytes(), &terms);
            findings.note(&case, read.is_ok());
        }
        findings.check(&variant.to_string(), &[]);
    }
}

/// Gives a barcode a value that its format holds.
fn fit(body: &mut Value) {
    for layer in body["layers"].as_array_mut().into_iter().flatten() {
        let value = match layer["format"].as_str() {
            Some("ean13") => "400638133393",
            Some("ean8" | "code39") => "1234567",
            Some("itf") => "1234",
            Some("codabar") => "A1234B",
            _ => continue,
        };
        layer["value"] = value.into();
    }
}
