//! A file that is converted (reference 6.11): the base group alone applies, and `url` in the place of a file.

use std::time::Duration;

use ::url::Url;
use common::egress::{Policy, check_address};
use common::objects::ObjectKey;
use common::task::{FileConversion, FileInput, Output, PdfOptions, Preview};
use serde_json::{Map, Value};

use super::fields::Fields;
use super::{Base, Invalid, Version, base, preview, redact, url};

/// How many pages' time a file has where nothing is said: two minutes.
const USUAL: usize = 4;

/// A request that is right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FileRequest {
    /// The file that was sent, or where it is fetched from.
    pub(crate) file: FileInput,
    /// A thumbnail, if wanted.
    pub(crate) preview: Option<Preview>,
    /// The longest that the conversion may take.
    pub(crate) timeout: Duration,
    /// How to answer, store and name the result.
    pub(crate) base: Base,
    /// The options as they may be kept and shown.
    pub(crate) params: Value,
}

/// Parses the options that came with a file, if one was sent: it lies at `sent` then. `ours` tells links of this
/// installation from other addresses.
pub(crate) fn parse(
    (version, conversion): (Version, FileConversion),
    options: &Map<String, Value>,
    sent: Option<&ObjectKey>,
    policy: &Policy,
    ours: impl Fn(&Url) -> bool,
) -> Result<FileRequest, Invalid> {
    let fields = Fields::root(options);
    if fields.get("batch").is_some() {
        return Err(fields.invalid(
            "batch",
            "can't be sent here: send one request for each file",
        ));
    }
    let url = fields.maybe("url", |field| {
        let url = url::address(field)?;
        if !ours(&url) {
            let checked = check_address(url.as_str(), policy);
            checked.map_err(|refused| field.invalid(refused.to_string()))?;
        }
        Ok(url)
    })?;
    let file = match (sent, url) {
        (Some(key), None) => FileInput::Sent(key.clone()),
        (None, Some(url)) => FileInput::Url(url),
        (Some(_), Some(_)) => {
            return Err(fields.invalid("url", "can't be sent beside a file: leave one of them out"));
        }
        (None, None) => {
            return Err(fields.invalid(
                "file",
                "is missing; it must be a part of a form that holds the file, or send `url`, \
                 where the file can be fetched",
            ));
        }
    };
    let preview = preview::read(&fields)?;
    if preview.is_some() && conversion != FileConversion::DocxPdf {
        return Err(fields.invalid(
            "generatePreview",
            "is drawn of a PDF or a picture alone: leave it out",
        ));
    }
    let timeout = base::timeout(&fields, USUAL)?;
    // What is said of its extension is said anew.
    let output = Output::Pdf(PdfOptions::default());
    let mut base = base::read(&fields, version, &output, policy)?;
    base.file_name = base::file_name_as(&fields, "document", &[conversion.extension()])?;
    Ok(FileRequest {
        file,
        preview,
        timeout,
        base,
        params: redact::params(options),
    })
}
