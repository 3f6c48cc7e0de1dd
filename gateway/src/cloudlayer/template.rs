//! The template endpoints: from a form or JSON to the request of an ordinary document.

use std::borrow::Cow;

use bytes::Bytes;
use common::id::AccountId;
use common::task::{Document, Source};
use http::HeaderMap;

use super::request::{self, Chosen, Endpoint, Form, Request};
use crate::app::App;
use crate::body::Posted;
use crate::error::ApiError;
use crate::invalid::Invalid;
use crate::templates::{Data, gallery};

/// Parses a request, whose document is empty yet, and what that will be made of.
pub(super) async fn read(
    app: &App,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Result<(Request, Form), ApiError> {
    let is_form = request::is_form(headers);
    let mut map = if is_form {
        request::read_form(headers, Bytes::from(body)).await?
    } else {
        request::read_json(&body)?
    };
    let form = request::read_template(&map, is_form)?;
    if let (Chosen::Gallery(id), Some(kind)) = (&form.chosen, endpoint.kind.template()) {
        let entry = gallery::find(id).ok_or_else(|| unknown(id))?;
        entry.complete(&mut map, kind);
    }
    Ok((request::build(endpoint, &map, &app.egress)?, form))
}

/// Makes the document of a request. Nothing is charged for a template that makes none.
pub(super) async fn resolve(
    app: &App,
    posted: &mut Posted,
    form: Form,
    request: &mut Request,
) -> Result<(), ApiError> {
    let document = document(app, posted.caller.account, form).await?;
    posted.share.grow(document.len())?;
    request.task.source = Source::Html(Document::Inline(document));
    Ok(())
}

async fn document(app: &App, account: AccountId, form: Form) -> Result<String, ApiError> {
    let field = form.chosen.field();
    let (source, data): (Cow<'static, str>, _) = match form.chosen {
        Chosen::Inline(text) => (text.into(), Data::parse(&form.data)),
        Chosen::Gallery(id) => {
            let entry = gallery::find(&id).ok_or_else(|| unknown(&id))?;
            (entry.source.into(), entry.data(&form.data))
        }
        Chosen::Kept(id, version) => {
            let source = app.store.template_source(account, id, version).await?;
            let source = source.ok_or(ApiError::NotFound("template"))?;
            (source.into(), Data::parse(&form.data))
        }
    };
    let data = data.map_err(|error| Invalid::new("data", error.to_string()))?;
    let made = app.press.document(account, source, data).await;
    let document = made.map_err(|error| error.about(field))?;
    if document.trim().is_empty() {
        return Err(Invalid::new(field, "makes an empty document of this data").into());
    }
    Ok(document)
}

fn unknown(id: &str) -> ApiError {
    let known: Vec<_> = gallery::all()
        .iter()
        .map(|entry| format!("`{}`", entry.id))
        .collect();
    let message = format!(
        "`templateId` names no template: there is no {id:?} in the gallery, which has {}; ids of your own templates begin with `u-`",
        known.join(", ")
    );
    ApiError::field("templateId", message)
}
