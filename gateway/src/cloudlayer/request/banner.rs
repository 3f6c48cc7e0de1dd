//! Headers and footers of a PDF (reference 6.7).

use std::collections::BTreeMap;

use common::task::{Banner, BannerSource, Margins};

use super::fields::{Field, Fields};
use super::page::selector;
use super::{Invalid, css, dimension, markup};

/// The longest template, in bytes.
const TEMPLATE_LIMIT: usize = 32 * 1024;

/// The most properties of one style.
const MOST_PROPERTIES: usize = 64;

#[derive(Clone, Copy)]
enum Method {
    Template,
    Extract,
}

/// Reads a header or footer; an empty template is none.
pub(super) fn read(field: &Field<'_>) -> Result<Option<Banner>, Invalid> {
    let fields = field.object()?;
    let method = fields.maybe("method", |field| {
        field.word(&[
            ("text", Method::Template),
            ("template", Method::Template),
            ("extract", Method::Extract),
        ])
    })?;
    let source = match method.unwrap_or(Method::Template) {
        Method::Template => template(&fields)?.map(BannerSource::Template),
        Method::Extract => {
            let expected = "the CSS selector of the element to extract";
            let selector = fields.require("selector", expected, selector)?;
            Some(BannerSource::Extract(selector))
        }
    };
    let margin = |field: &Field<'_>| dimension::margins(field, Margins::default());
    let margin = fields.maybe("margin", margin)?;
    let container = fields.maybe("style", style)?.unwrap_or_default();
    let image_style = fields.maybe("imageStyle", style)?.unwrap_or_default();
    Ok(source.map(|source| Banner {
        source,
        margin,
        style: container,
        image_style,
    }))
}

/// The template under either of its names.
fn template(fields: &Fields<'_>) -> Result<Option<String>, Invalid> {
    let both = ["template", "templateString"];
    let name = both.into_iter().find(|name| fields.get(name).is_some());
    let expected = "the HTML to print (or send `method: \"extract\"` and a `selector`)";
    fields.require(name.unwrap_or("template"), expected, |field| {
        let text = field.text()?;
        if text.len() > TEMPLATE_LIMIT {
            let predicate = format!("must be at most {} KiB long", TEMPLATE_LIMIT / 1024);
            return Err(field.invalid(predicate));
        }
        markup::check(text).map_err(|fault| field.invalid(fault))?;
        Ok(Some(text.to_owned()).filter(|text| !text.trim().is_empty()))
    })
}

fn style(field: &Field<'_>) -> Result<BTreeMap<String, String>, Invalid> {
    let fields = field.object()?;
    if fields.entries().count() > MOST_PROPERTIES {
        return Err(field.invalid(format!("must have at most {MOST_PROPERTIES} properties")));
    }
    fields
        .entries()
        .map(|(name, field)| property(name, &field))
        .collect()
}

fn property(name: &str, field: &Field<'_>) -> Result<(String, String), Invalid> {
    let value = match field.value().as_number() {
        Some(number) => number.to_string(),
        None => field.text()?.trim().to_owned(),
    };
    css::check_declaration(name, &value).map_err(|fault| field.invalid(fault))?;
    Ok((name.to_owned(), value))
}
