//! The base group: how a request is answered, and how its result is kept and named (reference 6.1).

use std::time::Duration;

use common::egress::{Policy, check_address};
use common::id::StorageId;
use common::job::Mode;
use common::task::{ImageFormat, Output};
use serde_json::Value;

use super::fields::{Field, Fields};
use super::page::LONGEST_MS;
use super::{Invalid, Version};

/// What is said of an id that is no storage's of the account; goes on after the field's name.
pub(crate) const NO_STORAGE: &str =
    "names no storage of this account: `GET /v2/storage` lists them";

/// How to answer, store and name the result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Base {
    /// Whether the caller waits.
    pub(crate) mode: Mode,
    /// Whether the result is listed and kept.
    pub(crate) storage: bool,
    /// The customer's own bucket that the result goes into; only where nobody waits.
    pub(crate) own: Option<StorageId>,
    /// The address of the request's own webhook, checked; it wins over the account's.
    pub(crate) webhook: Option<String>,
    /// The customer's project.
    pub(crate) project_id: Option<String>,
    /// The customer's label.
    pub(crate) name: Option<String>,
    /// The name of the produced file, with its extension; safe in a header and in a folder.
    pub(crate) file_name: String,
    /// `Content-Disposition: inline` instead of `attachment`.
    pub(crate) inline: bool,
}

/// Reads the group; `output` gives the extension of the file's name.
pub(super) fn read(
    fields: &Fields<'_>,
    version: Version,
    output: &Output,
    policy: &Policy,
) -> Result<Base, Invalid> {
    let by_default = match version {
        Version::V1 => false,
        Version::V2 => true,
    };
    // A batch is always done in the background, whatever `async` says.
    let is_batch = fields.get("batch").is_some();
    let (storage, own) = fields
        .maybe("storage", storage)?
        .unwrap_or((by_default || is_batch, None));
    let asked = fields.maybe("async", Field::boolean)?.unwrap_or(by_default);
    let is_async = asked || is_batch;
    if is_batch && !storage {
        return Err(fields.invalid(
            "storage",
            "must be true with `batch`, which is done in the background, or the result would be lost",
        ));
    }
    if is_async && !storage {
        return Err(fields.invalid(
            "storage",
            "must be true when `async` is true, or the result would be lost: \
             send `storage: true`, or `async: false`",
        ));
    }
    if !is_async && own.is_some() {
        return Err(fields.invalid(
            "async",
            "must be true where `storage` names a storage of your own: the result goes into its \
             bucket, and is not sent as the answer",
        ));
    }
    Ok(Base {
        mode: if is_async { Mode::Async } else { Mode::Sync },
        storage,
        own,
        webhook: fields.maybe("webhook", |field| webhook(field, policy))?,
        project_id: fields.maybe("projectId", project_id)?.flatten(),
        name: fields.maybe("name", label)?.flatten(),
        file_name: file_name(fields, output)?,
        inline: fields.flag("inline")?,
    })
}

/// The longest time that rendering may take, all `sources` together.
pub(super) fn timeout(fields: &Fields<'_>, sources: usize) -> Result<Duration, Invalid> {
    let milliseconds = fields.maybe("timeout", |field| field.whole(1_000..=LONGEST_MS))?;
    let usual = u64::try_from(sources).unwrap_or(1).saturating_mul(30_000);
    let usual = usual.min(LONGEST_MS);
    Ok(Duration::from_millis(milliseconds.unwrap_or(usual)))
}

/// A boolean, which older documentation of the seed writes as a string too; or the id of a storage of the
/// customer's own.
fn storage(field: &Field<'_>) -> Result<(bool, Option<StorageId>), Invalid> {
    match field.value() {
        Value::Bool(value) => Ok((*value, None)),
        Value::String(text) if text == "true" => Ok((true, None)),
        Value::String(text) if text == "false" => Ok((false, None)),
        Value::Object(_) => {
            let expected = "the id of a storage of yours, as `POST /v2/storage` answers it";
            let id = field.object()?.require("id", expected, own)?;
            Ok((true, Some(id)))
        }
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(field.unlike("a boolean, true or false, or an object with the `id` of a storage"))
        }
    }
}

/// A text that is no id is told as one that is unknown: both are ids that the account does not have.
fn own(field: &Field<'_>) -> Result<StorageId, Invalid> {
    let text = field.line(200)?;
    text.parse().map_err(|_| field.invalid(NO_STORAGE))
}

fn webhook(field: &Field<'_>, policy: &Policy) -> Result<String, Invalid> {
    let text = field.line(2048)?;
    let url = check_address(text, policy).map_err(|refused| field.invalid(refused.to_string()))?;
    Ok(url.into())
}

/// The id of a project; an empty one is none.
pub(in crate::cloudlayer) fn project_id(field: &Field<'_>) -> Result<Option<String>, Invalid> {
    let text = field.text()?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.len() > 64 || !text.bytes().all(allowed) {
        return Err(field.unlike("at most 64 letters, digits, `_` and `-`"));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// A label; an empty one is none.
pub(in crate::cloudlayer) fn label(field: &Field<'_>) -> Result<Option<String>, Invalid> {
    let text = field.text()?.trim();
    if text.chars().count() > 200 {
        return Err(field.invalid("must be at most 200 characters long"));
    }
    if text.chars().any(char::is_control) {
        return Err(field.invalid("must not contain line breaks or other control characters"));
    }
    if text.contains("../") || text.contains("..\\") {
        return Err(field.invalid("must be a label, not a path: leave `../` out"));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn file_name(fields: &Fields<'_>, output: &Output) -> Result<String, Invalid> {
    let (stem, extensions): (_, &[&str]) = match output {
        Output::Pdf(_) => ("document", &["pdf"]),
        Output::Image(image) => ("image", extensions(image.format)),
    };
    file_name_as(fields, stem, extensions)
}

/// The name that was given, or else `stem`, with one of the extensions.
pub(super) fn file_name_as(
    fields: &Fields<'_>,
    stem: &str,
    extensions: &[&str],
) -> Result<String, Invalid> {
    let given = fields
        .maybe("filename", bare_file_name)?
        .unwrap_or_default();
    let given = if given.is_empty() { stem } else { given };
    let lower = given.to_ascii_lowercase();
    let has_extension = |extension: &&str| {
        lower
            .strip_suffix(*extension)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    if extensions.iter().any(has_extension) {
        return Ok(given.to_owned());
    }
    Ok(format!("{given}.{}", extensions.first().unwrap_or(&"bin")))
}

/// The extensions that a file of this format may have, the usual one first.
const fn extensions(format: ImageFormat) -> &'static [&'static str] {
    match format {
        ImageFormat::Png => &["png"],
        ImageFormat::Jpeg => &["jpg", "jpeg"],
        ImageFormat::WebP => &["webp"],
    }
}

fn bare_file_name<'a>(field: &Field<'a>) -> Result<&'a str, Invalid> {
    let text = field.text()?.trim();
    if text.len() > 200 {
        return Err(field.invalid(format!(
            "must be at most 200 bytes long, not {}",
            text.len()
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(field.invalid("must not contain line breaks or other control characters"));
    }
    if text.contains(['/', '\\']) || text.contains("..") || text == "." {
        return Err(
            field.unlike("a bare file name without `/`, `\\` and `..`, such as `invoice.pdf`")
        );
    }
    Ok(text)
}
