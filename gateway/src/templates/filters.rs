//! Filters, tests and functions of Nunjucks that minijinja lacks or has otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use minijinja::value::{Kwargs, Object, Rest, Value, ValueKind};
use minijinja::{Environment, Error, State};

use super::functions::{shown, wrong};
use super::moment::Moment;

pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("platen_length", length);
    environment.add_filter("platen_pairs", pairs);
    environment.add_filter("date", date);
    environment.add_filter("dump", dump);
    environment.add_filter("nl2br", nl2br);
    environment.add_filter("striptags", striptags);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordcount", wordcount);
    environment.add_filter("center", center);
    environment.add_filter("forceescape", force_escape);
    environment.add_filter("round", round);
    environment.add_filter("platen_sort", minijinja::filters::sort);
    environment.add_filter("sort", sort);
    environment.add_filter("sum", sum);
    environment.add_test("platen_nullish", is_nullish);
    environment.add_test("null", Value::is_none);
    environment.add_test("truthy", Value::is_true);
    environment.add_test("falsy", is_falsy);
    environment.add_function("joiner", joiner);
    environment.add_function("cycler", cycler);
}

/// A number as JavaScript prints it: `2`, not `2.0`. None for what is no fraction.
pub(super) fn plain_number(value: &Value) -> Option<String> {
    if !value.is_number() || value.is_integer() {
        return None;
    }
    let number = f64::try_from(value.clone()).ok()?;
    Some(if number.is_finite() {
        format!("{number}")
    } else if number.is_nan() {
        "NaN".to_owned()
    } else {
        (if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
        .to_owned()
    })
}

fn is_falsy(value: &Value) -> bool {
    !value.is_true()
}

fn wordcount(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Escapes what is marked as safe too.
fn force_escape(state: &mut State<'_, '_>, text: String) -> Result<Value, Error> {
    state.apply_filter("escape", &[Value::from(text)])
}

fn joiner(separator: Option<Value>) -> Value {
    Value::from_object(Joiner {
        separator: separator.unwrap_or_else(|| Value::from(",")),
        is_used: AtomicBool::new(false),
    })
}

fn cycler(Rest(items): Rest<Value>) -> Value {
    Value::from_object(Cycler {
        items,
        next: AtomicUsize::new(0),
    })
}

fn is_nullish(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Undefined | ValueKind::None)
}

/// `.length`: the field of that name, or how many there are; undefined for what has none.
fn length(value: &Value) -> Value {
    if value.kind() == ValueKind::Map {
        return value.get_attr("length").unwrap_or(Value::UNDEFINED);
    }
    let counted = value.len().filter(|_| {
        matches!(
            value.kind(),
            ValueKind::String | ValueKind::Seq | ValueKind::Iterable
        )
    });
    counted.map_or(Value::UNDEFINED, Value::from)
}

/// What `for key, value in …` goes over: the fields of a map, or a list of lists.
fn pairs(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    if value.kind() == ValueKind::Map {
        return state.apply_filter("items", std::slice::from_ref(value));
    }
    if is_nullish(value) {
        return Ok(Value::from(Vec::<Value>::new()));
    }
    Ok(value.clone())
}

/// A date by a pattern of moment.js, `MMMM D, YYYY` unless one is given.
fn date(value: &Value, pattern: Option<String>) -> Result<String, Error> {
    if is_nullish(value) {
        return Ok(String::new());
    }
    let pattern = pattern.unwrap_or_else(|| "MMMM D, YYYY".to_owned());
    Ok(Moment::of(value)?.format(&pattern))
}

/// JSON, as text: Nunjucks escapes it unless it is marked safe.
fn dump(state: &mut State<'_, '_>, value: &Value, indent: Option<usize>) -> Result<Value, Error> {
    let Some(indent) = indent else {
        let json = serde_json::to_string(value);
        let unsaid = |error| {
            Error::new(minijinja::ErrorKind::BadSerialization, "no JSON").with_source(error)
        };
        return json.map(Value::from).map_err(unsaid);
    };
    let arguments = [value.clone(), Value::from(indent.min(10))];
    let json = state.apply_filter("tojson", &arguments)?;
    // It writes these so that its own text needs no escaping.
    let text = json.as_str().unwrap_or_default();
    let text = text.replace("\\u003c", "<").replace("\\u003e", ">");
    Ok(Value::from(
        text.replace("\\u0026", "&").replace("\\u0027", "'"),
    ))
}

/// Line breaks as `<br />`; what is not safe is escaped.
fn nl2br(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    if is_nullish(value) {
        return Ok(Value::from(""));
    }
    let escaped = state.apply_filter("escape", std::slice::from_ref(value))?;
    let text = escaped.as_str().unwrap_or_default();
    let text = text.replace("\r\n", "\n").replace('\n', "<br />\n");
    Ok(Value::from_safe_string(text))
}

/// The text without tags and comments, its white space joined.
fn striptags(value: &Value) -> String {
    let (mut bare, mut rest) = (String::new(), value.as_str().unwrap_or_default());
    while let Some((before, after)) = rest.split_once('<') {
        bare.push_str(before);
        rest = after;
        if !after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!')) {
            bare.push('<');
            continue;
        }
        let end = if after.starts_with("!--") { "-->" } else { ">" };
        let Some((_, behind)) = after.split_once(end) else {
            bare.push('<');
            break;
        };
        rest = behind;
    }
    bare.push_str(rest);
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters, 255 by default; whole words unless `killwords` is true.
fn truncate(
    text: &Value,
    length: Option<usize>,
    kill_words: Option<bool>,
    end: Option<&str>,
) -> Value {
    let Some(text) = text.as_str() else {
        return text.clone();
    };
    let length = length.unwrap_or(255);
    let Some((cut, _)) = text.char_indices().nth(length) else {
        return Value::from(text);
    };
    let mut kept = text.get(..cut).unwrap_or(text);
    if kill_words != Some(true) {
        kept = kept
            .rfind(' ')
            .and_then(|space| kept.get(..space))
            .unwrap_or(kept);
    }
    Value::from(format!("{kept}{}", end.unwrap_or("...")))
}

fn center(text: &str, width: Option<usize>) -> Result<String, Error> {
    const WIDEST: usize = 1000;
    let width = width.unwrap_or(80);
    if width > WIDEST {
        return Err(wrong(format!("center goes up to {WIDEST} characters")));
    }
    let room = width.saturating_sub(text.chars().count());
    let left = room / 2 + room % 2;
    Ok(format!(
        "{}{text}{}",
        " ".repeat(left),
        " ".repeat(room - left)
    ))
}

/// Rounds half away from zero, as people do; minijinja rounds half to even.
fn round(value: &Value, digits: Option<i32>, method: Option<&str>) -> Result<Value, Error> {
    let number = number(value).ok_or_else(|| wrong(format!("can't round {}", shown(value))))?;
    let digits = digits.unwrap_or(0).clamp(-15, 15);
    let factor = 10_f64.powi(digits);
    let scaled = number * factor;
    // The nearest double of 1.005 is less than it: what is meant is what is printed.
    let scaled: f64 = format!("{scaled:.9}").parse().unwrap_or(scaled);
    let rounded = match method.unwrap_or("common") {
        "common" => scaled.round(),
        "ceil" => scaled.ceil(),
        "floor" => scaled.floor(),
        other => {
            return Err(wrong(format!(
                "round knows the methods \"common\", \"ceil\" and \"floor\", not {other:?}"
            )));
        }
    };
    Ok(Value::from(rounded / factor))
}

/// Nunjucks' order of arguments: reverse, case-sensitive, attribute.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine gives keywords to who takes them like this"
)]
fn sort(
    state: &mut State<'_, '_>,
    value: &Value,
    Rest(arguments): Rest<Value>,
    keywords: Kwargs,
) -> Result<Value, Error> {
    const ORDER: [&str; 3] = ["reverse", "case_sensitive", "attribute"];
    let mut given = Vec::with_capacity(ORDER.len());
    let mut arguments = arguments.into_iter();
    for name in ORDER {
        let argument = match arguments.next() {
            Some(argument) => Some(argument),
            None => keywords.get::<Option<Value>>(name)?,
        };
        given.extend(
            argument
                .filter(|argument| !is_nullish(argument))
                .map(|argument| (name, argument)),
        );
    }
    keywords.assert_all_used()?;
    if given.is_empty() {
        return original(state, "sort", value, Vec::new());
    }
    let named: Kwargs = given.into_iter().collect();
    original(state, "sort", value, vec![named.into()])
}

