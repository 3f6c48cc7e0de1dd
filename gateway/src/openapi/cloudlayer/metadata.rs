//! What a PDF says of itself.

use serde::Serialize;
use utoipa::ToSchema;

/// What a PDF says of itself; no other fields.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "Invoice 42", "keywords": ["invoice", "2026"] }))]
pub(super) struct Metadata {
    /// Its title, instead of the page's.
    #[schema(min_length = 1, max_length = 1024)]
    title: Option<String>,
    /// Who wrote it.
    #[schema(min_length = 1, max_length = 1024)]
    author: Option<String>,
    /// What it is about.
    #[schema(min_length = 1, max_length = 1024)]
    subject: Option<String>,
    /// Words to find it by: at most 1024 bytes together.
    keywords: Option<Keywords>,
}

/// Words to find a PDF by.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Keywords {
    /// As one text.
    Text(String),
    /// As a list, of at most 100.
    List(Vec<String>),
}
