//! Stored results as the dialect shows them (reference cloudlayer 8.2), and the reads of them.

use axum::extract::State;
use common::id::AssetId;
use common::link::{Links, Part};
use common::objects::ObjectKey;
use common::store::{Asset, Caller};
use http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::{labels, paging};
use crate::app::App;
use crate::download::preview_name;
use crate::error::ApiError;
use crate::json::{Json, Path};

/// `GET /assets`.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Vec<AssetView>>, ApiError> {
    let page = paging::page(&uri, |id| id.parse::<AssetId>().is_ok())?;
    let labels = labels::labels(&uri)?;
    let assets = app
        .store
        .labelled_assets(caller.account, &labels, &page)
        .await?;
    let views = assets.iter().map(|asset| AssetView::new(asset, &app.links));
    Ok(Json(views.collect()))
}

/// `GET /assets/:id`.
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<AssetView>, ApiError> {
    let id: AssetId = id.parse().map_err(|_| ApiError::NotFound("asset"))?;
    let asset = app.store.asset(caller.account, id).await?;
    let asset = asset.ok_or(ApiError::NotFound("asset"))?;
    Ok(Json(AssetView::new(&asset, &app.links)))
}

/// The asset object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssetView {
    id: String,
    uid: String,
    job_id: String,
    file_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_file_id: Option<String>,
    name: String,
    /// The media type.
    r#type: String,
    /// Without a dot.
    ext: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_ext: Option<String>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_url: Option<String>,
    size: u64,
    /// Creation, Unix milliseconds.
    timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
}

impl AssetView {
    fn new(asset: &Asset, links: &Links) -> Self {
        let preview = asset.preview.as_ref();
        let id = asset.id.to_string();
        Self {
            uid: asset.account.to_string(),
            job_id: asset.job.to_string(),
            preview_file_id: preview
                .map(|preview| in_bucket(&preview.key).unwrap_or_else(|| format!("{id}-preview"))),
            file_id: in_bucket(&asset.key).unwrap_or_else(|| id.clone()),
            id,
            name: asset
                .name
                .clone()
                .unwrap_or_else(|| asset.file_name.clone()),
            r#type: asset.content_type.clone(),
            ext: asset.extension.clone(),
            preview_ext: preview.map(|preview| preview.extension.clone()),
            url: url(asset, Part::Result, links),
            preview_url: preview.map(|_| url(asset, Part::Preview, links)),
            size: asset.size,
            timestamp: asset.created_at.as_millis(),
            project_id: asset.project_id.clone(),
        }
    }
}

/// The key of a file that lies in its owner's bucket.
fn in_bucket(key: &ObjectKey) -> Option<String> {
    let (_, there) = key.storage()?;
    Some(there.to_string())
}

/// The link to one of an asset's files; it works for as long as the asset is kept.
pub(super) fn url(asset: &Asset, part: Part, links: &Links) -> String {
    let name = match (part, &asset.preview) {
        (Part::Preview, Some(preview)) => preview_name(&asset.file_name, &preview.extension),
        (Part::Preview, None) | (Part::Result, _) => asset.file_name.clone(),
    };
    links.asset(asset.id, part, asset.expires_at, &name)
}
