//! Links of this installation where a request names an address: what they open is taken from the object
//! store, and nothing is called for it.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::id::AssetId;
use common::link::Part;
use common::store::Asset;
use common::task::join::shown;
use common::task::{Document, Source};
use url::Url;

use super::request::Request;
use crate::app::App;
use crate::error::ApiError;

/// A result that is deleted sooner than this may be gone when it is wanted.
const SOON: Duration = Duration::from_mins(1);

/// The most bytes of a picture that is shown as a page.
const PICTURE_LIMIT: u64 = 7_000_000;

/// The asset that a link opens, which stands in a field of the request.
pub(super) async fn asset(app: &App, id: AssetId, field: &str) -> Result<Asset, ApiError> {
    let asset = app.store.asset_for_link(id).await?;
    let lasting = asset.filter(|asset| asset.expires_at > app.clock.now() + SOON);
    lasting.ok_or_else(|| {
        let what = "is a link to a result that was deleted at the end of its retention time";
        ApiError::field(field, format!("`{field}` {what}"))
    })
}

/// Puts a picture of ours in the place of its link; refuses what no browser shows, and links that open
/// nothing.
pub(super) async fn resolve(app: &App, request: &mut Request) -> Result<(), ApiError> {
    let now = app.clock.now();
    for address in request.batch.iter().flatten() {
        if app.links.opened(&address.url, now).is_some() {
            return Err(in_batch(&address.url));
        }
    }
    let Source::Url(url) = &request.task.source else {
        return Ok(());
    };
    let (id, part) = match app.links.opened(url, now) {
        None => return Ok(()),
        Some(_) if request.batch.is_some() => return Err(in_batch(url)),
        Some(Ok(opened)) => opened,
        Some(Err(error)) => {
            let what = "is an address of this installation, but not a link that can be used";
            return Err(ApiError::field("url", format!("`url` {what}: {error}")));
        }
    };
    let asset = asset(app, id, "url").await?;
    let (key, content_type, size) = match (part, asset.preview) {
        (Part::Result, _) => (asset.key, asset.content_type, asset.size),
        (Part::Preview, Some(preview)) => (preview.key, preview.content_type, preview.size),
        (Part::Preview, None) => return Err(ApiError::NotFound("preview")),
    };
    if !content_type.starts_with("image/") || size > PICTURE_LIMIT {
        let message = format!(
            "`url` is a link to a result that is not shown as a page: only pictures of at most \
             {PICTURE_LIMIT} bytes are; PDFs are joined by /pdf/merge"
        );
        return Err(ApiError::field("url", message));
    }
    let picture = app.objects.read(&key, PICTURE_LIMIT).await?;
    let encoded = BASE64_STANDARD.encode(picture);
    let page = format!(
        "<!doctype html><style>html,body{{margin:0}}img{{display:block}}</style>\
         <img src=\"data:{content_type};base64,{encoded}\">"
    );
    request.task.source = Source::Html(Document::Inline(page));
    Ok(())
}

fn in_batch(url: &Url) -> ApiError {
    let message = format!(
        "`batch` holds {}, a link of this installation, which is not opened as a page: results are joined \
         by /pdf/merge",
        shown(url)
    );
    ApiError::field("batch", message)
}
