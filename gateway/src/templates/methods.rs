//! The methods of JavaScript's texts, numbers and lists that templates call most.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::filters::{charge, number, plain_number};
use super::functions::wrong;

/// The most bytes that padding, repeating and joining make.
const LONGEST: usize = 100_000;

/// Calls a method that the value itself does not have.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    for part in std::iter::once(value).chain(arguments) {
        charge(state, part)?;
    }
    // These may make much of little: the engine's own filters see to it that they don't.
    let all = |text: Value| -> Vec<Value> {
        std::iter::once(text)
            .chain(arguments.iter().cloned())
            .collect()
    };
    match (value.kind(), method) {
        (ValueKind::String, "replaceAll") => {
            return state.apply_filter("replace", &all(value.clone()));
        }
        (ValueKind::Seq, "join") if arguments.is_empty() => {
            return state.apply_filter("join", &[value.clone(), Value::from(",")]);
        }
        (ValueKind::Seq, "join") => return state.apply_filter("join", &all(value.clone())),
        (_, "toString") => return state.apply_filter("string", std::slice::from_ref(value)),
        _ => {}
    }
    let found = match (value.kind(), value.as_str()) {
        (_, Some(text)) => of_text(text, method, arguments)?,
        (ValueKind::Number, _) => of_number(value, method, arguments)?,
        (ValueKind::Seq, _) => of_list(value, method, arguments)?,
        _ => None,
    };
    found.ok_or_else(|| {
        Error::new(
            ErrorKind::UnknownMethod,
            format!(
                "a value of the kind {} has no method `{method}` here",
                value.kind()
            ),
        )
    })
}

fn of_text(text: &str, method: &str, arguments: &[Value]) -> Result<Option<Value>, Error> {
    let first = || arguments.first().map(text_of).unwrap_or_default();
    Ok(Some(match method {
        "toUpperCase" => Value::from(text.to_uppercase()),
        "toLowerCase" => Value::from(text.to_lowercase()),
        "trim" => Value::from(text.trim()),
        "trimStart" => Value::from(text.trim_start()),
        "trimEnd" => Value::from(text.trim_end()),
        "includes" => Value::from(text.contains(&first())),
        "startsWith" => Value::from(text.starts_with(&first())),
        "endsWith" => Value::from(text.ends_with(&first())),
        "indexOf" => {
            let at = text.find(&first());
            let characters = at
                .and_then(|at| text.get(..at))
                .map(|before| before.chars().count());
            characters.map_or(Value::from(-1), Value::from)
        }
        "charAt" => {
            let at = index(arguments, 0, 0);
            Value::from(
                text.chars()
                    .skip(at.unsigned_abs())
                    .take(1)
                    .collect::<String>(),
            )
        }
        "split" => split(text, arguments),
        "slice" | "substring" => {
            let (start, end) = span(text.chars().count(), method == "slice", arguments);
            Value::from(
                text.chars()
                    .skip(start)
                    .take(end - start)
                    .collect::<String>(),
            )
        }
        "replace" => Value::from(text.replacen(&first(), &nth_text(arguments, 1), 1)),
        "concat" => {
            let rest = arguments.iter().map(text_of);
            bounded(text.len() + rest.clone().map(|part| part.len()).sum::<usize>())?;
            Value::from(
                std::iter::once(text.to_owned())
                    .chain(rest)
                    .collect::<String>(),
            )
        }
        "repeat" => {
            let times = index(arguments, 0, 0).unsigned_abs();
            bounded(times.saturating_mul(text.len()))?;
            Value::from(text.repeat(times))
        }
        "padStart" | "padEnd" => pad(text, method, arguments)?,
        _ => return Ok(None),
    }))
}

fn split(text: &str, arguments: &[Value]) -> Value {
    let Some(separator) = arguments.first().map(text_of) else {
        return Value::from(vec![text.to_owned()]);
    };
    if separator.is_empty() {
        return text.chars().map(|c| Value::from(c.to_string())).collect();
    }
    text.split(&separator)
        .map(|part| Value::from(part.to_owned()))
        .collect()
}

