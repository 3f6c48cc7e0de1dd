//! A typed cursor over the fields of a request, which knows its path and so what to say of a value that
//! is wrong. Shared by the dialects.

#[cfg(test)]
pub(crate) mod asked;

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::invalid::Invalid;

/// An object and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The whole request.
    pub(crate) const fn root(map: &'a Map<String, Value>) -> Self {
        Self {
            path: String::new(),
            map,
        }
    }

    /// A field that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<Field<'a>> {
        #[cfg(test)]
        asked::note(&self.path_of(name));
        self.there(name)
    }

    fn there(&self, name: &str) -> Option<Field<'a>> {
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        Some(Field {
            path: self.path_of(name),
            value,
        })
    }

    /// Reads a field that may be absent.
    pub(crate) fn maybe<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Field<'a>) -> Result<T, Invalid>,
    ) -> Result<Option<T>, Invalid> {
        self.get(name).as_ref().map(read).transpose()
    }

    /// Reads a field that must be there; `expected` says what it must be.
    pub(crate) fn require<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&Field<'a>) -> Result<T, Invalid>,
    ) -> Result<T, Invalid> {
        self.maybe(name, read)?
            .ok_or_else(|| self.invalid(name, format!("is missing; it must be {expected}")))
    }

    /// A boolean that is false when absent.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Invalid> {
        Ok(self.maybe(name, Field::boolean)?.unwrap_or(false))
    }

    /// Whether a field is there with the value null.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(Value::is_null)
    }

    /// Every field that is not null.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        #[cfg(test)]
        asked::note(&self.path_of("*"));
        self.map
            .keys()
            .filter_map(|name| Some((name.as_str(), self.there(name)?)))
    }

    /// The complaint about one field; `predicate` goes on after its name.
    pub(crate) fn invalid(&self, name: &str, predicate: impl AsRef<str>) -> Invalid {
        Invalid::new(&self.path_of(name), predicate)
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            return name.to_owned();
        }
        format!("{}.{name}", self.path)
    }
}

/// A value that is not null, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    /// The value as it came.
    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    /// Where it stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The complaint about this value; `predicate` goes on after the field's name.
    pub(crate) fn invalid(&self, predicate: impl AsRef<str>) -> Invalid {
        Invalid::new(&self.path, predicate)
    }

    /// The complaint that this value is not what was expected.
    pub(crate) fn unlike(&self, expected: &str) -> Invalid {
        self.invalid(format!("must be {expected}, not {}", shown(self.value)))
    }

    /// A boolean.
    pub(crate) fn boolean(&self) -> Result<bool, Invalid> {
        self.value
            .as_bool()
            .ok_or_else(|| self.unlike("a boolean, true or false"))
    }

    /// A string of any length.
    pub(crate) fn text(&self) -> Result<&'a str, Invalid> {
        self.value.as_str().ok_or_else(|| self.unlike("a string"))
    }

    /// A string that is not empty, has at most `most` bytes and no control characters.
    pub(crate) fn line(&self, most: usize) -> Result<&'a str, Invalid> {
        let text = self.text()?;
        if text.is_empty() {
            return Err(self.invalid("must not be empty"));
        }
        if text.len() > most {
            let length = text.len();
            return Err(self.invalid(format!("must be at most {most} bytes long, not {length}")));
        }
        if text.chars().any(char::is_control) {
            return Err(self.invalid("must not contain line breaks or other control characters"));
        }
        Ok(text)
    }

    /// One of these words, in any case.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Invalid> {
        let text = self.text()?;
        let found = words
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.unlike(&format!("one of {}", words.join(", ")))
        })
    }

    /// A whole number in a range.
    pub(crate) fn whole<T>(&self, range: RangeInclusive<T>) -> Result<T, Invalid>
    where
        T: Copy + Display + PartialOrd + TryFrom<u64>,
    {
        let number = whole(self.value).and_then(|number| T::try_from(number).ok());
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (least, most) = (range.start(), range.end());
                self.unlike(&format!("a whole number from {least} to {most}"))
            })
    }

    /// A number in a range.
    pub(crate) fn number(&self, range: RangeInclusive<f64>) -> Result<f64, Invalid> {
        let number = self.value.as_f64();
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (least, most) = (range.start(), range.end());
                self.unlike(&format!("a number from {least} to {most}"))
            })
    }

    /// An object.
    pub(crate) fn object(&self) -> Result<Fields<'a>, Invalid> {
        let map = self
            .value
            .as_object()
            .ok_or_else(|| self.unlike("an object"))?;
        Ok(Fields {
            path: self.path.clone(),
            map,
        })
    }

    /// A list of at most `most` items.
    pub(crate) fn list(&self, most: usize) -> Result<Vec<Self>, Invalid> {
        let items = self.value.as_array().ok_or_else(|| self.unlike("a list"))?;
        if items.len() > most {
            let count = items.len();
            return Err(self.invalid(format!("must have at most {most} items, not {count}")));
        }
        let item = |(index, value)| Self {
            path: format!("{}[{index}]", self.path),
            value,
        };
        Ok(items.iter().enumerate().map(item).collect())
    }
}

/// The value as a whole number; JSON's `2.0` and `2e0` are whole too.
fn whole(value: &Value) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    format!("{number:.0}").parse().ok()
}

/// A value as an error message shows it: short, and on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::String(text) if text.chars().count() <= 60 => format!("{text:?}"),
        Value::String(_) => "a long string".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
