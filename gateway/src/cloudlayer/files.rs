//! `POST /docx/pdf`, `/docx/html`, `/pdf/docx`: a file, and what an office suite makes of it (reference 6.11).

mod upload;

use axum::extract::{FromRequest as _, Request};
use axum::response::Response;
use common::job::JobKind;
use common::objects::ObjectKey;
use common::task::{FileConversion, FileWork, Work};
use serde_json::{Map, Value};

use self::upload::forget;
use super::convert::{Rest, Wish, carry_out};
use super::request::{self, FileRequest, Version};
use crate::app::App;
use crate::body::Posted;
use crate::config::Feature;
use crate::error::ApiError;

/// What came with a request.
struct Sent {
    /// Without its body.
    posted: Posted,
    options: Map<String, Value>,
    /// Where the file lies that was sent, if one was.
    file: Option<ObjectKey>,
}

/// What kind of job a conversion is.
const fn kind(conversion: FileConversion) -> JobKind {
    match conversion {
        FileConversion::DocxPdf => JobKind::DocxPdf,
        FileConversion::DocxHtml => JobKind::DocxHtml,
        FileConversion::PdfDocx => JobKind::PdfDocx,
    }
}

/// Accepts a conversion, and, if the caller waits, waits for its end.
pub(crate) async fn convert(
    app: &App,
    version: Version,
    conversion: FileConversion,
    request: Request,
) -> Result<Response, ApiError> {
    let sent = if request::is_form(request.headers()) {
        upload::receive(app, request).await?
    } else {
        addressed(app, request).await?
    };
    let which = (version, conversion);
    let asked = request::parse_file(which, &sent.options, sent.file.as_ref(), &app.egress);
    match asked {
        Ok(asked) => carry_out(app, wish(which, asked), sent.posted).await,
        Err(invalid) => {
            forget(app, sent.file.as_ref()).await;
            Err(invalid.into())
        }
    }
}

/// A request in JSON, which brings no file: an address stands in its place.
async fn addressed(app: &App, request: Request) -> Result<Sent, ApiError> {
    let mut posted = Posted::from_request(request, app).await?;
    require_office(app)?;
    let options = request::read_json(&std::mem::take(&mut posted.body))?;
    Ok(Sent {
        posted,
        options,
        file: None,
    })
}

/// Nothing is taken, and nothing charged, that nobody could do.
fn require_office(app: &App) -> Result<(), ApiError> {
    if app.features.contains(&Feature::Office) {
        return Ok(());
    }
    Err(ApiError::Lacking(
        "files are not converted by this installation, which has no office suite; nothing was charged. Its operator adds one: LibreOffice beside `platen serve`, or a renderer with `--lanes office` and `--features office` at the gateways",
    ))
}

fn wish((version, conversion): (Version, FileConversion), asked: FileRequest) -> Wish {
    let work = Work::File(FileWork {
        file: asked.file,
        conversion,
        preview: asked.preview,
        timeout: asked.timeout,
    });
    let rest = Rest {
        base: asked.base,
        params: asked.params,
        timeout: asked.timeout,
    };
    Wish::new(version, kind(conversion), work, rest)
}
