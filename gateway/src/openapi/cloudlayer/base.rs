//! Fields of every conversion: how it is answered, and how its result is kept and named.

use serde::Serialize;
use utoipa::ToSchema;

use super::preview::Preview;

/// How a conversion is answered, how its result is kept and named, and its thumbnail.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Base {
    #[serde(flatten)]
    kept: Kept,
    /// A thumbnail beside the result: true, or how large.
    generate_preview: Option<Preview>,
}

/// How a job is answered, and how its result is kept and named.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    /// Answer at once with the job's id, and deliver the result by webhook. By default true under `/v2` and false under
    /// `/v1`. It needs `storage`, or the result would be lost.
    r#async: Option<bool>,
    /// Keep the result for the retention time, list it, and answer a link to it. Without it a waiting caller gets the
    /// file itself. By default true under `/v2` and false under `/v1`. An object names a storage of your own, which takes the
    /// result; it needs `async`.
    storage: Option<Storage>,
    /// Where the job is posted when it has ended: an https address. It wins over the account's own.
    #[schema(
        max_length = 2048,
        format = "uri",
        example = "https://example.com/hooks/platen"
    )]
    webhook: Option<String>,
    /// Your project, kept with the job: letters, digits, `_` and `-`.
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9_-]*$", example = "shop-1")]
    project_id: Option<String>,
    /// Your label, kept with the job.
    #[schema(max_length = 200, example = "Invoice 42")]
    name: Option<String>,
    /// The name of the produced file, without a path; its extension is added where it is missing.
    #[schema(max_length = 200, example = "invoice.pdf")]
    filename: Option<String>,
    /// Have browsers show the file (`Content-Disposition: inline`) instead of saving it.
    #[schema(default = false)]
    inline: Option<bool>,
    /// The longest that rendering may take, in milliseconds; by default 30,000 for each page or file that there is.
    #[schema(minimum = 1000, maximum = 300_000, default = 30_000)]
    timeout: Option<u32>,
}

/// Whether the result is kept, and where; older clients write it as text.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Storage {
    /// As a boolean.
    Flag(bool),
    /// As text.
    Text(StorageText),
    /// In a storage of your own.
    Own(OwnStorage),
}

/// A storage of your own.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "id": "sto_019b76da1c007d4ea7a1c3d2e5f60721" }))]
pub(super) struct OwnStorage {
    /// Its id, as it was answered when it was saved.
    #[schema(min_length = 1, max_length = 200)]
    id: String,
}

/// A boolean in words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StorageText {
    /// Kept.
    True,
    /// Not kept.
    False,
}
