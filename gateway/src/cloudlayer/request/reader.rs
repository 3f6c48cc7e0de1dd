//! What the page is told about its reader: an extension of ours, in no reference.

use common::task::{ColorScheme, Geolocation, Reader};

use super::Invalid;
use super::fields::{Field, Fields};

/// The longest language tag, in bytes.
const TAG_LIMIT: usize = 35;

/// The largest radius of a place, in metres.
const FARTHEST: f64 = 1_000_000.0;

/// Reads `colorScheme`, `locale` and `geolocation`.
pub(super) fn read(fields: &Fields<'_>) -> Result<Reader, Invalid> {
    let schemes = &[("light", ColorScheme::Light), ("dark", ColorScheme::Dark)];
    Ok(Reader {
        color_scheme: fields.maybe("colorScheme", |field| field.word(schemes))?,
        locale: fields.maybe("locale", locale)?,
        geolocation: fields.maybe("geolocation", geolocation)?,
    })
}

/// A language tag in the form that browsers write; `de_DE` is understood too.
fn locale(field: &Field<'_>) -> Result<String, Invalid> {
    let tag = field.text()?.replace('_', "-");
    let mut parts = tag.split('-');
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let language = parts.next().unwrap_or_default();
    let is_language = (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let fits = |part: &str| (2..=8).contains(&part.len()) && plain(part);
    if tag.len() > TAG_LIMIT || !is_language || !parts.all(fits) {
        return Err(field.unlike("a language tag, such as `de-DE`"));
    }
    Ok(tag)
}

fn geolocation(field: &Field<'_>) -> Result<Geolocation, Invalid> {
    let fields = field.object()?;
    let degrees = |name, most: f64| {
        let expected = format!("a number of degrees from -{most} to {most}");
        fields.require(name, &expected, |field| field.number(-most..=most))
    };
    let accuracy = fields.maybe("accuracy", |field| field.number(0.0..=FARTHEST))?;
    Ok(Geolocation {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
        accuracy: accuracy.unwrap_or(0.0),
    })
}
