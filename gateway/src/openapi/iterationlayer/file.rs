//! Files that a request brings along or names, and fonts.

use serde::Serialize;
use utoipa::ToSchema;

use super::text::{FontStyle, FontWeight};

/// A file: its bytes, or where it is. At most 50 MB.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum File {
    /// Its bytes.
    Bytes(FileBytes),
    /// Where it is.
    Address(FileAddress),
}

/// A file in the request.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "base64", "base64": "iVBORw0KGgo=" }))]
pub(super) struct FileBytes {
    /// Says that the bytes are here.
    r#type: Option<BytesType>,
    /// The standard base64 of the file.
    #[schema(format = Byte, min_length = 1)]
    base64: String,
}

/// A file on the network, fetched when the picture is made.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "url", "url": "https://example.com/photo.jpg" }))]
pub(super) struct FileAddress {
    /// Says that the file is fetched.
    r#type: Option<AddressType>,
    /// An https address.
    #[schema(max_length = 8192, format = "uri")]
    url: String,
}

/// Says that the bytes are in the request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum BytesType {
    /// Base64.
    Base64,
}

/// Says that the file is fetched.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AddressType {
    /// An address.
    Url,
}

/// A font of the caller's: TTF, OTF, WOFF or WOFF2.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "name": "Brand", "file": { "type": "base64", "base64": "AAEAAAAL" } }))]
pub(super) struct Font {
    /// The name by which layers ask for it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// How heavy it is; `regular` where nothing is said. In any case.
    weight: Option<FontWeight>,
    /// Whether it is slanted; `normal` where nothing is said.
    style: Option<FontStyle>,
    /// The file; needed.
    file: Option<File>,
    /// An older form of `file`: its base64.
    #[schema(deprecated, format = Byte)]
    buffer: Option<String>,
}
