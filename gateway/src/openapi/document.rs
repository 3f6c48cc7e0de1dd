//! The document as a whole.

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::schemas::Schemas;
use super::{header, operations};

const ABOUT: &str = "Platen turns web pages, HTML, templates and layer descriptions into PDFs and images. It speaks the dialects of two \
hosted services, so that their clients work with another base URL: cloudlayer.io under `/v1` and `/v2`, and Iteration Layer under \
`/image-generation` and `/v1/me`.

One key works on both, as `X-API-Key: …` or `Authorization: Bearer …`. Fields that are unknown are ignored, and null is the same as \
absent. What is marked as an extension (`x-platen-extension`) is Platen's own, and unknown to the hosted services.";

/// The groups of operations, in their order.
const TAGS: &[(&str, &str)] = &[
    (
        "Conversions",
        "Pages and documents to PDFs and pictures (cloudlayer dialect).",
    ),
    (
        "Jobs and results",
        "What became of conversions (cloudlayer dialect).",
    ),
    (
        "Templates",
        "The gallery, and templates of your own, which conversions name (cloudlayer dialect).",
    ),
    (
        "Storages",
        "Buckets of your own that take results (cloudlayer dialect).",
    ),
    (
        "Account",
        "What an account has, and whether a key works (cloudlayer dialect).",
    ),
    (
        "Webhooks",
        "The account's endpoint and what was delivered to it. All of it is an extension of Platen.",
    ),
    (
        "Image generation",
        "Pictures from layers (Iteration Layer dialect).",
    ),
    ("Key", "Whose key it is (Iteration Layer dialect)."),
    (
        "Service",
        "Whether the service is well, and this description. All of it is an extension of Platen.",
    ),
];

/// The document, for an installation that callers reach under this address.
pub(crate) fn describe(public_url: &str) -> Value {
    let operations = operations();
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for operation in operations {
        add(&mut paths, &mut schemas, operation);
    }
    let tags = TAGS
        .iter()
        .map(|(name, text)| json!({ "name": name, "description": text }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Platen",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": public_url }],
        "security": [{ "key": [] }, { "bearer": [] }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "headers": header::headers(),
            "securitySchemes": {
                "key": {
                    "type": "apiKey", "in": "header", "name": "X-API-Key",
                    "description": "The key in a header of its own.",
                },
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "The same key as a bearer token.",
                },
            },
        },
    })
}

fn add(paths: &mut Map<String, Value>, schemas: &mut Schemas, operation: Operation) {
    let Operation {
        method,
        path,
        object,
        schemas: used,
    } = operation;
    schemas.add(used);
    let item = paths.entry(path).or_insert_with(|| json!({}));
    item[method] = object;
}