fn pad(text: &str, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    let width = index(arguments, 0, 0).unsigned_abs();
    bounded(width)?;
    let fill = match arguments.get(1) {
        Some(fill) => text_of(fill),
        None => " ".to_owned(),
    };
    let missing = width.saturating_sub(text.chars().count());
    let padding: String = fill.chars().cycle().take(missing).collect();
    Ok(Value::from(match method {
        "padStart" => format!("{padding}{text}"),
        _ => format!("{text}{padding}"),
    }))
}

fn of_number(value: &Value, method: &str, arguments: &[Value]) -> Result<Option<Value>, Error> {
    let Some(number) = number(value) else {
        return Ok(None);
    };
    match method {
        "toFixed" => {
            let digits = index(arguments, 0, 0);
            let digits = usize::try_from(digits).ok().filter(|digits| *digits <= 100);
            let digits = digits.ok_or_else(|| wrong("toFixed takes 0 to 100 digits".to_owned()))?;
            Ok(Some(Value::from(format!("{number:.digits$}"))))
        }
        _ => Ok(None),
    }
}

fn of_list(value: &Value, method: &str, arguments: &[Value]) -> Result<Option<Value>, Error> {
    let items = || value.try_iter().map(Iterator::collect::<Vec<Value>>);
    let position = |items: &[Value]| {
        // Comparing lists of lists may take for ever.
        let is_plain = |value: &Value| value.as_str().is_some() || value.is_number();
        let wanted = arguments.first().filter(|wanted| is_plain(wanted))?;
        items
            .iter()
            .position(|item| is_plain(item) && item == wanted)
    };
    Ok(Some(match method {
        "includes" => Value::from(position(&items()?).is_some()),
        "indexOf" => position(&items()?).map_or(Value::from(-1), Value::from),
        "slice" => {
            let items = items()?;
            let (start, end) = span(items.len(), true, arguments);
            items.into_iter().skip(start).take(end - start).collect()
        }
        "concat" => {
            let mut all = items()?;
            for more in arguments {
                if more.kind() == ValueKind::Seq {
                    all.extend(more.try_iter()?);
                } else {
                    all.push(more.clone());
                }
            }
            all.into_iter().collect()
        }
        _ => return Ok(None),
    }))
}

/// Start and end of a part, as `slice` counts (from the end where negative) or as `substring` does.
fn span(length: usize, from_end: bool, arguments: &[Value]) -> (usize, usize) {
    let place = |at: usize, absent: usize| {
        let Some(argument) = arguments.get(at).and_then(number) else {
            return absent;
        };
        let whole = index(&[Value::from(argument)], 0, 0);
        let place = whole.unsigned_abs();
        match whole {
            0.. => place.min(length),
            _ if from_end => length.saturating_sub(place),
            _ => 0,
        }
    };
    let (start, end) = (place(0, 0), place(1, length));
    if from_end {
        (start, end.max(start))
    } else {
        (start.min(end), start.max(end))
    }
}

/// An argument as a whole number.
fn index(arguments: &[Value], at: usize, absent: isize) -> isize {
    let number = arguments.get(at).and_then(number).map(f64::trunc);
    number.map_or(absent, |number| {
        format!("{:.0}", number.clamp(-1e9, 1e9))
            .parse()
            .unwrap_or(absent)
    })
}

fn nth_text(arguments: &[Value], at: usize) -> String {
    arguments.get(at).map(text_of).unwrap_or_default()
}

/// A value as JavaScript makes a text of it.
fn text_of(value: &Value) -> String {
    // How long the text of a list gets, nobody knows beforehand.
    let is_plain = matches!(
        value.kind(),
        ValueKind::String | ValueKind::Number | ValueKind::Bool
    );
    if !is_plain {
        return String::new();
    }
    plain_number(value).unwrap_or_else(|| value.to_string())
}

fn bounded(length: usize) -> Result<(), Error> {
    if length > LONGEST {
        return Err(wrong(format!(
            "the text would be longer than {LONGEST} bytes"
        )));
    }
    Ok(())
}
