//! Conversions of the dialect that this version has no engine for: said clearly, and uncharged.

use axum::extract::OriginalUri;

use crate::body::PostedFiles;
use crate::error::ApiError;

/// Their paths under a version (reference cloudlayer 6.11).
pub(crate) const PATHS: [&str; 3] = ["/docx/pdf", "/docx/html", "/pdf/docx"];

/// Answers 501 to whoever has a key.
pub(crate) async fn answer(
    OriginalUri(uri): OriginalUri,
    PostedFiles(posted): PostedFiles,
) -> ApiError {
    drop(posted);
    let found = PATHS.iter().find(|path| uri.path().ends_with(**path));
    ApiError::NotBuilt(found.copied().unwrap_or("this conversion"))
}
