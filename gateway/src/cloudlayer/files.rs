//! `POST /docx/pdf`, `/docx/html`, `/pdf/docx`: a file, and what an office suite makes of it (reference 6.11).

mod upload;

use axum::extract::{FromRequest as _, Request};
use axum::response::Response;
use common::id::AccountId;
use common::job::JobKind;
use common::link::Part;
use common::objects::ObjectKey;
use common::task::{FileConversion, FileInput, FileWork, Work};
use serde_json::{Map, Value};
use url::Url;

use super::convert::{Manner, Rest, Wish, answered, carry_out, repeated};
use super::ours;
use super::request::{self, FileRequest, Version};
use crate::accept;
use crate::app::App;
use crate::body::Posted;
use crate::config::Feature;
use crate::error::ApiError;

/// What to do where files are not converted.
pub(crate) const NO_OFFICE: &str = "files are not converted by this installation, which has no office suite; nothing was charged. Its operator adds one: LibreOffice beside `platen serve`, or a renderer with `--lanes office` and `--features office` at the gateways";

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
    let is_ours = |url: &_| app.links.opened(url, app.clock.now()).is_some();
    let file = sent.file.as_ref();
    let asked = request::parse_file(which, &sent.options, file, &app.egress, is_ours);
    let mut asked = match asked {
        Ok(asked) => asked,
        Err(invalid) => {
            accept::discard(app, sent.file.as_slice()).await;
            return Err(invalid.into());
        }
    };
    let manner = Manner::new(version, &asked.base, asked.timeout);
    let known = repeated(app, manner, &sent.posted).await;
    if !matches!(known, Ok(None)) {
        // A repeat's file lies in the store since the first time.
        accept::discard(app, sent.file.as_slice()).await;
    }
    if let Some(receipt) = known? {
        drop((asked, sent));
        return answered(app, &receipt, manner).await;
    }
    if let FileInput::Url(url) = &asked.file {
        let ours = ours(app, sent.posted.caller.account, conversion, url).await?;
        asked.file = ours.unwrap_or(asked.file);
    }
    carry_out(app, wish(manner, conversion, asked), sent.posted).await
}

/// What a link of ours opens, in the place of the link; `None` for any other address.
async fn ours(
    app: &App,
    account: AccountId,
    conversion: FileConversion,
    url: &Url,
) -> Result<Option<FileInput>, ApiError> {
    let Some((id, part)) = ours::opened(app, url, "url")? else {
        return Ok(None);
    };
    let asset = ours::asset(app, account, id, "url").await?;
    let source = conversion.source();
    if part != Part::Result || asset.extension != source {
        let message = format!("`url` is a link to a result that is no .{source} file");
        return Err(ApiError::field("url", message));
    }
    Ok(Some(match asset.key.storage() {
        Some(place) => FileInput::Url(ours::in_storage(app, asset, place, "url").await?),
        None => FileInput::Kept(asset.key),
    }))
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
    Err(ApiError::Lacking(NO_OFFICE))
}

fn wish(manner: Manner, conversion: FileConversion, asked: FileRequest) -> Wish {
    let work = Work::File(FileWork {
        file: asked.file,
        conversion,
        preview: asked.preview,
        timeout: asked.timeout,
    });
    let rest = Rest {
        base: asked.base,
        params: asked.params,
    };
    Wish::new(manner, kind(conversion), work, rest)
}
