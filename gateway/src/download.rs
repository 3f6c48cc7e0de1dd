//! Results as files: behind signed links, and as the raw answer to a waiting caller.

mod disposition;
mod range;

use std::ops::Range;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use common::artifact::Artifact;
use common::id::AssetId;
use common::link::{LinkError, Part};
use common::objects::{ObjectError, Reading};
use common::store::Asset;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use self::range::Wanted;
use crate::app::App;
use crate::error::ApiError;
use crate::json::Path;

pub(crate) use self::disposition::preview_name;

/// `GET /assets/{asset}/{expiry}/{signature}/{name}`: public, since the link itself is the proof.
pub(crate) async fn linked(
    State(app): State<App>,
    Path((asset, expiry, signature, _name)): Path<(String, String, String, String)>,
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
    let wanted = file.wanted(&headers)?;
    let opened = app.objects.open(&file.artifact.key, wanted.clone()).await;
    let reading = opened.map_err(|error| match error {
        ObjectError::Missing(_) => ApiError::Gone("file"),
        error @ (ObjectError::TooLong { .. }
        | ObjectError::Store(_)
        | ObjectError::Folder { .. }) => error.into(),
    })?;
    Ok(file.streamed(reading, wanted.is_some()))
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
        headers.insert(CONTENT_DISPOSITION, self.disposition.clone());
        headers.insert(ETAG, self.etag.clone());
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        response
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
