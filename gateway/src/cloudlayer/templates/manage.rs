//! Keeping templates: an extension of ours, since the dialect has no known endpoint for it. Each change is a
//! version; the newest is used where none is named.

use axum::extract::State;
use bytes::Bytes;
use common::id::AccountId;
use common::job::TemplateKind;
use common::store::{Caller, TemplateChange, TemplateDraft};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::{TemplateView, owned};
use crate::app::App;
use crate::body::Posted;
use crate::cloudlayer::request;
use crate::crowd;
use crate::error::ApiError;
use crate::fields::{Field, Fields};
use crate::invalid::Invalid;
use crate::json::{Json, Path};
use crate::templates::{KEPT_VERSIONS, MOST_TEMPLATES, SAMPLE_LIMIT, STORED_LIMIT};

/// The longest title, in bytes.
const TITLE_LIMIT: usize = 200;

/// `POST /templates` with `template`, and if wanted `title`, `type` and `sampleData`.
pub(crate) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<(StatusCode, Json<TemplateView>), ApiError> {
    let account = posted.caller.account;
    let change = Change::read(&app, account, (&headers, posted.body)).await?;
    let source = change.source.as_deref().ok_or_else(missing)?;
    let draft = TemplateDraft {
        title: change.title.as_deref().unwrap_or("Untitled"),
        kind: change.kind.unwrap_or(TemplateKind::Pdf),
        sample: change.sample.as_deref(),
        source,
    };
    let now = app.clock.now();
    let id = app
        .store
        .create_template(account, &draft, MOST_TEMPLATES, now)
        .await?;
    let id = id.ok_or_else(|| ApiError::Unprocessable {
        field: None,
        message: format!(
            "the account has {MOST_TEMPLATES} templates, as many as are kept: delete one first"
        ),
    })?;
    let template = app.store.template(account, id).await?;
    let template = template.ok_or(ApiError::NotFound("template"))?;
    Ok((StatusCode::CREATED, Json(TemplateView::kept(template))))
}

/// `PUT /template/:id` with any of the same; makes a version.
pub(crate) async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Json<TemplateView>, ApiError> {
    let (id, caller) = owned(&id, Some(posted.caller))?;
    let change = Change::read(&app, caller.account, (&headers, posted.body)).await?;
    let change = TemplateChange {
        title: change.title.as_deref(),
        kind: change.kind,
        sample: change.sample.as_deref(),
        source: change.source.as_deref(),
    };
    let now = app.clock.now();
    let template = app
        .store
        .update_template(caller.account, id, &change, KEPT_VERSIONS, now)
        .await?;
    let template = template.ok_or(ApiError::NotFound("template"))?;
    Ok(Json(TemplateView::kept(template)))
}

/// `DELETE /template/:id`; jobs that were accepted before go on.
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (id, caller) = owned(&id, Some(caller))?;
    if !app.store.delete_template(caller.account, id).await? {
        return Err(ApiError::NotFound("template"));
    }
    Ok(StatusCode::NO_CONTENT)
}

fn missing() -> Invalid {
    Invalid::new(
        "template",
        "is missing; it must be the base64 of a template",
    )
}

/// What a request says of a template.
#[derive(Debug)]
struct Change {
    title: Option<String>,
    kind: Option<TemplateKind>,
    sample: Option<String>,
    source: Option<String>,
}

impl Change {
    async fn read(
        app: &App,
        account: AccountId,
        (headers, body): (&HeaderMap, Vec<u8>),
    ) -> Result<Self, ApiError> {
        let is_form = request::is_form(headers);
        let map: Map<String, Value> = if is_form {
            request::read_form(headers, Bytes::from(body)).await?
        } else {
            crowd::check(&body)?;
            serde_json::from_slice(&body).map_err(|error| {
                Invalid::body(format!(
                    "The body must be a JSON object or a form: {error}."
                ))
            })?
        };
        let fields = Fields::root(&map);
        let source = fields.maybe("template", |field| {
            if is_form {
                field.text().map(str::to_owned)
            } else {
                request::template_source(field)
            }
        })?;
        Ok(Self {
            title: fields.maybe("title", |field| field.line(TITLE_LIMIT).map(str::to_owned))?,
            kind: fields.maybe("type", |field| {
                field.word(&[("pdf", TemplateKind::Pdf), ("image", TemplateKind::Image)])
            })?,
            sample: fields.maybe("sampleData", sample)?,
            source: match source {
                Some(source) => Some(understood(app, account, source).await?),
                None => None,
            },
        })
    }
}

/// A template that is short enough and can be understood.
async fn understood(app: &App, account: AccountId, source: String) -> Result<String, ApiError> {
    if source.len() > STORED_LIMIT {
        let most = STORED_LIMIT / 1024;
        let message = format!("must be a template of at most {most} KiB to be kept");
        return Err(Invalid::new("template", message).too_large().into());
    }
    let checked = app.press.checked(account, source).await;
    checked.map_err(|error| error.about("template"))
}

fn sample(field: &Field<'_>) -> Result<String, Invalid> {
    if !field.value().is_object() {
        return Err(field.unlike("an object"));
    }
    let text = field.value().to_string();
    if text.len() > SAMPLE_LIMIT {
        let most = SAMPLE_LIMIT / 1024;
        return Err(field
            .invalid(format!("must be at most {most} KiB of JSON"))
            .too_large());
    }
    Ok(text)
}
