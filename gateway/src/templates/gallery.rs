//! The gallery: templates of our own design, in the program itself. A folder of `gateway/templates` each:
//! the template, what it is about with its sample data, and a picture of it.

use std::sync::LazyLock;

use common::job::TemplateKind;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::data::{Data, InvalidData};

/// A template of the gallery.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What callers name it by.
    pub(crate) id: &'static str,
    /// The template.
    pub(crate) source: &'static str,
    /// A picture of it with its sample data: a PNG.
    pub(crate) preview: &'static [u8],
    /// What it is about.
    pub(crate) about: About,
}

/// What a template is about, for people who choose one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) short_description: String,
    pub(crate) search_keywords: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) category: String,
    pub(crate) r#type: TemplateKind,
    pub(crate) highlights: Vec<String>,
    /// Whether sums that are null are filled in.
    #[serde(default)]
    pub(crate) totals: bool,
    /// Options of a PDF that the caller does not name.
    pub(crate) pdf: Map<String, Value>,
    /// The same of a picture.
    pub(crate) image: Map<String, Value>,
    pub(crate) sample_data: Value,
}

/// Every template, in the order in which they are listed.
pub(crate) fn all() -> &'static [Entry] {
    &GALLERY
}

/// The template of this name.
pub(crate) fn find(id: &str) -> Option<&'static Entry> {
    all().iter().find(|entry| entry.id == id)
}

impl Entry {
    /// Reads data for it, a JSON object.
    pub(crate) fn data(&self, text: &str) -> Result<Data, InvalidData> {
        if self.about.totals {
            Data::with_totals(text)
        } else {
            Data::parse(text)
        }
    }

    /// Puts the template's own options where the caller names none.
    pub(crate) fn complete(&self, options: &mut Map<String, Value>, kind: TemplateKind) {
        const SIZE: [&str; 4] = ["format", "width", "height", "landscape"];
        let own = match kind {
            TemplateKind::Pdf => &self.about.pdf,
            TemplateKind::Image => &self.about.image,
        };
        let is_named = |name: &str| options.get(name).is_some_and(|value| !value.is_null());
        let is_sized = SIZE.iter().any(|name| is_named(name));
        let missing: Vec<_> = own
            .iter()
            .filter(|(name, _)| !(is_named(name) || is_sized && SIZE.contains(&name.as_str())))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        options.extend(missing);
    }
}

macro_rules! gallery {
    ($($id:literal),+ $(,)?) => {
        &[$((
            $id,
            include_str!(concat!("../../templates/", $id, "/template.html")),
            include_str!(concat!("../../templates/", $id, "/about.json")),
            include_bytes!(concat!("../../templates/", $id, "/preview.png")),
        )),+]
    };
}

type Parts = (&'static str, &'static str, &'static str, &'static [u8]);

const PARTS: &[Parts] = gallery!(
    "professional-invoice",
    "receipt",
    "certificate",
    "event-ticket",
    "social-card",
    "product-banner",
);

static GALLERY: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entries = PARTS.iter().filter_map(|&(id, source, about, preview)| {
        let about = serde_json::from_str(about);
        let about = about.inspect_err(
            |error| tracing::error!(id, %error, "a template of the gallery is broken"),
        );
        Some(Entry {
            id,
            source,
            preview,
            about: about.ok()?,
        })
    });
    entries.collect()
});

#[cfg(test)]
mod tests;
