//! The bodies of the conversions: each is made of groups of fields.

use serde::Serialize;
use utoipa::ToSchema;

use super::base::{Base, Kept};
use super::browser::Browser;
use super::image::Image;
use super::pdf::Pdf;
use super::source::{Address, Addresses, Files, Markup};
use super::template::Template;

/// A page on the network that becomes a PDF, or several that become one.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct UrlToPdf {
    #[serde(flatten)]
    source: Addresses,
    #[serde(flatten)]
    browser: Browser,
    #[serde(flatten)]
    pdf: Pdf,
    #[serde(flatten)]
    base: Base,
}

/// A page on the network that becomes a picture.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct UrlToImage {
    #[serde(flatten)]
    source: Address,
    #[serde(flatten)]
    browser: Browser,
    #[serde(flatten)]
    image: Image,
    #[serde(flatten)]
    base: Base,
}

/// PDF files that become one.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct MergePdf {
    #[serde(flatten)]
    source: Files,
    #[serde(flatten)]
    kept: Kept,
}

/// A document that becomes a PDF.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct HtmlToPdf {
    #[serde(flatten)]
    source: Markup,
    #[serde(flatten)]
    browser: Browser,
    #[serde(flatten)]
    pdf: Pdf,
    #[serde(flatten)]
    base: Base,
}

/// A document that becomes a picture.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct HtmlToImage {
    #[serde(flatten)]
    source: Markup,
    #[serde(flatten)]
    browser: Browser,
    #[serde(flatten)]
    image: Image,
    #[serde(flatten)]
    base: Base,
}

/// A template and its data, which become a PDF.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct TemplateToPdf {
    #[serde(flatten)]
    source: Template,
    #[serde(flatten)]
    browser: Browser,
    #[serde(flatten)]
    pdf: Pdf,
    #[serde(flatten)]
    base: Base,
}

/// A template and its data, which become a picture.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct TemplateToImage {
    #[serde(flatten)]
    source: Template,
    #[serde(flatten)]
    browser: Browser,
    #[serde(flatten)]
    image: Image,
    #[serde(flatten)]
    base: Base,
}
