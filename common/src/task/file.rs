//! Files that an office suite converts (reference cloudlayer, section 6.11).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::Preview;
use crate::objects::ObjectKey;

/// The most bytes of a file that is converted.
pub const UPLOAD_LIMIT: usize = 50_000_000;

/// One file to convert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileWork {
    /// Where the file is; what is in it is anybody's guess.
    pub file: FileInput,
    /// From what to what.
    pub conversion: FileConversion,
    /// A thumbnail of the first page, if wanted; of a PDF alone.
    pub preview: Option<Preview>,
    /// The longest that it may take, counted from its start, the file's way included; 1 s to 300 s.
    pub timeout: Duration,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileInput {
    /// The object that holds what was sent; its key names the job.
    Sent(ObjectKey),
    /// A result of an earlier job of the same account, by its object.
    Kept(ObjectKey),
    /// An address, judged before, that it is fetched from.
    Url(Url),
}

/// From what to what a file is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileConversion {
    /// A text document (Office Open XML) to a PDF.
    DocxPdf,
    /// A text document to a page, its pictures within it.
    DocxHtml,
    /// A PDF to a text document.
    PdfDocx,
}

impl FileConversion {
    /// The extension of what is converted, without a dot.
    pub const fn source(self) -> &'static str {
        match self {
            Self::DocxPdf | Self::DocxHtml => "docx",
            Self::PdfDocx => "pdf",
        }
    }

    /// The extension of what it becomes, without a dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::DocxPdf => "pdf",
            Self::DocxHtml => "html",
            Self::PdfDocx => "docx",
        }
    }

    /// The media type of what it becomes.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::DocxPdf => "application/pdf",
            Self::DocxHtml => "text/html",
            Self::PdfDocx => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
        }
    }
}
