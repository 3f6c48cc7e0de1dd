//! Headers and footers of a PDF.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::pdf::Margin;

/// A header or footer. Nothing in it is loaded from outside: only `data:` URLs work, and no script runs.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Banner {
    /// HTML of its own.
    Template(BannerTemplate),
    /// An element of the page.
    Extract(BannerExtract),
}

/// A header or footer of HTML of its own. The classes `pageNumber`, `totalPages`, `title`, `date` and `url` are filled in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "template": "<p><span class=\"pageNumber\"></span> of <span class=\"totalPages\"></span></p>" }))]
pub(super) struct BannerTemplate {
    /// `template` where nothing is said.
    method: Option<TemplateMethod>,
    /// The HTML, at most 32 KiB; an empty one is no header.
    #[schema(max_length = 32_768)]
    template: Option<String>,
    /// An older name of `template`.
    #[schema(deprecated, max_length = 32_768)]
    template_string: Option<String>,
    /// The margins around it.
    margin: Option<Margin>,
    /// CSS of the box around it, such as `{"font-size": "9px"}`; at most 64 properties.
    style: Option<BTreeMap<String, StyleValue>>,
    /// CSS of every image in it; at most 64 properties.
    image_style: Option<BTreeMap<String, StyleValue>>,
}

/// A header or footer that is an element of the page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "method": "extract", "selector": "header" }))]
pub(super) struct BannerExtract {
    /// Says that an element is taken.
    method: ExtractMethod,
    /// The CSS selector of the element.
    #[schema(min_length = 1, max_length = 1024)]
    selector: String,
    /// The margins around it.
    margin: Option<Margin>,
    /// CSS of the box around it; at most 64 properties.
    style: Option<BTreeMap<String, StyleValue>>,
    /// CSS of every image in it; at most 64 properties.
    image_style: Option<BTreeMap<String, StyleValue>>,
}

/// Says that a header or footer brings its HTML.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TemplateMethod {
    /// The same as `template`.
    Text,
    /// HTML of its own.
    Template,
}

/// Says that a header or footer is taken out of the page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ExtractMethod {
    /// An element of the page.
    Extract,
}

/// The value of a CSS property.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum StyleValue {
    /// As text.
    Text(String),
    /// A bare number.
    Number(f64),
}
