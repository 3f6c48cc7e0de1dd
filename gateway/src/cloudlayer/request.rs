//! Parses a conversion request of the cloudlayer dialect into a task that is already right.
//!
//! Pure: what it accepts can be rendered, what it refuses names the field and what would be right.
//! Wire facts: reference section 6; unknown fields are ignored, and `null` is the same as absent but
//! for `emulateMediaType`.

mod banner;
mod base;
mod body;
mod cookie;
mod css;
mod dimension;
mod file;
mod form;
mod header;
mod html;
mod image;
mod markup;
pub(crate) mod merge;
mod metadata;
mod page;
mod paper;
mod pdf;
mod preview;
pub(crate) mod query;
mod ranges;
mod reader;
mod redact;
mod rules;
mod template;
mod url;

use common::egress::Policy;
use common::task::{Address, Document, OPTIONS_LIMIT, Output, Source, Task, WaitUntil};
use serde::Serialize;
use serde_json::{Map, Value};

use self::fields::Fields;
use super::conversion::Conversion;
use crate::fields;
use crate::invalid::Invalid;

pub(crate) use self::base::{Base, NO_STORAGE};
pub(super) use self::base::{label, project_id};
pub(crate) use self::file::{FileRequest, parse as parse_file};
pub(crate) use self::form::{Form as Parts, broken as broken_form, is_form, read as read_form};
pub(crate) use self::template::{Chosen, Form, read as read_template, source as template_source};

/// The version of the dialect, which decides the defaults of `async` and `storage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Synchronous and not stored unless asked.
    V1,
    /// Asynchronous and stored unless asked otherwise.
    V2,
}

/// Where a request was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// The first segment of the path.
    pub(crate) version: Version,
    /// The rest of the path.
    pub(crate) kind: Conversion,
}

/// A request that is right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// What to render. A document is inline, however long; whoever seals the task moves a long one out.
    pub(crate) task: Task,
    /// The pages that are rendered like the task's and joined to its result, if it is a batch.
    pub(crate) batch: Option<Vec<Address>>,
    /// How to answer, store and name the result.
    pub(crate) base: Base,
    /// The request as it may be kept and shown: without secrets and documents, at most 16 KiB.
    pub(crate) params: Value,
}

/// Parses the body of a conversion request. Fails with the first thing that is wrong.
pub(crate) fn parse(endpoint: Endpoint, body: &[u8], policy: &Policy) -> Result<Request, Invalid> {
    build(endpoint, &body::read(body)?, policy)
}

/// The fields of a body that is JSON.
pub(crate) fn read_json(body: &[u8]) -> Result<Map<String, Value>, Invalid> {
    body::read(body)
}

/// Makes a request of its fields. The document of a template is empty: it is made later, of what
/// [`template::read`] finds.
pub(crate) fn build(
    endpoint: Endpoint,
    map: &Map<String, Value>,
    policy: &Policy,
) -> Result<Request, Invalid> {
    let fields = Fields::root(map);
    let output = match endpoint.kind {
        Conversion::UrlPdf | Conversion::HtmlPdf | Conversion::TemplatePdf => {
            Output::Pdf(pdf::read(&fields, pdf::margins(endpoint.kind))?)
        }
        Conversion::UrlImage | Conversion::HtmlImage | Conversion::TemplateImage => {
            Output::Image(image::read(&fields)?)
        }
    };
    let (source, page, batch) = match endpoint.kind {
        Conversion::UrlPdf | Conversion::UrlImage => {
            let target = url::read(&fields, endpoint.kind)?;
            let mut page = page::read(&fields, WaitUntil::NetworkAlmostIdle)?;
            page.basic = target.basic;
            page.cookies = target.cookies;
            page.headers = header::read(&fields)?;
            (Source::Url(target.url), page, target.more)
        }
        Conversion::HtmlPdf | Conversion::HtmlImage => {
            let document = Document::Inline(html::read(&fields, endpoint.kind)?);
            (
                Source::Html(document),
                page::read(&fields, WaitUntil::Load)?,
                None,
            )
        }
        Conversion::TemplatePdf | Conversion::TemplateImage => (
            Source::Html(Document::Inline(String::new())),
            page::read(&fields, WaitUntil::Load)?,
            None,
        ),
    };
    let task = Task {
        source,
        page,
        preview: preview::read(&fields)?,
        timeout: base::timeout(&fields, batch.as_ref().map_or(1, |more| 1 + more.len()))?,
        output,
    };
    check_size(&task, batch.as_deref())?;
    Ok(Request {
        base: base::read(&fields, endpoint.version, &task.output, policy)?,
        params: redact::params(map),
        task,
        batch,
    })
}

/// Holds the task, its document apart, to what a message may carry.
fn check_size(task: &Task, batch: Option<&[Address]>) -> Result<(), Invalid> {
    let source = match &task.source {
        Source::Url(url) => url.as_str().len(),
        Source::Html(_) => 0,
    };
    let parts = [
        Some(source),
        json_len(&task.page),
        json_len(&task.output),
        json_len(&task.preview),
        json_len(&batch),
    ];
    let total = parts.into_iter().sum::<Option<usize>>();
    if total.is_some_and(|total| total <= OPTIONS_LIMIT) {
        return Ok(());
    }
    let message = format!(
        "The options, the document apart, must be at most {} KiB together: shorten the header and \
         footer templates, the addresses, the cookies or the headers.",
        OPTIONS_LIMIT / 1024
    );
    Err(Invalid::body(message).too_large())
}

/// The length as JSON; `None` for what JSON can't carry, which no task holds.
fn json_len(value: &impl Serialize) -> Option<usize> {
    serde_json::to_string(value).ok().map(|text| text.len())
}

#[cfg(test)]
mod tests;
