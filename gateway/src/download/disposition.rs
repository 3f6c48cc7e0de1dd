//! `Content-Disposition` (RFC 6266) with file names that callers chose.

use std::fmt::Write as _;

use http::HeaderValue;

/// `inline`, or `attachment` with the name; a name beyond plain ASCII comes in both spellings.
pub(crate) fn header(inline: bool, name: &str) -> HeaderValue {
    if inline {
        return HeaderValue::from_static("inline");
    }
    let fallback: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    let mut text = format!("attachment; filename=\"{fallback}\"");
    if fallback != name {
        text.push_str("; filename*=UTF-8''");
        text.push_str(&percent_encoded(name));
    }
    // Both spellings are visible ASCII, so this does not fail.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// The name of a result's thumbnail: `document.pdf` gives `document-preview.webp`.
pub(crate) fn preview_name(name: &str, extension: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}-preview.{extension}")
}

/// Safe inside a quoted string for every client: no quotes, no escapes, no path separators.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~')
        && !matches!(
            c,
            '"' | '\\' | '/' | '%' | ':' | '*' | '?' | '<' | '>' | '|'
        )
}

/// RFC 8187: everything but the attribute characters.
fn percent_encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a `String` does not fail.
            let _written = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        assert_eq!(header(false, name).to_str().unwrap(), expected);
    }

    #[test]
    fn a_plain_name_is_quoted() {
        check("a b.pdf", "attachment; filename=\"a b.pdf\"");
        assert_eq!(header(true, "a.pdf"), "inline");
    }

    #[test]
    fn no_name_can_break_out_of_its_quotes() {
        check(
            "Café\r\n\"x\".pdf",
            "attachment; filename=\"Caf____x_.pdf\"; filename*=UTF-8''Caf%C3%A9%0D%0A%22x%22.pdf",
        );
        check(
            "../a%2f\\b",
            "attachment; filename=\".._a_2f_b\"; filename*=UTF-8''..%2Fa%252f%5Cb",
        );
    }

    #[test]
    fn a_preview_is_named_after_its_result() {
        assert_eq!(
            preview_name("document.pdf", "webp"),
            "document-preview.webp"
        );
        assert_eq!(preview_name("plain", "png"), "plain-preview.png");
    }
}
