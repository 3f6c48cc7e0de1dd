//! The template group: which template, and the data for it (reference 6.10).

use common::id::TemplateId;
use serde_json::{Map, Value};

use super::Invalid;
use super::fields::{Field, Fields};
use crate::encoded::{DecodeError, decode};
use crate::templates::TEMPLATE_LIMIT;

/// The most bytes of data as JSON.
const DATA_LIMIT: usize = 2 * 1024 * 1024;

/// What a document is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// The template.
    pub(crate) chosen: Chosen,
    /// A JSON object, not read yet.
    pub(crate) data: String,
}

/// The template of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Sent along.
    Inline(String),
    /// Of the gallery, by its name.
    Gallery(String),
    /// Kept for an account; without a version the newest.
    Kept(TemplateId, Option<u32>),
}

impl Chosen {
    /// The field that names it.
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::Inline(_) => "template",
            Self::Gallery(_) | Self::Kept(..) => "templateId",
        }
    }
}

/// Reads the group. `is_form` says that the template came as a part of a form, and so as it is.
pub(crate) fn read(map: &Map<String, Value>, is_form: bool) -> Result<Form, Invalid> {
    let fields = Fields::root(map);
    for name in ["html", "url", "batch", "headers", "geolocation"] {
        if fields.get(name).is_some() {
            let message = "can't be sent to a template endpoint, which takes `templateId` or `template`: leave it out";
            return Err(fields.invalid(name, message));
        }
    }
    let read = if is_form { plain } else { source };
    let inline = fields.maybe("template", read)?;
    let named = fields.maybe("templateId", |field| named(field, &fields))?;
    let chosen = match (inline, named) {
        (Some(text), None) => Chosen::Inline(text),
        (None, Some(named)) => named,
        (Some(_), Some(_)) => {
            let message = "can't be sent together with `templateId`: send one of the two";
            return Err(fields.invalid("template", message));
        }
        (None, None) => {
            let message = "is missing; send the id of a template, or `template`, the base64 of one";
            return Err(fields.invalid("templateId", message));
        }
    };
    let data = fields.maybe("data", data)?.unwrap_or("{}");
    Ok(Form {
        chosen,
        data: data.to_owned(),
    })
}

/// A template out of its base64.
pub(crate) fn source(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?;
    let bytes = decode(text, TEMPLATE_LIMIT).map_err(|error| match error {
        DecodeError::Empty => {
            field.invalid("must not be empty; it must be the base64 of a template")
        }
        DecodeError::TooLarge => too_large(field),
        DecodeError::Wrong => {
            let is_plain = text.contains(['<', '{']);
            let hint = if is_plain {
                "; this is a template itself, encode it first"
            } else {
                ""
            };
            field.invalid(format!(
                "must be the base64 of a template, in the standard alphabet{hint}"
            ))
        }
    })?;
    let source =
        String::from_utf8(bytes).map_err(|_| field.invalid("must be the base64 of UTF-8 text"))?;
    let bare = source.strip_prefix('\u{feff}').map(str::to_owned);
    let source = bare.unwrap_or(source);
    not_empty(field, source)
}

/// A template as it is.
fn plain(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?;
    if text.len() > TEMPLATE_LIMIT {
        return Err(too_large(field));
    }
    not_empty(field, text.to_owned())
}

fn not_empty(field: &Field<'_>, source: String) -> Result<String, Invalid> {
    if source.trim().is_empty() {
        return Err(field.invalid("must not be an empty template"));
    }
    Ok(source)
}

fn too_large(field: &Field<'_>) -> Invalid {
    let most = TEMPLATE_LIMIT / 1024;
    field
        .invalid(format!("must be a template of at most {most} KiB"))
        .too_large()
}

fn named(field: &Field<'_>, fields: &Fields<'_>) -> Result<Chosen, Invalid> {
    let name = field.line(100)?;
    let version = fields.maybe("templateVersion", |field| field.whole(1..=u32::MAX))?;
    match name.parse() {
        Ok(id) => Ok(Chosen::Kept(id, version)),
        Err(_) if version.is_some() => Err(fields.invalid(
            "templateVersion",
            "is for templates of your own, whose ids begin with `u-`: leave it out",
        )),
        Err(_) => Ok(Chosen::Gallery(name.to_owned())),
    }
}

/// An object, which the body's reader has left as text; or an object as text, as older documentation
/// has it.
fn data<'a>(field: &Field<'a>) -> Result<&'a str, Invalid> {
    let Ok(text) = field.text() else {
        return Err(field.unlike("an object"));
    };
    if text.len() > DATA_LIMIT {
        let most = DATA_LIMIT / (1024 * 1024);
        return Err(field
            .invalid(format!("must be at most {most} MiB of JSON"))
            .too_large());
    }
    Ok(text)
}
