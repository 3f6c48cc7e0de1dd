//! Files that an office suite converts: sent in a form, or fetched from an address.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::base::{Base, Kept};

/// A text document at an address, which becomes a PDF. A form sends the document itself.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct DocxToPdf {
    #[serde(flatten)]
    source: DocumentAddress,
    #[serde(flatten)]
    base: Base,
}

/// A file at an address, which becomes another. A form sends the file itself.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct ConvertFile {
    #[serde(flatten)]
    source: DocumentAddress,
    #[serde(flatten)]
    kept: Kept,
}

/// Where a file is fetched from.
#[derive(Serialize, ToSchema)]
struct DocumentAddress {
    /// The absolute http or https address of the file, which has at most 50 MB.
    #[schema(
        max_length = 8192,
        format = "uri",
        example = "https://example.com/letter.docx"
    )]
    url: String,
}

/// A file and its options as a form. Each option of the JSON body may also be a part of its own: booleans and numbers as in
/// JSON, objects as JSON text.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct FileForm {
    /// The file, at most 50 MB, whatever it is called.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The options of the JSON body, as a JSON object. The part may also be called `json`.
    #[schema(value_type = Option<Object>, example = json!({ "filename": "letter" }))]
    options: Option<Value>,
}