/// Nunjucks' order of arguments: attribute, start.
fn sum(
    state: &mut State<'_, '_>,
    value: &Value,
    attribute: Option<Value>,
    start: Option<Value>,
) -> Result<Value, Error> {
    charge(state, value)?;
    let mut total = start.map_or(Some(0.0), |start| number(&start));
    let attribute = attribute.and_then(|name| name.as_str().map(str::to_owned));
    for item in value.try_iter()? {
        let part = match &attribute {
            Some(name) => item.get_attr(name)?,
            None => item,
        };
        total = total.zip(number(&part)).map(|(total, part)| total + part);
        if total.is_none() {
            return Err(wrong(format!("can't add {}", shown(&part))));
        }
    }
    Ok(Value::from(total.unwrap_or(0.0)))
}

fn original(
    state: &mut State<'_, '_>,
    filter: &str,
    value: &Value,
    arguments: Vec<Value>,
) -> Result<Value, Error> {
    let all: Vec<Value> = std::iter::once(value.clone()).chain(arguments).collect();
    state.apply_filter(&format!("platen_{filter}"), &all)
}

/// Takes fuel for going once through a text or a list.
pub(super) fn charge(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    let size = match value.as_str() {
        Some(text) => text.len() / 64,
        None => value.len().unwrap_or(0),
    };
    state.consume_fuel(u64::try_from(size).unwrap_or(u64::MAX))
}

/// A number, or a text that is one.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => f64::try_from(value.clone())
            .ok()
            .filter(|_| value.is_number()),
    }
}

/// Gives nothing at first and its separator from then on.
#[derive(Debug)]
struct Joiner {
    separator: Value,
    is_used: AtomicBool,
}

impl Object for Joiner {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        let is_used = self.is_used.swap(true, Ordering::Relaxed);
        Ok(if is_used {
            self.separator.clone()
        } else {
            Value::from("")
        })
    }
}

/// Gives its items in turn, by `next()`.
#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    next: AtomicUsize,
}

impl Object for Cycler {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "next" => {
                let at = self.next.fetch_add(1, Ordering::Relaxed);
                let item = at
                    .checked_rem(self.items.len())
                    .and_then(|at| self.items.get(at));
                Ok(item.cloned().unwrap_or(Value::UNDEFINED))
            }
            "reset" => {
                self.next.store(0, Ordering::Relaxed);
                Ok(Value::UNDEFINED)
            }
            _ => Err(minijinja::ErrorKind::UnknownMethod.into()),
        }
    }
}

#[cfg(test)]
mod tests;
