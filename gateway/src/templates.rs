//! Templates: a language close to Nunjucks, documents made of it in bounds, and a gallery of our own.
//!
//! Start with `engine` (how a document is made) and `dialect` (what is rewritten for it). A document is
//! made before anything is charged, and the renderer gets ordinary HTML.

mod data;
mod dialect;
mod engine;
mod error;
mod filters;
mod functions;
pub(crate) mod gallery;
mod methods;
mod moment;
mod press;
mod totals;

use anyhow::Context as _;

pub(crate) use self::data::Data;
pub(crate) use self::engine::TEMPLATE_LIMIT;
pub(crate) use self::press::Press;

pub use self::press::child::child;

/// The most bytes of a template that is kept.
pub const STORED_LIMIT: usize = 256 * 1024;

/// The most templates of an account.
pub const MOST_TEMPLATES: u32 = 100;

/// How many versions of a template are kept, the newest ones.
pub const KEPT_VERSIONS: u32 = 20;

/// The most bytes of a template's sample data as JSON.
pub const SAMPLE_LIMIT: usize = 64 * 1024;

/// Says whether a template can be understood, without running it.
pub fn check(source: &str) -> anyhow::Result<()> {
    press::understands(source).context("the template can't be understood")
}

/// Makes the document of a template and its data, a JSON object; for whoever writes templates.
pub fn document(source: &str, data: &str) -> anyhow::Result<String> {
    let data = Data::parse(data).context("the data can't be used")?;
    let made = press::make(source.to_owned().into(), data);
    made.context("the template can't be made a document")
}

/// The same of a template of the gallery, with its sample data unless there are other; `None` if there is no
/// such template.
pub fn example(id: &str, data: Option<&str>) -> Option<anyhow::Result<String>> {
    let entry = gallery::find(id)?;
    let sample = entry.about.sample_data.to_string();
    let text = data.unwrap_or(&sample);
    Some(entry.data(text).map_err(Into::into).and_then(|data| {
        let made = press::make(entry.source.into(), data);
        made.context("the template can't be made a document")
    }))
}
