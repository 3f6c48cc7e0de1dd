//! Templates: the fields of a conversion that name one, and those of one that is kept.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A template, sent along or named, and the data for it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "templateId": "professional-invoice" }))]
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
pub(super) struct Template {
    /// The base64 of a template in the language of Nunjucks, at most 1 MiB before base64; or `templateId`.
    #[schema(format = Byte, example = "PGgxPkhlbGxvLCB7eyBuYW1lIH19PC9oMT4=")]
    template: Option<String>,
    /// The name of a template of the gallery, or the id of one of your own, which begins with `u-`; or `template`.
    #[schema(min_length = 1, max_length = 100, example = "professional-invoice")]
    template_id: Option<String>,
    /// An extension of Platen: the version of a template of your own; the newest where nothing is said.
    #[schema(minimum = 1, maximum = 4_294_967_295_u64)]
    template_version: Option<u64>,
    /// What the template speaks of, at most 2 MiB of JSON: an object, which older clients write as text.
    #[schema(value_type = Option<Object>, example = json!({ "name": "paper" }))]
    data: Option<Value>,
}

/// A template, its data and the options as a form. Each part may carry a file name, and every other option of the JSON body
/// may be a part too.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::openapi) struct TemplateForm {
    /// The template as it is: not in base64.
    #[schema(example = "<h1>Hello, {{ name }}</h1>")]
    template: Option<String>,
    /// The name of a template of the gallery, or the id of one of your own.
    #[schema(max_length = 100)]
    template_id: Option<String>,
    /// An extension of Platen: the version of a template of your own.
    #[schema(minimum = 1, maximum = 4_294_967_295_u64)]
    template_version: Option<u64>,
    /// What the template speaks of: a JSON object.
    #[schema(value_type = Option<Object>, example = json!({ "name": "paper" }))]
    data: Option<Value>,
    /// The options of the JSON body, as a JSON object. The part may also be called `json`.
    #[schema(value_type = Option<Object>, example = json!({ "format": "a4" }))]
    options: Option<Value>,
}

/// A template to be kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "template": "PGgxPkhlbGxvLCB7eyBuYW1lIH19PC9oMT4=" }))]
pub(in crate::openapi) struct NewTemplate {
    /// The base64 of a template in the language of Nunjucks, at most 256 KiB before base64. It is tried before it is kept.
    #[schema(format = Byte, example = "PGgxPkhlbGxvLCB7eyBuYW1lIH19PC9oMT4=")]
    template: String,
    #[serde(flatten)]
    about: TemplateAbout,
}

/// What changes of a template; what is not named stays.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::openapi) struct TemplateChange {
    /// The base64 of the new text, at most 256 KiB before base64.
    #[schema(format = Byte, example = "PGgxPkhlbGxvLCB7eyBuYW1lIH19PC9oMT4=")]
    template: Option<String>,
    #[serde(flatten)]
    about: TemplateAbout,
}

/// What is said of a template that is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TemplateAbout {
    /// What people know it by; `Untitled` where nothing is said.
    #[schema(min_length = 1, max_length = 200, example = "Greeting")]
    title: Option<String>,
    /// What it is for; `pdf` where nothing is said.
    r#type: Option<TemplateUse>,
    /// Data to try it with: an object of at most 64 KiB of JSON.
    #[schema(value_type = Option<Object>, example = json!({ "name": "paper" }))]
    sample_data: Option<Value>,
}

/// What a template is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TemplateUse {
    /// PDFs.
    Pdf,
    /// Pictures.
    Image,
}
