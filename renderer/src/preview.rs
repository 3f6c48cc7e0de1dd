//! Thumbnails of results: a PDF's first page, or a picture.

mod encode;
mod pdf;
mod picture;
mod size;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::task::Preview;

use encode::{EncodeError, encode};

pub(crate) use picture::{DecodeError, decode};

/// Why there is no thumbnail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PreviewError {
    /// Neither a PDF nor a picture.
    #[error("{content_type} has no preview")]
    Unsupported {
        /// What it is instead.
        content_type: String,
    },
    /// The PDF has no page that could be drawn.
    #[error("the PDF can't be drawn: {0}")]
    Pdf(&'static str),
    /// The picture can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The thumbnail can't be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A library gave up on the file.
    #[error("drawing the preview failed: {0}")]
    Panicked(String),
}

/// Draws a thumbnail. Takes processor time (tens to hundreds of milliseconds): not for an async thread.
pub(crate) fn thumbnail(
    bytes: &[u8],
    content_type: &str,
    preview: &Preview,
) -> Result<Vec<u8>, PreviewError> {
    // The libraries read hostile files; a panic in them is about this file, and they share nothing.
    catch_unwind(AssertUnwindSafe(|| drawn(bytes, content_type, preview)))
        .unwrap_or_else(|panic| Err(PreviewError::Panicked(text(panic.as_ref()))))
}

fn drawn(bytes: &[u8], content_type: &str, preview: &Preview) -> Result<Vec<u8>, PreviewError> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let image = match essence.to_ascii_lowercase().as_str() {
        "application/pdf" => pdf::first_page(bytes, preview)?,
        "image/png" => picture::resized(bytes, image::ImageFormat::Png, preview)?,
        "image/jpeg" => picture::resized(bytes, image::ImageFormat::Jpeg, preview)?,
        "image/webp" => picture::resized(bytes, image::ImageFormat::WebP, preview)?,
        _ => {
            let content_type = content_type.to_owned();
            return Err(PreviewError::Unsupported { content_type });
        }
    };
    Ok(encode(&image, preview.format, preview.quality)?)
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason given")
        .chars()
        .take(200)
        .collect()
}
