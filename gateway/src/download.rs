//! Results as files: behind signed links, and as the raw answer to a waiting caller.

mod disposition;
mod range;

use std::ops::Range;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use common::artifact::Artifact;
use common::id::{AccountId, AssetId, StorageId};
use common::link::{LinkError, Part};
use common::objects::{ObjectError, ObjectKey, Reading};
use common::store::Asset;
use futures::StreamExt as _;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::Url;

use self::range::Wanted;
use crate::app::App;
use crate::error::ApiError;
use crate::json::Path;
use crate::own;

pub(crate) use self::disposition::{header as disposition, preview_name};

/// How long a link to the object store is good for: enough to follow a redirect and to start again
/// after a break.
const REDIRECT_LIFE: Duration = Duration::from_mins(5);

/// How long a client may keep the redirect: a minute less, for a slow start.
const REDIRECT_CACHING: HeaderValue = HeaderValue::from_static("private, max-age=240");

/// What a page that we have made of a customer's document may do where it is shown: nothing but be shown.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
);

/// `GET /assets/{asset}/{expiry}/{signature}/{name}`: public, since the link itself is the proof.
pub(crate) async fn linked(
    State(app): State<App>,
    Path((asset, expiry, signature, _name)): Path<(String, String, String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id: AssetId = asset.parse().map_err(|_| LinkError::Forged)?;
    let now = app.clock.now();
    let part = app.links.key.check(id, &expiry, &signature, now)?;
    let asset = app.store.asset_for_link(id).await?;
    let asset = asset.ok_or(ApiError::Gone("file"))?;
    let file = File::of(&asset, part).ok_or(ApiError::NotFound("preview"))?;
    if headers.get(IF_NONE_MATCH) == Some(&file.etag) {
        return Ok(file.answer(StatusCode::NOT_MODIFIED, Body::empty()));
    }
    if let Some((storage, key)) = file.artifact.key.storage() {
        return file
            .in_storage(&app, (asset.account, storage, &key), &method)
            .await;
    }
    let wanted = file.wanted(&headers)?;
    if method == Method::HEAD {
        let reading = file.unread(&app, wanted.clone()).await?;
        return Ok(file.streamed(reading, wanted.is_some()));
    }
    // A thumbnail is small, and a page shows many: our tag lets a browser keep it, and a strict page
    // has one host to allow.
    // A page is told by us to run no script, which an object store would not do.
    if part == Part::Result
        && !file.artifact.content_type.starts_with("text/html")
        && let Some(elsewhere) = file.elsewhere(&app).await?
    {
        return Ok(elsewhere);
    }
    let opened = app.objects.open(&file.artifact.key, wanted.clone()).await;
    Ok(file.streamed(opened.map_err(unreadable)?, wanted.is_some()))
}

/// The whole result, as the answer to the request that made it.
pub(crate) async fn whole(app: &App, asset: &Asset) -> Result<Response, ApiError> {
    let file = File::of(asset, Part::Result).ok_or(ApiError::NotFound("file"))?;
    let reading = app.objects.open(&file.artifact.key, None).await?;
    Ok(file.streamed(reading, false))
}

/// One of an asset's two files.
struct File {
    artifact: Artifact,
    disposition: HeaderValue,
    /// Objects are immutable, so the id stands for the content.
    etag: HeaderValue,
}

impl File {
    fn of(asset: &Asset, part: Part) -> Option<Self> {
        let (artifact, name, mark) = match part {
            Part::Result => (result(asset), asset.file_name.clone(), ""),
            Part::Preview => {
                let preview = asset.preview.clone()?;
                let name = preview_name(&asset.file_name, &preview.extension);
                (preview, name, "p")
            }
        };
        let inline = asset.inline || part == Part::Preview;
        Some(Self {
            artifact,
            disposition: disposition::header(inline, &name),
            etag: HeaderValue::try_from(format!("\"{}{mark}\"", asset.id)).ok()?,
        })
    }

    /// The bytes that the caller wants, unless it is all of them.
    fn wanted(&self, headers: &HeaderMap) -> Result<Option<Range<u64>>, ApiError> {
        let size = self.artifact.size;
        let stale = headers.get(IF_RANGE).is_some_and(|tag| tag != self.etag);
        let asked = headers.get(RANGE).and_then(|value| value.to_str().ok());
        match asked
            .filter(|_| !stale)
            .map(|text| range::parse(text, size))
        {
            Some(Wanted::Part(range)) => Ok(Some(range)),
            Some(Wanted::Outside) => Err(ApiError::Range { size }),
            Some(Wanted::Whole) | None => Ok(None),
        }
    }

    /// What opening would tell, without the bytes.
    async fn unread(&self, app: &App, wanted: Option<Range<u64>>) -> Result<Reading, ApiError> {
        let size = app.objects.size(&self.artifact.key).await;
        let size = size.map_err(unreadable)?;
        Ok(Reading {
            size,
            range: wanted.unwrap_or(0..size),
            stream: futures::stream::empty().boxed(),
        })
    }

    /// Sends the caller to the object store, if that can serve the file. The file is looked for first:
    /// the store would say of a deleted one what it says of a mistake.
    async fn elsewhere(&self, app: &App) -> Result<Option<Response>, ApiError> {
        let Ok(disposition) = self.disposition.to_str() else {
            return Ok(None);
        };
        let (key, content_type) = (&self.artifact.key, &self.artifact.content_type);
        let link = app
            .objects
            .presigned(key, disposition, content_type, REDIRECT_LIFE)
            .await
            .map_err(unreadable)?;
        let Some(link) = link else {
            return Ok(None);
        };
        app.objects.size(key).await.map_err(unreadable)?;
        redirect(&link).map(Some)
    }

    /// Sends the caller to the customer's own bucket, which is not asked whether the file is there. A HEAD
    /// is answered by what is known, since a link to S3 is good for one method.
    async fn in_storage(
        &self,
        app: &App,
        place: (AccountId, StorageId, &ObjectKey),
        method: &Method,
    ) -> Result<Response, ApiError> {
        if method == Method::HEAD {
            let size = self.artifact.size;
            let unread = Reading {
                size,
                range: 0..size,
                stream: futures::stream::empty().boxed(),
            };
            return Ok(self.streamed(unread, false));
        }
        let disposition = self.disposition.to_str().unwrap_or("attachment");
        let shown = (&self.artifact, disposition);
        redirect(&own::link(app, place, shown, REDIRECT_LIFE).await?)
    }

    fn streamed(&self, reading: Reading, partial: bool) -> Response {
        let (size, range) = (reading.size, reading.range);
        let status = if partial {
            StatusCode::PARTIAL_CONTENT
        } else {
            StatusCode::OK
        };
        let mut response = self.answer(status, Body::from_stream(reading.stream));
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, (range.end - range.start).into());
        let place = format!(
            "bytes {}-{}/{size}",
            range.start,
            range.end.saturating_sub(1)
        );
        if let (true, Ok(place)) = (partial, HeaderValue::try_from(place)) {
            headers.insert(CONTENT_RANGE, place);
        }
        response
    }

    fn answer(&self, status: StatusCode, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let content_type = HeaderValue::try_from(&self.artifact.content_type);
        let unknown = HeaderValue::from_static("application/octet-stream");
        headers.insert(CONTENT_TYPE, content_type.unwrap_or(unknown));
        if self.artifact.content_type == "text/html" {
            headers.insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
        }
        headers.insert(CONTENT_DISPOSITION, self.disposition.clone());
        headers.insert(ETAG, self.etag.clone());
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        response
    }
}

fn redirect(link: &Url) -> Result<Response, ApiError> {
    let place = HeaderValue::try_from(link.as_str()).map_err(ApiError::internal)?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(LOCATION, place);
    headers.insert(CACHE_CONTROL, REDIRECT_CACHING);
    Ok(response)
}

fn unreadable(error: ObjectError) -> ApiError {
    match error {
        ObjectError::Missing(_) => ApiError::Gone("file"),
        error @ (ObjectError::Store(_) | ObjectError::Refused(_)) => ApiError::Unavailable {
            message: "files can't be read at the moment",
            retry_after: Duration::from_secs(5),
            cause: Some(error.into()),
        },
        error @ (ObjectError::TooLong { .. } | ObjectError::Folder { .. }) => error.into(),
    }
}

fn result(asset: &Asset) -> Artifact {
    Artifact {
        key: asset.key.clone(),
        content_type: asset.content_type.clone(),
        extension: asset.extension.clone(),
        size: asset.size,
    }
}
