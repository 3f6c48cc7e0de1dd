//! Links of this installation where a request names an address: what they open is taken from the object
//! store, and nothing is called for it. They open results of the caller's own account alone.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::artifact::Artifact;
use common::id::{AccountId, AssetId, StorageId};
use common::link::{LinkError, Part};
use common::objects::ObjectKey;
use common::store::Asset;
use common::task::join::shown_link;
use common::task::{Document, Source};
use url::Url;

use super::request::Request;
use crate::accept::JOB_LIFETIME;
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::own;

/// A result that is deleted sooner than this may be gone when it is wanted.
const SOON: Duration = Duration::from_mins(1);

/// The most bytes of a picture that is shown as a page.
const PICTURE_LIMIT: u64 = 7_000_000;

/// The asset of this account that a link opens, which stands in a field of the request.
pub(super) async fn asset(
    app: &App,
    account: AccountId,
    id: AssetId,
    field: &str,
) -> Result<Asset, ApiError> {
    let asset = app.store.asset_for_link(id).await?;
    let soon = app.clock.now() + SOON;
    let readable = asset.filter(|asset| asset.account == account && asset.expires_at > soon);
    readable.ok_or_else(|| {
        let what = "is a link to a result that was deleted at the end of its retention time, or is another account's";
        ApiError::field(field, format!("`{field}` {what}"))
    })
}

/// What a link of ours opens, which stands in a field of the request; `None` for any other address.
pub(super) fn opened(
    app: &App,
    url: &Url,
    field: &str,
) -> Result<Option<(AssetId, Part)>, ApiError> {
    let opened = app.links.opened(url, app.clock.now()).transpose();
    opened.map_err(|error| unusable(field, error))
}

/// The complaint about a link of ours that opens nothing.
pub(super) fn unusable(field: &str, error: LinkError) -> ApiError {
    let what = "is an address of this installation, but not a link that can be used";
    ApiError::field(field, format!("`{field}` {what}: {error}"))
}

/// A link into the caller's own bucket, where a result of ours lies, for as long as a job may wait. It is fetched under the
/// same guard as any address.
pub(super) async fn in_storage(
    app: &App,
    asset: Asset,
    (storage, key): (StorageId, ObjectKey),
    field: &str,
) -> Result<Url, ApiError> {
    let artifact = Artifact {
        key: asset.key,
        content_type: asset.content_type,
        extension: asset.extension,
        size: asset.size,
    };
    let place = (asset.account, storage, &key);
    let link = own::link(app, place, (&artifact, "attachment"), JOB_LIFETIME).await;
    link.map_err(|error| {
        if !matches!(error, ApiError::NotFound(_)) {
            return error;
        }
        let what = "is a link to a result in a storage that you have deleted";
        ApiError::field(field, format!("`{field}` {what}"))
    })
}

/// Puts a picture of ours in the place of its link; refuses what no browser shows, and links that open
/// nothing.
pub(super) async fn resolve(
    app: &App,
    posted: &mut Posted,
    request: &mut Request,
) -> Result<(), ApiError> {
    let Source::Url(url) = &request.task.source else {
        return Ok(());
    };
    if let Some(more) = &request.batch {
        let mut all = more.iter().map(|address| &address.url).chain([url]);
        let ours = all.find(|url| app.links.opened(url, app.clock.now()).is_some());
        return ours.map_or(Ok(()), |url| Err(in_batch(url)));
    }
    let Some(link) = opened(app, url, "url")? else {
        return Ok(());
    };
    let page = picture(app, posted, link).await?;
    request.task.source = Source::Html(Document::Inline(page));
    // There is no host that these would go to.
    let options = &mut request.task.page;
    options.basic = None;
    options.cookies.clear();
    options.headers.clear();
    Ok(())
}

/// A document that shows a picture of ours and holds it.
async fn picture(
    app: &App,
    posted: &mut Posted,
    (id, part): (AssetId, Part),
) -> Result<String, ApiError> {
    let asset = asset(app, posted.caller.account, id, "url").await?;
    let (key, content_type, size) = match (part, asset.preview) {
        (Part::Result, _) => (asset.key, asset.content_type, asset.size),
        (Part::Preview, Some(preview)) => (preview.key, preview.content_type, preview.size),
        (Part::Preview, None) => return Err(ApiError::NotFound("preview")),
    };
    let refused = |what| Err(ApiError::field("url", format!("`url` is a link to {what}")));
    if !content_type.starts_with("image/") || size > PICTURE_LIMIT {
        return refused(format!(
            "a result that is not shown as a page: only pictures of at most {PICTURE_LIMIT} bytes are; \
             PDFs are joined by /pdf/merge"
        ));
    }
    if key.storage().is_some() {
        let what = "a result in a storage of your own, which is not shown as a page: send an address of that bucket";
        return refused(what.to_owned());
    }
    // The picture, and its base64 twice as the document is made.
    let bytes = usize::try_from(size).map_err(ApiError::internal)? * 4;
    posted.share.cover(bytes)?;
    let picture = app.objects.read(&key, PICTURE_LIMIT).await?;
    let encoded = BASE64_STANDARD.encode(picture);
    Ok(format!(
        "<!doctype html><style>html,body{{margin:0}}img{{display:block}}</style>\
         <img src=\"data:{content_type};base64,{encoded}\">"
    ))
}

fn in_batch(url: &Url) -> ApiError {
    let message = format!(
        "`batch` holds {}, a link of this installation, which is not opened as a page: results are joined \
         by /pdf/merge",
        shown_link(url)
    );
    ApiError::field("batch", message)
}
