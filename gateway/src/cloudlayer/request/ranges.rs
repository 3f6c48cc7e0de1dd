//! Page ranges such as `1-5, 8, 11-13` (reference 6.4).

use std::fmt;

use super::Invalid;
use super::fields::Field;

/// The highest page number.
const LAST: u32 = 1_000_000;

/// The most ranges of one request.
const MOST: usize = 100;

/// Reads ranges and gives them in order, without overlaps; empty means all pages.
pub(super) fn read(field: &Field<'_>) -> Result<String, Invalid> {
    let text = field.text()?;
    let refused = |what: &str| {
        field.invalid(format!(
            "must be page numbers and ranges such as `1-5, 8, 11-13`; {what}"
        ))
    };
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let mut pages = Vec::new();
    for part in text.split(',') {
        if pages.len() == MOST {
            return Err(refused(&format!("at most {MOST} of them")));
        }
        let part = part.trim();
        pages.push(Range::parse(part).map_err(|fault| refused(&fault.about(part)))?);
    }
    let pages: Vec<_> = merged(pages).iter().map(ToString::to_string).collect();
    Ok(pages.join(", "))
}

/// Pages from the first to the last, both included; without a last one, to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    first: u32,
    last: Option<u32>,
}

/// What is wrong with a range.
enum Fault {
    Empty,
    NotNumber,
    Zero,
    TooHigh,
    Backwards,
}

impl Fault {
    fn about(&self, part: &str) -> String {
        let short: String = part.chars().take(40).collect();
        match self {
            Self::Empty => "there is nothing between two commas".to_owned(),
            Self::NotNumber => format!("{short:?} is neither"),
            Self::Zero => format!("the first page is 1, and {short:?} asks for page 0"),
            Self::TooHigh => format!("{short:?} goes beyond page {LAST}"),
            Self::Backwards => format!("{short:?} runs backwards"),
        }
    }
}

impl Range {
    /// `8`, `1-5`, `3-` (to the end) or `-3` (from the start).
    fn parse(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let Some((first, last)) = text.split_once('-') else {
            let page = page(text)?;
            return Ok(Self {
                first: page,
                last: Some(page),
            });
        };
        let (first, last) = match (first.trim(), last.trim()) {
            ("", "") => return Err(Fault::NotNumber),
            ("", last) => (1, Some(page(last)?)),
            (first, "") => (page(first)?, None),
            (first, last) => (page(first)?, Some(page(last)?)),
        };
        if last.is_some_and(|last| last < first) {
            return Err(Fault::Backwards);
        }
        Ok(Self { first, last })
    }
}

fn page(text: &str) -> Result<u32, Fault> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::NotNumber);
    }
    match text.parse() {
        Ok(0) => Err(Fault::Zero),
        Ok(page) if page <= LAST => Ok(page),
        Ok(_) | Err(_) => Err(Fault::TooHigh),
    }
}

/// In order, with ranges that overlap made one.
fn merged(mut pages: Vec<Range>) -> Vec<Range> {
    pages.sort_unstable();
    let mut merged: Vec<Range> = Vec::new();
    for next in pages {
        match merged.last_mut() {
            Some(before) if before.last.is_none_or(|last| next.first <= last) => {
                let both = before.last.zip(next.last);
                before.last = both.map(|(one, other)| one.max(other));
            }
            _ => merged.push(next),
        }
    }
    merged
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
            None => write!(f, "{}-", self.first),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::super::fields::Fields;
    use super::*;

    fn parsed(text: &str) -> Result<String, Invalid> {
        let map: Map<_, _> = [("pageRanges".to_owned(), Value::from(text))]
            .into_iter()
            .collect();
        Fields::root(&map)
            .maybe("pageRanges", read)
            .map(Option::unwrap)
    }

    #[test]
    fn ranges_come_out_in_order_and_apart() {
        for (text, expected) in [
            ("1-5, 8, 11-13", "1-5, 8, 11-13"),
            ("8,1-5", "1-5, 8"),
            (" 2 - 4 ,3-6", "2-6"),
            ("1-9,2-3", "1-9"),
            ("-3", "1-3"),
            ("7-, 9, 2", "2, 7-"),
            ("007", "7"),
            ("", ""),
            ("  ", ""),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, reason) in [
            ("9-2", "\"9-2\" runs backwards"),
            ("0", "page 0"),
            ("1-2, x", "\"x\" is neither"),
            ("1,,2", "between two commas"),
            ("-", "is neither"),
            ("1-2-3", "is neither"),
            ("1.5", "is neither"),
            ("+1", "is neither"),
            ("99999999999", "beyond page 1000000"),
        ] {
            let invalid = parsed(text).unwrap_err();
            assert!(invalid.message.contains(reason), "{text}: {invalid}");
            assert!(invalid.message.contains("`1-5, 8, 11-13`"), "{invalid}");
            assert_eq!(invalid.field, "pageRanges");
        }
    }

    fn pages(text: &str) -> BTreeSet<u32> {
        let ranges = text
            .split(", ")
            .map(|part| Range::parse(part).ok().unwrap());
        ranges
            .flat_map(|range| range.first..=range.last.unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn the_same_pages_come_out_and_stay(ranges in prop::collection::vec((1..50_u32, 0..9_u32), 1..20)) {
            let texts: Vec<_> = ranges.iter().map(|(first, more)| format!("{first}-{}", first + more)).collect();
            let text = texts.join(", ");
            let normal = parsed(&text).unwrap();
            prop_assert_eq!(pages(&normal), pages(&text));
            prop_assert_eq!(parsed(&normal).unwrap(), normal);
        }
    }
}
