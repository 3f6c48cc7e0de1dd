//! Answers in the envelope.

use serde::Serialize;
use utoipa::ToSchema;

/// A file.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct FileEnvelope {
    /// True.
    success: bool,
    /// The file.
    data: FileData,
}

/// A file inside of an answer.
#[derive(Serialize, ToSchema)]
pub(super) struct FileData {
    /// Its standard base64.
    #[schema(format = Byte)]
    buffer: String,
    /// Its media type.
    #[schema(example = "image/png")]
    mime_type: String,
}

/// The request was accepted; its result goes to the webhook.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct AcceptedEnvelope {
    /// True.
    success: bool,
    /// True.
    r#async: bool,
    /// For a person.
    #[schema(example = "Request accepted. Results will be delivered to the provided webhook URL.")]
    message: String,
}

/// Whose key it is.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct MeEnvelope {
    /// True.
    success: bool,
    /// The account.
    data: Me,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// Its id.
    #[schema(example = "acc_01a2004c686071aa8ae64c5dfe3c9a36")]
    id: String,
    /// Its name.
    name: String,
    /// Its address, if one is known.
    #[schema(required)]
    email: Option<String>,
    /// What it can still spend.
    credits: f64,
}

/// Something went wrong.
#[derive(Serialize, ToSchema)]
pub(in crate::openapi) struct ErrorEnvelope {
    /// False.
    success: bool,
    /// What went wrong, and what would be right; it names the field, such as `layers[3].hex_color`.
    error: String,
}
