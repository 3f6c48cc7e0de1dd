//! Products of the dialect that this installation does not have yet: said clearly, and uncharged.

use http::Uri;

use crate::body::PostedFiles;
use crate::error::ApiError;

/// Their paths (reference iterationlayer 1.1).
pub(super) const PATHS: &[&str] = &[
    "/document-extraction/v1/extract",
    "/website-extraction/v1/extract",
    "/document-to-markdown/v1/convert",
    "/image-transformation/v1/transform",
    "/document-generation/v1/generate",
    "/sheet-generation/v1/generate",
];

/// Answers 501 to whoever has a key.
pub(super) async fn answer(uri: Uri, PostedFiles(posted): PostedFiles) -> ApiError {
    drop(posted);
    let found = PATHS.iter().find(|path| **path == uri.path());
    ApiError::NotBuilt(found.copied().unwrap_or("this product"))
}
