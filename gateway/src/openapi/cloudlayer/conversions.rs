//! The conversions.

mod examples;

use common::task::FileConversion;
use utoipa::ToSchema;

use super::Version;
use super::answer::Accepted;
use super::files::{ConvertFile, DocxToPdf, FileForm};
use super::request::{
    HtmlToImage, HtmlToPdf, MergePdf, TemplateToImage, TemplateToPdf, UrlToImage, UrlToPdf,
};
use super::template::TemplateForm;
use crate::cloudlayer::jobs::JobView;
use crate::openapi::operation::{Example, Operation};
use crate::openapi::parameter::Parameter;
use crate::openapi::trouble::{Speaker, Trouble};

const PDF: &[&str] = &["application/pdf"];
const PAGE: &[&str] = &["text/html"];
const DOCX: &[&str] = &[FileConversion::PdfDocx.content_type()];
const IMAGES: &[&str] = &["image/png", "image/jpeg", "image/webp"];

/// On every answer to a conversion.
const HEADERS: &[&str] = &[
    "Idempotent-Replayed",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "cl-worker-job-id",
    "cl-cluster-id",
    "cl-api-credit-cost",
    "cl-calls-remaining",
];

/// On the answer to a caller who has waited.
const ENDED: &[&str] = &[
    "cl-worker",
    "cl-bandwidth",
    "cl-process-time",
    "cl-charged-time",
    "cl-bandwidth-cost",
    "cl-process-time-cost",
];

const TROUBLES: &[Trouble] = &[
    Trouble::Wrong("timeout"),
    Trouble::Key,
    Trouble::Credit,
    Trouble::Budget,
    Trouble::Swept,
    Trouble::TooLong,
    Trouble::KeyReused,
    Trouble::Rate,
    Trouble::InFlight,
    Trouble::Failed,
    Trouble::Internal,
    Trouble::Away,
];

/// Its path, its id and its title.
type Name = (&'static str, &'static str, &'static str);

/// Their operations.
pub(super) fn operations(version: &Version) -> Vec<Operation> {
    let url_pdf = (
        "/url/pdf",
        "urlToPdf",
        "A page on the network to a PDF, or several to one",
    );
    let merge = ("/pdf/merge", "mergePdfs", "PDF files to one");
    let url_image = (
        "/url/image",
        "urlToImage",
        "A page on the network to a picture",
    );
    let html_pdf = ("/html/pdf", "htmlToPdf", "A document to a PDF");
    let html_image = ("/html/image", "htmlToImage", "A document to a picture");
    vec![
        conversion::<UrlToPdf>(version, url_pdf, PDF, examples::url_to_pdf()),
        by_get::<UrlToPdf>(version, url_pdf, PDF),
        conversion::<UrlToImage>(version, url_image, IMAGES, examples::url_to_image()),
        by_get::<UrlToImage>(version, url_image, IMAGES),
        conversion::<MergePdf>(version, merge, PDF, examples::merge()),
        conversion::<HtmlToPdf>(version, html_pdf, PDF, examples::html_to_pdf()),
        conversion::<HtmlToImage>(version, html_image, IMAGES, examples::html_to_image()),
        of_template::<TemplateToPdf>(
            version,
            ("/template/pdf", "templateToPdf", "A template to a PDF"),
            PDF,
            examples::template_to_pdf(),
        ),
        of_template::<TemplateToImage>(
            version,
            (
                "/template/image",
                "templateToImage",
                "A template to a picture",
            ),
            IMAGES,
            examples::template_to_image(),
        ),
        of_file::<DocxToPdf>(
            version,
            ("/docx/pdf", "docxToPdf", "A text document to a PDF"),
            PDF,
            examples::docx_to_pdf(),
        ),
        of_file::<ConvertFile>(
            version,
            ("/docx/html", "docxToHtml", "A text document to a page"),
            PAGE,
            examples::docx_to_html(),
        ),
        of_file::<ConvertFile>(
            version,
            ("/pdf/docx", "pdfToDocx", "A PDF to a text document"),
            DOCX,
            examples::pdf_to_docx(),
        ),
    ]
}

/// By POST, with JSON.
fn conversion<T: ToSchema>(
    version: &Version,
    (path, id, summary): Name,
    files: &[&str],
    examples: Vec<Example>,
) -> Operation {
    let operation = version
        .operation("post", path, id, summary)
        .takes::<T>(true, examples);
    answered(version, operation, "", files).fails(Speaker::Cloudlayer, TROUBLES)
}

/// By GET, with the same fields in the query.
fn by_get<T: ToSchema>(version: &Version, (path, id, summary): Name, files: &[&str]) -> Operation {
    let operation = version
        .operation(
            "get",
            path,
            &format!("{id}ByGet"),
            &format!("{summary}, by GET"),
        )
        .asks::<T>();
    let text = "The same as the POST, and charged like it, with each field as a parameter: booleans and numbers as in JSON, lists and \
                objects as JSON text. It is done anew each time it is sent, unless it carries an `Idempotency-Key`. That other \
                fields than `url` and `timeout` work is an extension of Platen.";
    answered(version, operation, text, files).fails(Speaker::Cloudlayer, TROUBLES)
}

/// By POST, with JSON or a form.
fn of_template<T: ToSchema>(
    version: &Version,
    name: Name,
    files: &[&str],
    examples: Vec<Example>,
) -> Operation {
    let troubles = [TROUBLES, &[Trouble::NoSuch("template")]].concat();
    conversion::<T>(version, name, files, examples)
        .takes_form::<TemplateForm>()
        .fails(Speaker::Cloudlayer, &troubles)
}

/// By POST, with a form that holds a file, or JSON with its address.
fn of_file<T: ToSchema>(
    version: &Version,
    name: Name,
    files: &[&str],
    examples: Vec<Example>,
) -> Operation {
    let troubles = [TROUBLES, &[Trouble::NoOffice]].concat();
    conversion::<T>(version, name, files, examples)
        .takes_form::<FileForm>()
        .fails(Speaker::Cloudlayer, &troubles)
}

/// What all of them have: how they are answered.
fn answered(version: &Version, operation: Operation, text: &str, files: &[&str]) -> Operation {
    const WHOLE: &str = "The job, ended well; or the file itself, with `storage: false`.";
    let operation = operation
        .tag("Conversions")
        .parameter(Parameter::idempotency_key());
    let (said, operation) = if version.is_second() {
        let said = "By default the answer is 202 at once, and the result is kept. With `async: false` the caller waits: the answer is the \
                    job with a link to its result, or with `storage: false` the file itself.";
        let operation = operation
            .gives::<JobView>(200, WHOLE)
            .gives_file(200, WHOLE, files);
        (said, operation)
    } else {
        let said = "By default the caller waits and the answer is the file itself. With `async: true` and `storage: true` the answer is \
                    202 at once.";
        (said, operation.gives_file(200, "The file.", files))
    };
    operation
        .text(&[said, text].join("\n\n"))
        .with_headers(200, HEADERS)
        .with_headers(200, ENDED)
        .with_headers(200, &["Content-Disposition"])
        .gives::<Accepted>(202, "The conversion was accepted, or takes longer than a caller waits: read its job, or take its webhook.")
        .with_headers(202, HEADERS)
}
