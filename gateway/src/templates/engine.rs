//! Makes a document of a template and its data, in bounds: what a template can do costs fuel, so neither
//! loops nor recursion nor long texts get far, and nothing outside of the data can be read.

use std::io;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::dialect::{Translated, translate};
use super::error::TemplateError;
use super::{filters, functions, methods};

/// The most bytes of a template that is sent along.
pub(crate) const TEMPLATE_LIMIT: usize = 1024 * 1024;

/// The most bytes of the document, as for HTML that is sent.
pub(crate) const OUTPUT_LIMIT: usize = 10 * 1024 * 1024;

/// One for each step of a template and for each 64 bytes that it makes; items and comparisons cost too. An
/// invoice of a thousand rows takes about a tenth.
const FUEL: u64 = 500_000;

/// Macros inside of macros.
const RECURSION_LIMIT: usize = 60;

/// The name of the template in the engine's eyes.
const NAME: &str = "template";

/// Makes the document.
pub(crate) fn render(source: &str, data: Value) -> Result<String, TemplateError> {
    let translated = understood(source)?;
    let environment = environment();
    let failed = |error: &Error| place(error, source, &translated);
    let template = environment
        .template_from_named_str(NAME, &translated.text)
        .map_err(|error| failed(&error))?;
    let mut document = Bounded(Vec::new());
    template
        .render_captured_to(data, &mut document)
        .map_err(|error| failed(&error))?;
    // The engine writes texts only.
    Ok(String::from_utf8_lossy(&document.0).into_owned())
}

/// Says whether a template can be understood, without running it.
pub(crate) fn check(source: &str) -> Result<(), TemplateError> {
    let translated = understood(source)?;
    let environment = environment();
    let compiled = environment.template_from_named_str(NAME, &translated.text);
    compiled
        .map(drop)
        .map_err(|error| place(&error, source, &translated))
}

fn understood(source: &str) -> Result<Translated, TemplateError> {
    translate(source).map_err(|excess| TemplateError::at(excess.message, source, excess.offset))
}

fn environment<'a>() -> Environment<'a> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION_LIMIT);
    // For the places in errors.
    environment.set_debug(true);
    // It would show all of the data.
    environment.remove_global("debug");
    environment.set_formatter(|out, state, value| {
        if matches!(value.kind(), ValueKind::Undefined | ValueKind::None) {
            return Ok(());
        }
        if value.kind() == ValueKind::Bool {
            return Ok(out.write_str(if value.is_true() { "true" } else { "false" })?);
        }
        match filters::plain_number(value) {
            Some(number) => Ok(out.write_str(&number)?),
            None => minijinja::escape_formatter(out, state, value),
        }
    });
    environment.set_unknown_method_callback(methods::call);
    filters::add(&mut environment);
    functions::add(&mut environment);
    environment
}

/// Bytes, up to the limit.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What an error says to whoever wrote the template.
fn place(error: &Error, source: &str, translated: &Translated) -> TemplateError {
    // A macro's error stands inside of the call's.
    let mut innermost = error;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause.and_then(|cause| cause.downcast_ref::<Error>()) {
        innermost = inner;
        cause = std::error::Error::source(inner);
    }
    let kind = innermost.kind();
    if kind == ErrorKind::WriteFailure {
        let most = OUTPUT_LIMIT / (1024 * 1024);
        let message = format!("makes a document of more than {most} MiB");
        return TemplateError::without_place(message);
    }
    let message = if kind == ErrorKind::OutOfFuel {
        "takes more work than a template may: loop over fewer items, or build shorter texts"
            .to_owned()
    } else if kind == ErrorKind::TemplateNotFound {
        "can't include, import or extend other templates; put all of it into one".to_owned()
    } else if let Some(detail) = innermost.detail() {
        format!("{kind}: {}", detail.replace("platen_", ""))
    } else {
        kind.to_string()
    };
    let offset = innermost
        .range()
        .map(|range| translated.origin(range.start));
    match offset {
        Some(offset) => TemplateError::at(message, source, offset),
        None => TemplateError::in_line(message, innermost.line()),
    }
}

#[cfg(test)]
mod tests;
