//! Templates as the dialect shows them (reference cloudlayer 11.3), and the reads of them. The gallery is
//! everybody's and needs no key; with one, the account's own templates are there too.

pub(crate) mod manage;
mod visitor;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::id::TemplateId;
use common::job::TemplateKind;
use common::store::{Caller, Template};
use http::Uri;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use utoipa::ToSchema;

use self::visitor::Visitor;
use crate::app::App;
use crate::error::ApiError;
use crate::json::{Json, Path};
use crate::templates::gallery::{self, Entry};

/// When the gallery was last changed, Unix milliseconds.
const GALLERY_TIME: i64 = 1_795_651_200_000;

/// Where previews are.
pub(crate) const PREVIEW_PATH: &str = "/gallery/{id}/preview.png";

/// `GET /templates`.
pub(crate) async fn list(
    State(app): State<App>,
    Visitor(caller): Visitor,
    uri: Uri,
) -> Result<Json<Vec<TemplateView>>, ApiError> {
    let wanted = Wanted::read(&uri)?;
    let own = match &caller {
        Some(caller) => app.store.templates(caller.account).await?,
        None => Vec::new(),
    };
    let own = own.into_iter().map(TemplateView::kept);
    let gallery = gallery::all()
        .iter()
        .map(|entry| TemplateView::of(entry, &app));
    let mut found: Vec<_> = own.chain(gallery).filter(|view| wanted.has(view)).collect();
    if !wanted.expand {
        found.iter_mut().for_each(TemplateView::shorten);
    }
    Ok(Json(found))
}

/// `GET /template/:id`; of a template of one's own with its text, of the version in the query.
pub(crate) async fn read(
    State(app): State<App>,
    Visitor(caller): Visitor,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<TemplateView>, ApiError> {
    if let Some(entry) = gallery::find(&id) {
        return Ok(Json(TemplateView::of(entry, &app)));
    }
    let (id, caller) = owned(&id, caller)?;
    let version = version(&uri)?;
    let missing = || ApiError::NotFound("template");
    let template = app
        .store
        .template(caller.account, id)
        .await?
        .ok_or_else(missing)?;
    let source = app
        .store
        .template_source(caller.account, id, version)
        .await?;
    let source = source.ok_or_else(missing)?;
    let mut view = TemplateView::kept(template);
    view.version = version.or(view.version);
    view.template = Some(BASE64_STANDARD.encode(source));
    Ok(Json(view))
}

/// `GET /gallery/:id/preview.png`.
pub(crate) async fn preview(Path(id): Path<String>) -> Result<Response, ApiError> {
    let entry = gallery::find(&id).ok_or(ApiError::NotFound("template"))?;
    let headers = [
        (CONTENT_TYPE, "image/png"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((headers, entry.preview).into_response())
}

/// A template is only ever its owner's: for others there is none.
fn owned(id: &str, caller: Option<Caller>) -> Result<(TemplateId, Caller), ApiError> {
    let owned = id.parse().ok().zip(caller);
    owned.ok_or(ApiError::NotFound("template"))
}

fn version(uri: &Uri) -> Result<Option<u32>, ApiError> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let mut parts = url::form_urlencoded::parse(query);
    let Some((_, value)) = parts.find(|(name, _)| name == "version") else {
        return Ok(None);
    };
    let version = value.parse().ok().filter(|version| *version > 0);
    let message = "`version` must be the number of a version, such as 2";
    version
        .map(Some)
        .ok_or_else(|| ApiError::field("version", message))
}

/// Which templates a list shows.
#[derive(Debug, Default)]
struct Wanted {
    kind: Option<TemplateKind>,
    category: Option<String>,
    /// One of them is enough.
    tags: Vec<String>,
    expand: bool,
}

impl Wanted {
    fn read(uri: &Uri) -> Result<Self, ApiError> {
        let mut wanted = Self::default();
        let query = uri.query().unwrap_or_default().as_bytes();
        for (name, value) in url::form_urlencoded::parse(query) {
            if value.is_empty() {
                continue;
            }
            match (name.as_ref(), value.as_ref()) {
                ("type", text) => {
                    let message = "`type` must be pdf or image";
                    let kind = text.parse().map_err(|_| ApiError::field("type", message))?;
                    wanted.kind = Some(kind);
                }
                ("category", text) => wanted.category = Some(text.to_owned()),
                ("tags", text) => {
                    let tags = text.split(',').map(|tag| tag.trim().to_owned());
                    wanted.tags.extend(tags.filter(|tag| !tag.is_empty()));
                }
                ("expand", "true" | "1") => wanted.expand = true,
                ("expand", "false" | "0") => wanted.expand = false,
                ("expand", _) => {
                    return Err(ApiError::field("expand", "`expand` must be true or false"));
                }
                _ => {}
            }
        }
        Ok(wanted)
    }

    fn has(&self, view: &TemplateView) -> bool {
        let is_kind = self.kind.is_none_or(|kind| kind == view.r#type);
        let category = self.category.as_ref();
        let is_category = category.is_none_or(|wanted| wanted.eq_ignore_ascii_case(&view.category));
        let has_tag =
            |wanted: &String| view.tags.iter().any(|tag| tag.eq_ignore_ascii_case(wanted));
        is_kind && is_category && (self.tags.is_empty() || self.tags.iter().any(has_tag))
    }
}

/// The template object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemplateView {
    id: String,
    template_id: String,
    title: String,
    /// That of a template of one's own is `user`.
    category: String,
    /// `pdf` or `image`.
    #[schema(value_type = String)]
    r#type: TemplateKind,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_keywords: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    highlights: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example_asset_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    /// Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_data: Option<serde_json::Value>,
    /// Of a template of one's own: which version this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    /// The same: its text in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
}

impl TemplateView {
    fn of(entry: &Entry, app: &App) -> Self {
        let about = &entry.about;
        let public = app.links.public_url.trim_end_matches('/');
        let preview = format!("{public}{}", PREVIEW_PATH.replace("{id}", entry.id));
        Self {
            id: entry.id.to_owned(),
            template_id: entry.id.to_owned(),
            title: about.title.clone(),
            category: about.category.clone(),
            r#type: about.r#type,
            tags: about.tags.clone(),
            short_description: Some(about.short_description.clone()),
            search_keywords: Some(about.search_keywords.clone()),
            highlights: Some(about.highlights.clone()),
            example_asset_url: Some(preview.clone()),
            preview_url: Some(preview),
            author_name: Some("Platen".to_owned()),
            timestamp: Some(GALLERY_TIME),
            sample_data: Some(about.sample_data.clone()),
            version: None,
            template: None,
        }
    }

    /// A template of the caller's own.
    fn kept(template: Template) -> Self {
        let id = template.id.to_string();
        let sample = template.sample.as_deref().map(serde_json::from_str);
        Self {
            template_id: id.clone(),
            id,
            title: template.title,
            category: "user".to_owned(),
            r#type: template.kind,
            tags: Vec::new(),
            short_description: None,
            search_keywords: None,
            highlights: None,
            preview_url: None,
            example_asset_url: None,
            author_name: None,
            timestamp: Some(template.updated_at.as_millis()),
            sample_data: sample.and_then(Result::ok),
            version: Some(template.version),
            template: None,
        }
    }

    /// Leaves what a list shows.
    fn shorten(&mut self) {
        self.short_description = None;
        self.search_keywords = None;
        self.highlights = None;
        self.preview_url = None;
        self.example_asset_url = None;
        self.author_name = None;
        self.timestamp = None;
        self.sample_data = None;
    }
}

#[cfg(test)]
mod tests;
