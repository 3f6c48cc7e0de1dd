//! Character references in attributes, as far as they can hide a `url(…)` of CSS.

/// The named references that CSS could be written with. No other name stands for a character of `url(`,
/// of an escape, or of what may follow it.
const NAMED: &[(&str, char)] = &[
    ("amp;", '&'),
    ("apos;", '\''),
    ("bsol;", '\\'),
    ("lpar;", '('),
    ("quot;", '"'),
    ("rpar;", ')'),
];

/// The value (in lower case) with these references resolved, and with every numeric one.
pub(super) fn resolved(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let (character, tail) = reference(after).unwrap_or(('&', after));
        text.push(character);
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// The character that a reference stands for, and what follows it.
fn reference(text: &str) -> Option<(char, &str)> {
    let Some(number) = text.strip_prefix('#') else {
        let found = NAMED.iter().find(|(name, _)| text.starts_with(name));
        return found.map(|(name, character)| (*character, &text[name.len()..]));
    };
    let (digits, radix) = number
        .strip_prefix('x')
        .map_or((number, 10), |hex| (hex, 16));
    let end = digits
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(digits.len());
    let (digits, tail) = digits.split_at(end);
    if digits.is_empty() {
        return None;
    }
    // Leading zeros may be many, and a number that is too high is a replacement character.
    let code = u32::from_str_radix(digits.trim_start_matches('0'), radix).ok();
    let character = code
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    // The semicolon may be missing.
    Some((character, tail.strip_prefix(';').unwrap_or(tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_found_however_it_is_written() {
        for value in [
            "url(a)",
            "&#117;rl(a)",
            "&#x75;rl&lpar;a&rpar;",
            "&#117rl(a)",
            "&#0000000000000117;r&#x6c;(a)",
        ] {
            assert_eq!(resolved(value), "url(a)", "{value}");
        }
        assert_eq!(
            resolved("&#99999999999;&#;&#xg;&bsol;&b"),
            "\u{fffd}&#;&#xg;\\&b"
        );
        assert_eq!(resolved("&amp;quot;"), "&quot;");
    }
}
